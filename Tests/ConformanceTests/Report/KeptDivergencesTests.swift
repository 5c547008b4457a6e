import Foundation
import Testing

@testable import Conformance

@Suite struct KeptDivergencesTests {
  static let list = """
    format: skein-kept
    version: 1
    kept:
      - case: "twisted/x"
        reactor: poll
        event: 7
        allowed: {kind: "outcome", seen: "port-1.getHost raised attribute"}
        reason: "the original reads a descriptor that it has closed"
    """

  /// A folder with a list and a trace beside it.
  static func withFolder<Result>(_ list: String, _ body: (_ folder: String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "skein-kept-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try list.write(to: folder.appending(path: "kept.yaml"), atomically: true, encoding: .utf8)
    try "format: skein-trace\n".write(to: folder.appending(path: "x.yaml"), atomically: true, encoding: .utf8)
    return try body(folder.path)
  }

  static func result(_ verdict: Verdict, _ backEnd: String = "poll") -> CaseResult {
    CaseResult(file: "x.yaml", name: "twisted/x", backEnd: backEnd, verdict: verdict)
  }

  static func divergence(event: Int = 7, kind: String = "outcome", seen: String = "port-1.getHost raised attribute")
    -> Verdict
  {
    .diverged(Divergence(kind: kind, event: event, required: "something else", seen: seen))
  }

  @Test func `a divergence that an entry allows is kept with its reason`() throws {
    try Self.withFolder(Self.list) { folder in
      var kept = try KeptDivergences.forTraces(["\(folder)/x.yaml"], named: nil)
      #expect(
        kept.apply(to: Self.result(Self.divergence())).verdict
          == .kept("the original reads a descriptor that it has closed"))
      #expect(kept.faults(afterRunning: ["\(folder)/x.yaml"], names: ["twisted/x"]).isEmpty)
    }
  }

  @Test(arguments: [
    divergence(event: 8), divergence(kind: "arguments"), divergence(seen: "port-1.getHost raised runtime"),
  ])
  func `another divergence of the same case is not kept, and the entry is changed`(_ verdict: Verdict) throws {
    try Self.withFolder(Self.list) { folder in
      var kept = try KeptDivergences(path: "\(folder)/kept.yaml")
      #expect(kept.apply(to: Self.result(verdict)).verdict == verdict)
      #expect(
        kept.faults(afterRunning: [], names: ["twisted/x"]).first?.hasPrefix("changed: twisted/x on poll") == true)
    }
  }

  @Test func `an entry for one back end says nothing of another`() throws {
    try Self.withFolder(Self.list) { folder in
      var kept = try KeptDivergences(path: "\(folder)/kept.yaml")
      #expect(kept.apply(to: Self.result(Self.divergence(), "epoll")).verdict == Self.divergence())
      #expect(kept.faults(afterRunning: [], names: ["twisted/x"]).isEmpty)
    }
  }

  @Test func `an entry whose case agrees is unneeded`() throws {
    try Self.withFolder(Self.list) { folder in
      var kept = try KeptDivergences(path: "\(folder)/kept.yaml")
      #expect(kept.apply(to: Self.result(.agrees)).verdict == .agrees)
      #expect(kept.faults(afterRunning: [], names: ["twisted/x"]).first?.hasPrefix("unneeded: twisted/x") == true)
    }
  }

  @Test func `an entry is needed when one of several runs differs`() throws {
    try Self.withFolder(Self.list) { folder in
      var kept = try KeptDivergences(path: "\(folder)/kept.yaml")
      _ = kept.apply(to: Self.result(.agrees))
      _ = kept.apply(to: Self.result(Self.divergence()))
      #expect(kept.faults(afterRunning: [], names: ["twisted/x"]).isEmpty)
    }
  }

  @Test func `an entry whose case is nowhere is stale when the whole folder was run`() throws {
    try Self.withFolder(Self.list) { folder in
      let kept = try KeptDivergences(path: "\(folder)/kept.yaml")
      #expect(kept.faults(afterRunning: ["\(folder)/x.yaml"], names: ["twisted/y"]).first?.hasPrefix("stale:") == true)
      #expect(kept.faults(afterRunning: [], names: ["twisted/y"]).isEmpty)
    }
  }

  @Test func `without a list nothing is kept`() throws {
    let kept = try KeptDivergences.forTraces(["/nowhere/at/all/x.yaml"], named: nil)
    #expect(kept.entries.isEmpty)
  }

  @Test(arguments: [
    ("format: skein-trace\nversion: 1\nkept: []", "format"), ("format: skein-kept\nversion: 2\nkept: []", "version"),
    ("format: skein-kept\nversion: 1\nkept: 3", "kept"),
    ("format: skein-kept\nversion: 1\nkept: [{case: \"x\", allowed: {kind: \"a\", seen: \"b\"}}]", "kept[0].reason"),
    ("format: skein-kept\nversion: 1\nkept: [{case: \"x\", why: \"y\"}]", "kept[0]"),
  ])
  func `a malformed list is refused by its field`(_ text: String, _ field: String) throws {
    try Self.withFolder(text) { folder in
      let error = #expect(throws: TraceError.self) { try KeptDivergences(path: "\(folder)/kept.yaml") }
      #expect(error?.field == field)
      #expect(error?.file == "\(folder)/kept.yaml")
    }
  }
}
