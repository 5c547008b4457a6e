import Foundation
import Testing

/// Traces that nobody should trust: each gets one line that names the file, the line and what was expected.
@Suite struct HostileTraceTests {
  static let header = """
    format: skein-trace
    version: 1
    features: [reactor]
    title: "hostile"
    producer: {name: nobody, version: "0"}
    started: "2026-01-01T00:00:00Z"

    """

  static let traces: [(name: String, body: Data, line: Int, words: [String])] = [
    ("truncated", Data("--- {n: 1, at: 0, call: reactor-1.run}\n".utf8), 8, ["eof", "truncated"]),
    ("cut in a line", Data("--- {n: 1, at: 0, call: rea".utf8), 7, ["truncated"]),
    (
      "oversized", Data("--- {n: 1, at: 0, note: \"".utf8) + Data(repeating: UInt8(ascii: "x"), count: 17 << 20), 7,
      ["line-too-long"]
    ),
    (
      "deeply nested",
      Data("--- {n: 1, at: 0, call: reactor-1.run, args: ".utf8) + Data(repeating: UInt8(ascii: "["), count: 100_000)
        + Data("\n".utf8), 7, ["too-deep"]
    ),
    ("alias", Data("--- {n: 1, at: 0, note: *a}\n".utf8), 7, ["alias"]),
    ("anchor", Data("--- {n: 1, at: 0, note: &a \"x\"}\n".utf8), 7, ["anchor"]),
    ("wrong tag", Data("--- {n: 1, at: 0, note: !!python/object:os.system \"x\"}\n".utf8), 7, ["tag"]),
    ("not UTF-8", Data("--- {n: 1, at: 0, note: \"".utf8) + Data([0xFF, 0xFE]) + Data("\"}\n".utf8), 7, ["not-ascii"]),
    ("steering the terminal", Data("--- {n: 1, at: 0, \u{1B}]0;x\u{7}: 1}\n".utf8), 7, []),
    (
      "a bomb",
      Data("--- {n: 1, at: 0, call: reactor-1.stop, args: {data: {repeat: [!!binary \"eA==\", 9000000000]}}}\n".utf8),
      7,
      []
    ),
  ]

  @Test(arguments: traces.indices, ["check", "validate", "show"])
  func `a hostile trace is refused with one line`(index: Int, command: String) throws {
    let (name, body, line, words) = Self.traces[index]
    try withFile("hostile.yaml", Data(Self.header.utf8) + body) { path in
      let tool = try Tool(command, path)
      #expect(tool.status == 3, "\(name): \(tool.output)\(tool.complaint)")
      let said = (tool.output + tool.complaint).split(separator: "\n").filter { $0.contains("hostile.yaml") }
      let reason = try #require(said.first, "\(name): nothing is said of it")
      if command != "show" || !["truncated", "cut in a line"].contains(name) {
        #expect(reason.contains("hostile.yaml:\(line)"), "\(name): \(reason)")
        for word in words { #expect(reason.contains(word), "\(name): \(reason)") }
      }
      #expect(reason.utf8.count < 1_000)
      #expect(!(tool.output + tool.complaint).contains("\u{1B}"))
    }
  }

  @Test func `a file that is no trace is refused`() throws {
    try withFile("hostile.yaml", Data("name: something else\n".utf8)) { path in
      let tool = try Tool("check", path)
      #expect(tool.status == 3)
      #expect(tool.output.contains("not-a-trace"))
    }
  }
}
