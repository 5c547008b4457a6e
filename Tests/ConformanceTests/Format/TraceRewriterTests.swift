import Testing

import Conformance

/// Hand-edited files become canonical ones.
@Suite struct TraceRewriterTests {
  private func rewritten(_ text: String) throws -> String {
    let sink = MemorySink()
    try TraceFile(bytes: Array(text.utf8), name: "edited").write(to: sink)
    return String(decoding: sink.bytes, as: UTF8.self)
  }

  private let echo = FormatFixtures.text(FormatFixtures.good.first { $0.hasSuffix("/echo.yaml") } ?? "")

  @Test func `spacing, quotes, remarks and block style are made canonical`() throws {
    var lines = echo.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let features = try #require(lines.firstIndex { $0.hasPrefix("features:") })
    lines[features] = "features:\n- reactor"
    let second = try #require(lines.firstIndex { $0.hasPrefix("--- {n: 2,") })
    lines[second] = "# a remark\n\n--- { n: 2,  at: 20, in: 1, back: 'factory-1.doStart' }"
    let edited = lines.joined(separator: "\n")
    #expect(try rewritten(edited) == echo)
  }

  @Test func `an end that follows its own line at once is folded into it`() throws {
    var lines = echo.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let getHost = try #require(lines.firstIndex { $0.hasPrefix("--- {n: 3,") })
    let line = lines[getHost]
    let outcome = ", gives: {ipv4: [\"127.0.0.1\", {port: p-1}]}}"
    #expect(line.hasSuffix(outcome))
    lines[getHost] = line.dropLast(outcome.count) + "}\n--- {end: 3, at: 41" + outcome
    #expect(try rewritten(lines.joined(separator: "\n")) == echo)
  }

  @Test func `an end is folded once: a second one stays and is refused`() throws {
    let twice = echo.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("--- {n: 13,") ? line + "\n--- {end: 13, at: 1, gives: 1}\n--- {end: 13, at: 2}" : String(line)
    }
    let text = try rewritten(twice.joined(separator: "\n"))
    #expect(text.contains("{end: 13, at: 2}"))
    let error = #expect(throws: TraceError.self) { try TraceValidator.validate(bytes: Array(text.utf8)) }
    #expect(error?.code == .nesting)
  }

  @Test func `a string that has to be a word and is none is refused by its line`() {
    let edited = echo.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("--- {n: 2,") ? "--- {n: 2, in: 1, at: 20, back: \"two words\"}" : String(line)
    }
    let error = #expect(throws: TraceError.self) { _ = try rewritten(edited.joined(separator: "\n")) }
    #expect(error?.code == .type)
    #expect(error?.field == "back")
    #expect(error?.line == 9)
    #expect(error?.file == "edited")
  }
}
