import Glibc
import Testing

@testable import Conformance

/// Both implementations judge the same files alike: the good ones, the bad ones, the corpus.
@Suite struct TraceFilesTests {
  @Test func `there are good and bad files`() {
    #expect(FormatFixtures.good.count >= 6)
    #expect(FormatFixtures.bad.count >= 100)
  }

  @Test(arguments: FormatFixtures.good)
  func `a good file validates and is written back byte for byte`(path: String) throws {
    try expectRoundTrip(path)
  }

  @Test(.enabled(if: !FormatFixtures.corpus.isEmpty, "there are no traces yet"), arguments: FormatFixtures.corpus)
  func `a trace of the corpus validates and is written back byte for byte`(path: String) throws {
    try expectRoundTrip(path)
  }

  private func expectRoundTrip(_ path: String) throws {
    let events = try TraceValidator.validate(path: path)
    let file = try TraceFile(path: path)
    #expect(file.events.count { $0.event.end == nil } == events)
    let sink = MemorySink()
    let writer = try TraceWriter(header: file.header, to: sink)
    for (_, event) in file.events { try writer.write(event) }
    let eof = try #require(file.eof)
    try writer.finish(
      open: eof["open"]?.int ?? 0, lost: eof["lost"]?.int ?? 0,
      opaque: Set(eof["opaque"]?.list?.compactMap(\.text) ?? []))
    #expect(sink.bytes == FormatFixtures.bytes(path))
  }

  @Test(arguments: FormatFixtures.bad)
  func `a bad file is refused in one line that names its place`(bad: FormatFixtures.Bad) throws {
    var limits = TraceLimits()
    limits.file = bad.limits["file"] ?? limits.file
    limits.line = bad.limits["line"] ?? limits.line
    limits.header = bad.limits["header"] ?? limits.header
    limits.value = bad.limits["value"] ?? limits.value
    limits.total = bad.limits["total"] ?? limits.total
    limits.events = bad.limits["events"] ?? limits.events
    let error = try #require(throws: TraceError.self) { try TraceValidator.validate(path: bad.path, limits: limits) }
    #expect(error.line == bad.line)
    #expect(error.field == bad.field)
    #expect(error.code.rawValue == bad.code)
    let text = error.description
    #expect(text.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    #expect(text.utf8.count < 1000)
    #expect(text.hasPrefix("\(bad.path):\(bad.line):"))
  }

  @Test func `a file cut anywhere gives every whole event before the cut`() throws {
    let path = try #require(FormatFixtures.good.first { $0.hasSuffix("/echo.yaml") })
    let whole = FormatFixtures.bytes(path)
    for cut in stride(from: 0, to: 2400, by: 97) {
      let bytes = Array(whole.prefix(cut))
      let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
      let expected = lines.count { $0.starts(with: "--- ".utf8) }
      var found = 0
      let error = #expect(throws: TraceError.self) {
        var reader = try TraceReader(bytes: bytes)
        while try reader.next() != nil { found += 1 }
      }
      #expect(found == expected)
      #expect(error?.code == (cut > 7 ? .truncated : .notATrace))
      if expected > 0 {
        #expect(try TraceFile(bytes: bytes, allowsTruncated: true).events.count == expected)
      }
    }
  }

  @Test(arguments: ["[", "{a: ", "[{a: ", "\"x\", ["])
  func `a deep line is refused before libyaml sees it`(bracket: String) {
    let head = "format: skein-trace\nversion: 1\n--- {n: 1, note: "
    let bytes = Array((head + String(repeating: bracket, count: 50_000) + "\n").utf8)
    let error = #expect(throws: TraceError.self) {
      var reader = try TraceReader(bytes: bytes)
      while try reader.next() != nil {}
    }
    #expect(error?.code == .tooDeep || error?.code == .syntax)
    #expect(error?.line == 3)
  }

  @Test func `a line of any length is read no further than the limit`() throws {
    var limits = TraceLimits()
    limits.line = 1_000_000
    // A device that never ends and holds no newline stands in for an endless line.
    let error = #expect(throws: TraceError.self) { _ = try TraceReader(path: "/dev/zero", limits: limits) }
    #expect(error?.code == .headerTooLong || error?.code == .notATrace)
    let head = Array("format: skein-trace\nversion: 1\n--- {".utf8)
    let long = #expect(throws: TraceError.self) {
      var reader = try TraceReader(
        bytes: head + [UInt8](repeating: UInt8(ascii: "x"), count: 2_000_000), limits: limits)
      while try reader.next() != nil {}
    }
    #expect(long?.code == .lineTooLong)
  }

  @Test func `a file that is not there is unreadable and named`() {
    let error = #expect(throws: TraceError.self) { _ = try TraceReader(path: "/nowhere/at/all.yaml") }
    #expect(error?.code == .unreadable)
    #expect(error?.file == "/nowhere/at/all.yaml")
  }

  @Test func `a tree holds each crossing with what happened inside it`() throws {
    let path = try #require(FormatFixtures.good.first { $0.hasSuffix("/echo.yaml") })
    let tree = try TraceFile(path: path).tree()
    #expect(tree.roots == [1, 3, 4, 7])
    #expect(tree[7]?.children == [8, 9, 10, 11, 14, 16, 18, 20])
    #expect(tree.walk(7).prefix(6) == [7, 8, 9, 10, 11, 12])
    let listen = try #require(tree[1])
    #expect(listen.name == "reactor-1.listenTCP")
    #expect(listen.target == "reactor-1")
    #expect(listen.method == "listenTCP")
    #expect(listen.event.gives == ["new": "port-1"])
    #expect(listen.endAt == 30)
    #expect(tree[3]?.endLine == nil)
    #expect(tree[18]?.event.raises?["error"]?.text == "application")
    #expect(!tree.crossings.contains { $0.isOpen })
    #expect(tree[0] == nil)
    #expect(tree[21] == nil)
  }

  @Test func `what a killed program left open is open`() throws {
    var tree = TraceTree()
    _ = try tree.add(["n": 1, "call": "reactor-1.run"], line: 1)
    _ = try tree.add(["n": 2, "in": 1, "back": "function-1.call"], line: 2)
    #expect(tree.crossings.map(\.isOpen) == [true, true])
    _ = try tree.add(["n": 3, "in": 1, "back": "function-1.call"], line: 3)
    #expect(tree.crossings.map(\.isOpen) == [true, false, true])
  }

  @Test func `a file sink holds what was written, a line at a time`() throws {
    let path = "/tmp/skein-format-\(UInt64.random(in: 0...UInt64.max)).yaml"
    defer { unsafe unlink(path) }
    let writer = try TraceWriter(header: ["title": "streamed"], to: FileSink(path: path))
    try writer.write(["n": 1, "call": "reactor-1.run"])
    #expect(FormatFixtures.text(path).hasSuffix("--- {n: 1, call: reactor-1.run}\n"))
    try writer.finish()
    #expect(FormatFixtures.text(path).hasSuffix("--- {eof: {events: 1, open: 0, lost: 0}}\n"))
    let error = #expect(throws: TraceError.self) {
      _ = try TraceWriter(header: ["title": "full"], to: FileSink(path: "/dev/full"))
    }
    #expect(error?.code == .unreadable)
  }
}
