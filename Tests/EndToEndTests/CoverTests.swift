import Foundation
import Testing

/// `trace-replay corpus cover` as its user sees it.
@Suite struct CoverTests {
  static let folder = Tool.traces + "/test_tcp/TCP4Connector"

  @Test func `it tells what traces cover, and which rules they show`() throws {
    let tool = try Tool("corpus", "cover", Self.folder)
    #expect(tool.status == 0, "\(tool.complaint)")
    #expect(tool.lines.contains("call connector.getDestination"))
    #expect(tool.lines.contains { $0.hasPrefix("call reactor.listenUDP") } == false)
    #expect(tool.lines.contains { $0.hasPrefix("4 traces cover ") })
    #expect(tool.lines.contains { $0.hasPrefix("F34: `scenarios/write_after_lose` ") })
  }

  @Test func `with --json the traces have names`() throws {
    let tool = try Tool("corpus", "cover", Self.folder, "--json")
    #expect(tool.status == 0)
    let report = try JSONSerialization.jsonObject(with: Data(tool.output.utf8)) as? [String: Any]
    let cells = try #require(report?["cells"] as? [[String: Any]])
    let cell = cells.first { $0["member"] as? String == "call connector.getDestination" }
    #expect((cell?["traces"] as? [String])?.contains("twisted/test_tcp/TCP4Connector/connectorIdentity") == true)
  }

  @Test func `a witness that shows something else fails with file, rule and field`() throws {
    let list = """
      format: skein-rules
      version: 1
      rules:
        L34: {says: "a", traces: [{trace: "nowhere.yaml", event: 1, shows: "*"}]}
      """
    try withFile("rules.yaml", Data(list.utf8)) { rules in
      let tool = try Tool("corpus", "cover", Self.folder, "--rules", rules)
      #expect(tool.status == 1)
      #expect(tool.complaint.contains("\(rules): rules.L34.traces[0].trace: expected a trace that can be read"))
    }
    try withFile("rules.yaml", Data("format: skein-rules\nversion: 1\nrules: 7\n".utf8)) { rules in
      let tool = try Tool("corpus", "cover", Self.folder, "--rules", rules)
      #expect(tool.status == 3)
      #expect(tool.complaint.contains("rules.yaml:1: rules: expected a mapping of rules"))
    }
  }
}
