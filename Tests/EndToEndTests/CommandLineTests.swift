import Conformance
import Foundation
import Testing

/// The command line as its user sees it: what it prints, where, and how it exits.
@Suite struct CommandLineTests {
  static let connectEvent = Tool.traces + "/test_tcp/TCP4Client/connectEvent.yaml"

  @Test func `help names every command and shows examples`() throws {
    let tool = try Tool("--help")
    #expect(tool.status == 0)
    for word in ["check", "compare", "show", "validate", "fmt", "trace-replay check Traces", "Exit status"] {
      #expect(tool.output.contains(word), "\(word) is missing")
    }
    for command in ["check", "compare", "show", "validate", "fmt"] {
      let help = try Tool(command, "--help")
      #expect(help.status == 0)
      #expect(help.output.contains("Example"))
      #expect(help.output.contains("--json"))
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func `completions are written for each shell`(shell: String) throws {
    let tool = try Tool("--generate-completion-script", shell)
    #expect(tool.status == 0)
    #expect(tool.output.contains("trace-replay"))
  }

  @Test(arguments: [
    ["check"], ["check", "--reactor", "kqueue", "x.yaml"], ["check", "--repeat", "0", connectEvent],
    ["check", "--shuffle", "5..1", connectEvent], ["check", "--timeout", "0", connectEvent], ["compare", "one.yaml"],
    ["nonsense"], ["validate", "/no/such/*.yaml"],
  ])
  func `a wrong command line exits with 2 and says why on standard error`(arguments: [String]) throws {
    let tool = try run(arguments)
    #expect(tool.status == 2)
    #expect(tool.output.isEmpty)
    #expect(!tool.complaint.isEmpty)
  }

  private func run(_ arguments: [String]) throws -> Tool {
    switch arguments.count {
    case 1: try Tool(arguments[0])
    case 2: try Tool(arguments[0], arguments[1])
    default: try Tool(arguments[0], arguments[1], arguments[2], arguments[3])
    }
  }

  @Test func `fmt writes what a person has spelled otherwise as a writer would, and leaves what it cannot read`() throws
  {
    let canonical = try Data(contentsOf: URL(filePath: Self.connectEvent))
    let spelled = Data(String(decoding: canonical, as: UTF8.self).replacing("--- {n: ", with: "---  {n:  ").utf8)
    try withFile("spelled.yaml", spelled) { path in
      #expect(try Tool("validate", path).status == 3)
      let tool = try Tool("fmt", path)
      #expect(tool.status == 0)
      #expect(tool.output == "1 traces, 1 rewritten, 0 invalid\n")
      #expect(try Data(contentsOf: URL(filePath: path)) == canonical)
    }
    let cut = Data(canonical.dropLast(10))
    try withFile("cut.yaml", cut) { path in
      let tool = try Tool("fmt", path)
      #expect(tool.status == 3)
      #expect(tool.complaint.contains("cut.yaml") && tool.complaint.contains("[truncated]"))
      #expect(try Data(contentsOf: URL(filePath: path)) == cut)
      #expect(!FileManager.default.fileExists(atPath: path + ".part"))
    }
  }

  @Test func `a folder without a trace selects nothing`() throws {
    let tool = try Tool("check", Tool.root.appending(path: "Tests/EndToEndTests").path)
    #expect(tool.status == 2)
    #expect(tool.complaint.contains("no trace in"))
  }

  @Test func `a trace is shown as a tree`() throws {
    let tool = try Tool("show", Self.connectEvent)
    #expect(tool.status == 0)
    #expect(tool.lines.contains { $0.hasPrefix("case") && $0.contains("twisted/test_tcp/TCP4Client/connectEvent") })
    #expect(tool.lines.contains { $0.contains("→ reactor-1.run()") })
    #expect(tool.lines.contains { $0.contains("  ← factory-2.buildProtocol(addr=127.0.0.1:p-1) gives protocol-") })
    #expect(!tool.output.contains("\u{1B}"), "no colour where there is no terminal")
  }

  @Test func `a trace is shown as JSON, an event a line`() throws {
    let tool = try Tool("show", "--json", Self.connectEvent)
    #expect(tool.status == 0)
    let values = try tool.lines.map { try JSON(parsing: String($0)) }
    #expect(values.first?["header"]?["format"] == "skein-trace")
    #expect(values.dropFirst().contains { $0["call"] == "reactor-1.run" })
  }

  @Test func `valid traces are counted`() throws {
    let tool = try Tool("validate", Tool.traces + "/test_tcp/TCP4Client")
    #expect(tool.status == 0)
    #expect(tool.lines.last?.contains("0 invalid") == true)
  }

  @Test func `a trace compares equal with itself and different from another`() throws {
    let same = try Tool("compare", Self.connectEvent, Self.connectEvent)
    #expect(same.status == 0)
    let other = try Tool("compare", Self.connectEvent, Tool.traces + "/test_tcp/TCP4Client/interface.yaml")
    #expect(other.status == 1)
    #expect(other.output.contains("Required:"))
    #expect(!other.output.contains("again:"))
    let json = try Tool("compare", "--json", Self.connectEvent, Self.connectEvent)
    #expect(try JSON(parsing: String(json.lines[0]))["verdict"] == "agrees")
  }
}
