import Conformance
import Foundation
import Testing

/// Whole replays, in workers, as a user makes them.
@Suite(.serialized) struct CheckTests {
  static let names = [
    "test_tcp/TCP4Client/disconnectWhileProducing", "test_tcp/TCP4Client/protocolGarbageAfterLostConnection",
    "test_tcp/TCP4Client/clientConnectionFailedStopsReactor", "test_tcp/TCPConnection/doubleHalfClose",
    "test_tcp/TCPPort/serverGetPeerOnIPv4", "programs/line_echo", "wild/line_server",
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

  @Test func `reactors over memory agree too, and what needs the system's own sockets says so`() throws {
    let tool = try Tool("check", Tool.traces + "/test_tcp", "--reactor", "all", "--io", "memory", "--json")
    #expect(tool.status == 0, "\(tool.output)\(tool.complaint)")
    let values = try tool.lines.map { try JSON(parsing: String($0)) }
    let verdicts = try #require(values.last?["summary"]?["verdicts"])
    #expect(try #require(verdicts["agrees"]?.int) >= 130, "\(verdicts)")
    #expect(verdicts["diverged"] == 0)
    let reasons = values.compactMap { $0["verdict"] == "not run here" ? $0["reason"]?.string : nil }
    #expect(!reasons.isEmpty)
    #expect(reasons.allSatisfy { $0.contains("system's own") || $0.contains("thread") || $0.contains("process") })
  }

  @Test func `servers that were recorded while clients in other processes talked to them agree`() throws {
    let folder = Tool.traces + "/wild"
    let tool = try Tool("check", folder, "--reactor", "all", "--shuffle", "1..3", "--busy")
    #expect(tool.status == 0, "\(tool.output)\(tool.complaint)")
    let traces = try FileManager.default.contentsOfDirectory(atPath: folder).count
    #expect(traces >= 4)
    #expect(tool.lines.last?.hasPrefix("\(traces) traces, \(6 * traces) runs: \(6 * traces) agrees, 0 kept") == true)
  }

  @Test func `other bytes than a server wrote, received by a peer outside, diverge`() throws {
    let trace = try String(contentsOfFile: Tool.traces + "/wild/line_server.yaml", encoding: .utf8)
    let received = "peer: peer-1.receive, gives: !!binary \"T05FClRXTwo=\""
    #expect(trace.contains(received))
    let altered = trace.replacing(received, with: received.replacing("T05F", with: "T05G"))
    try withFile("altered.yaml", Data(altered.utf8)) { path in
      let tool = try Tool("check", path)
      #expect(tool.status == 1)
      #expect(tool.output.contains("peer peer-1.receive gives") && tool.output.contains("outcome"))
    }
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

  /// Writes every mutant of one kind that expects something else of the reactor into a folder.
  private static func writeMutants(of kind: Mutant.Kind, to folder: URL) throws {
    for name in names {
      let trace = try TraceFile(path: "\(Tool.traces)/\(name).yaml")
      try Mutant.forEach(of: trace, kinds: [kind]) { mutant in
        guard mutant.equivalent == nil, !mutant.isStimulus else { return }
        let sink = MemorySink()
        let writer = try TraceWriter(header: trace.header, to: sink)
        for (_, event) in mutant.trace.events { try writer.write(event) }
        try writer.finish()
        // An alteration that leaves references to what is gone is no trace: the validator's business.
        guard (try? TraceValidator.validate(bytes: sink.bytes)) != nil else { return }
        let what = "\(name), event \(mutant.n), \(mutant.what)".replacing("/", with: "∕")
        try Data(sink.bytes).write(to: folder.appending(path: "\(what).yaml"))
      }
    }
  }

  @Test(arguments: Mutant.Kind.allCases.filter { !$0.altersTheRun })
  func `a trace altered in any way fails, and the report names the event`(kind: Mutant.Kind) throws {
    try withFolder { folder in
      try Self.writeMutants(of: kind, to: folder)
      let tool = try Tool("check", folder.path, "--timeout", "1", "--json")
      #expect(tool.status == 1, "\(tool.complaint)")
      let results = try tool.lines.map { try JSON(parsing: String($0)) }.filter { $0["verdict"] != nil }
      #expect(results.count == (try FileManager.default.contentsOfDirectory(atPath: folder.path).count))
      #expect(!results.isEmpty, "no trace gives rise to it")
      for result in results {
        let divergence = result["divergence"]
        var named = [divergence?["event"], result["awaited"]]
        if case .array(let context)? = divergence?["context"] { named += context.map { $0["event"] } }
        #expect(result["verdict"] == "diverged" || result["verdict"] == "hung", "\(result.text)")
        #expect(named.contains { $0 != nil }, "\(result.text)")
      }
    }
  }

  @Test func `a divergence is told in a dozen lines`() throws {
    let trace = try String(contentsOfFile: Tool.traces + "/test_tcp/TCP4Client/connectEvent.yaml", encoding: .utf8)
    let lost = "back: protocol-2.connectionLost, args: {reason: {error: lost}}"
    let altered = trace.replacing(lost, with: lost.replacing("lost}", with: "done}"))
    try withFile("altered.yaml", Data(altered.utf8)) { path in
      let tool = try Tool("check", path)
      #expect(tool.status == 1)
      #expect(tool.lines.count <= 14)
      for words in [
        "✗ twisted/test_tcp/TCP4Client/connectEvent", "arguments", "altered.yaml:",
        "protocol-2.connectionLost(reason=lost)", "twisted.internet.test.test_tcp", "trace-replay check",
      ] {
        #expect(tool.output.contains(words), "\(words) is missing in\n\(tool.output)")
      }
    }
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
