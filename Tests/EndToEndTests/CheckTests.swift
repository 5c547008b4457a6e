import Conformance
import Foundation
import Testing

/// Whole replays, in workers, as a user makes them.
@Suite(.serialized) struct CheckTests {
  static let names = [
    "test_tcp/TCP4Client/disconnectWhileProducing", "test_tcp/TCP4Client/protocolGarbageAfterLostConnection",
    "test_tcp/TCP4Client/clientConnectionFailedStopsReactor", "test_tcp/TCPConnection/doubleHalfClose",
    "test_tcp/TCPPort/serverGetPeerOnIPv4", "programs/line_echo",
  ]

  @Test func `traces agree on both back ends, each with a line, and the last line counts everything`() throws {
    let folder = Tool.traces + "/test_tcp/TCP4Client"
    let tool = try Tool("check", folder, "--reactor", "all", "--repeat", "2")
    #expect(tool.status == 0, "\(tool.output)\(tool.complaint)")
    let traces = try FileManager.default.contentsOfDirectory(atPath: folder).count
    #expect(tool.lines.count == 2 * traces + 1)
    let summary = try #require(tool.lines.last)
    #expect(
      summary.hasPrefix(
        "\(traces) traces, \(4 * traces) runs: \(4 * traces) agrees, 0 kept, 0 diverged, 0 crashed, 0 hung"))
  }

  @Test func `shuffled and busy replays agree, and JSON ends with the summary`() throws {
    let tool = try Tool(
      "check", Tool.traces + "/test_tcp/TCP4Client/disconnectWhileProducing.yaml", "--shuffle", "1..3,9", "--busy",
      "--json")
    #expect(tool.status == 0, "\(tool.output)\(tool.complaint)")
    let values = try tool.lines.map { try JSON(parsing: String($0)) }
    #expect(values.first?["verdict"] == "agrees")
    #expect(values.last?["summary"]?["runs"] == 4)
    #expect(values.last?["summary"]?["verdicts"]?["agrees"] == 4)
  }

  /// Whether an alteration changes what is expected of the reactor, and not merely what the application does.
  private static func isExpectation(_ mutant: Mutant, in trace: TraceFile) throws -> Bool {
    let event = try trace.tree()[mutant.n]
    return event?.kind == .back || event?.kind == .get || mutant.kind == .outcome || mutant.kind == .tail
  }

  @Test(arguments: Mutant.Kind.allCases)
  func `a trace altered in any way fails, and the report names the event`(kind: Mutant.Kind) throws {
    var tried = 0
    for name in Self.names where tried < 6 {
      let trace = try TraceFile(path: "\(Tool.traces)/\(name).yaml")
      var ofThis = 0
      try Mutant.forEach(of: trace, kinds: [kind]) { mutant in
        guard mutant.equivalent == nil, ofThis < 2, try Self.isExpectation(mutant, in: trace) else { return }
        let sink = MemorySink()
        let writer = try TraceWriter(header: trace.header, to: sink)
        for (_, event) in mutant.trace.events { try writer.write(event) }
        try writer.finish()
        // An alteration that leaves references to what is gone is no trace: the validator's business.
        guard (try? TraceValidator.validate(bytes: sink.bytes)) != nil else { return }
        ofThis += 1
        tried += 1
        try withFile("altered.yaml", Data(sink.bytes)) { path in
          let tool = try Tool("check", path, "--timeout", "1")
          let what: Comment =
            "\(name): \(kind.rawValue) at event \(mutant.n), \(mutant.what):\n\(tool.output)\(tool.complaint)"
          #expect(tool.status == 1, what)
          #expect(tool.output.contains("event ") && tool.output.contains("altered.yaml"), what)
          #expect(tool.lines.count <= 14, what)
        }
      }
    }
    #expect(tried > 0, "no trace gives rise to it")
  }

  @Test func `a divergence that the list keeps is counted as kept, and an unneeded entry fails`() throws {
    let path = Tool.traces + "/test_tcp/TCP4Client/connectEvent.yaml"
    let list = """
      format: skein-kept
      version: 1
      kept:
        - case: "twisted/test_tcp/TCP4Client/connectEvent"
          event: 3
          allowed: {kind: "outcome", seen: "anything"}
          reason: "a reason"
      """
    try withFile("kept.yaml", Data(list.utf8)) { kept in
      let tool = try Tool("check", path, "--kept", kept)
      #expect(tool.status == 1)
      #expect(tool.output.contains("unneeded: twisted/test_tcp/TCP4Client/connectEvent, event 3 agrees"))
    }
    try withFile("kept.yaml", Data("format: skein-kept\nversion: 1\nkept: 7\n".utf8)) { kept in
      let tool = try Tool("check", path, "--kept", kept)
      #expect(tool.status == 3)
      #expect(tool.complaint.contains("kept.yaml:1: kept: expected a list"))
    }
  }
}
