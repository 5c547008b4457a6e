import Foundation
import Testing

@testable import Conformance

@Suite struct RuleCatalogueTests {
  /// A catalogue with these rules, beside a trace `x.yaml` of three events.
  private func withCatalogue<Result>(_ rules: String, _ body: (_ path: String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "skein-rules-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let trace = """
      format: skein-trace
      version: 1
      features: [reactor]
      title: "x"
      producer: {name: twisted, version: "1"}
      started: "2026-11-28T00:00:00Z"
      --- {n: 1, at: 1, call: reactor-1.callWhenRunning, args: {callable: {new: function-1}}, gives: {new: trigger-1}}
      --- {n: 2, at: 2, call: reactor-1.run}
      --- {n: 3, in: 2, turn: 0, phase: startup, at: 3, back: function-1.call, of: trigger-1}
      --- {end: 3, at: 4, raises: {error: application, class: "ValueError"}}
      --- {end: 2, at: 5}
      --- {eof: {events: 3, open: 0, lost: 0}}

      """
    try trace.write(to: folder.appending(path: "x.yaml"), atomically: true, encoding: .utf8)
    let path = folder.appending(path: "rules.yaml")
    try rules.write(to: path, atomically: true, encoding: .utf8)
    return try body(path.path)
  }

  private func catalogue(_ witness: String) -> String {
    "# It's a remark.\nformat: skein-rules\nversion: 1\nrules:\n  C1:\n    says: \"a\"\n    traces: [\(witness)]\n"
  }

  @Test(arguments: [
    (1, "call: reactor-1.callWhenRunning"), (1, "call: reactor-*.callWhenRunning*gives: {new: trigger-1}"), (1, "*"),
    (3, "back: function-1.call"), (3, "phase: startup, back: function-*.call"),
    (3, "back: function-*.call, of: trigger-1"),
    (3, "back: function-1.call*raises: {error: application*"), (2, "call: reactor-1.run"),
  ])
  func `a witness that is what it should be is found`(_ event: Int, _ shows: String) throws {
    try withCatalogue(catalogue("{trace: \"x.yaml\", event: \(event), shows: \"\(shows)\"}")) { path in
      let faults = try RuleCatalogue(path: path).faults()
      #expect(faults == [])
      let found = try RuleCatalogue.above([path.replacingOccurrences(of: "rules.yaml", with: "x.yaml")])
      #expect(found?.path == path)
    }
  }

  @Test(arguments: [
    ("y.yaml", 1, "*", "trace"), ("x.yaml", 0, "*", "event"), ("x.yaml", 4, "*", "event"),
    ("x.yaml", 2, "call: reactor-1.runs", "shows"), ("x.yaml", 2, "call: reactor-1.ru", "shows"),
    ("x.yaml", 3, "phase: io, back: function-*.call", "shows"),
    ("x.yaml", 3, "back: function-*.call, of: timer-*", "shows"),
    ("x.yaml", 1, "back: *", "shows"), ("rules.yaml", 1, "*", "trace"),
  ])
  func `one that is not is named with file, rule and field`(
    _ trace: String, _ event: Int, _ shows: String, _ field: String
  ) throws {
    try withCatalogue(catalogue("{trace: \"\(trace)\", event: \(event), shows: \"\(shows)\"}")) { path in
      let faults = try RuleCatalogue(path: path).faults()
      #expect(faults.map(\.field) == ["C1.traces[0].\(field)"])
      #expect(faults.first?.description.hasPrefix("\(path): rules.C1.traces[0].\(field): expected ") == true)
    }
  }

  @Test(arguments: [
    ("format: skein-kept\nversion: 1\nrules: {C1: {says: \"a\", none: {cause: unseen, why: \"b\"}}}", "format"),
    ("format: skein-rules\nversion: 2\nrules: {C1: {says: \"a\", none: {cause: unseen, why: \"b\"}}}", "version"),
    ("format: skein-rules\nversion: 1\nrules: [1]", "rules"),
    ("format: skein-rules\nversion: 1\nrules: {C1: 1}", "rules.C1"),
    ("format: skein-rules\nversion: 1\nrules: {C1: {none: {cause: unseen, why: \"b\"}}}", "rules.C1.says"),
    ("format: skein-rules\nversion: 1\nrules: {C1: {says: \"a\"}}", "rules.C1.traces"),
    ("format: skein-rules\nversion: 1\nrules: {C1: {says: \"a\", traces: []}}", "rules.C1.traces"),
    ("format: skein-rules\nversion: 1\nrules: {C1: {says: \"a\", seen: 1}}", "rules.C1"),
    (
      "format: skein-rules\nversion: 1\nrules: {C1: {says: \"a\", none: {cause: lazy, why: \"b\"}}}",
      "rules.C1.none.cause"
    ),
    ("format: skein-rules\nversion: 1\nrules: {C1: {says: \"a\", none: {cause: unseen}}}", "rules.C1.none.why"),
    (
      "format: skein-rules\nversion: 1\nrules: {C1: {says: \"a\", traces: [{trace: \"x.yaml\", shows: \"*\"}]}}",
      "rules.C1.traces[0].event"
    ),
  ])
  func `a malformed catalogue is refused by its field`(_ text: String, _ field: String) throws {
    try withCatalogue(text) { path in
      let error = #expect(throws: TraceError.self) { try RuleCatalogue(path: path) }
      #expect(error?.field == field)
      #expect(error?.file == path)
    }
  }

  @Test func `without a catalogue there is none`() throws {
    let found = try RuleCatalogue.above(["/nowhere/at/all/x.yaml"])
    #expect(found?.path == nil)
  }
}
