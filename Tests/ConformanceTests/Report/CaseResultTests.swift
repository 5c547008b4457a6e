import Testing

@testable import Conformance

@Suite struct CaseResultTests {
  static let divergence = Divergence(
    kind: "order", event: 7, line: 19, edge: "strand connection 4", required: "event 7 must come after event 6",
    seen: "protocol-1.connectionLost(reason=done)",
    context: [
      Divergence.Line(.same, event: 5, depth: 1, text: "transport-1.write(data=b\"hello\")"),
      Divergence.Line(.expected, event: 6, depth: 1, text: "protocol-1.dataReceived(data=b\"hello\")"),
      Divergence.Line(.seen, event: nil, depth: 1, text: "protocol-1.connectionLost(reason=done)"),
    ], source: "twisted.internet.test.test_tcp.test_hello")

  static let verdicts: [Verdict] = [
    .agrees, .kept("the original is broken"), .diverged(divergence),
    .crashed("signal 11", open: ["reactor-1.run()"]),
    .hung(open: ["reactor-1.run()", "protocol-1.dataReceived()"], awaited: "7 protocol-1.connectionLost()"),
    .hung(open: [], awaited: nil),
    .notRun("no network"), .unreadable("x.yaml:3: n: expected 2, found 3 [order]"),
  ]

  static func result(_ verdict: Verdict) -> CaseResult {
    CaseResult(
      file: "Traces/x.yaml", name: "twisted/x", backEnd: "poll", shuffleSeed: UInt64.max, round: 3, verdict: verdict,
      consumed: 12, expected: 20, freedoms: ["chunks": 2, "join": 1], seconds: 0.25)
  }

  @Test(arguments: verdicts)
  func `a result survives the way from the worker to its parent`(_ verdict: Verdict) throws {
    let result = Self.result(verdict)
    #expect(CaseResult(json: try JSON(parsing: result.json.text)) == result)
  }

  @Test(arguments: verdicts)
  func `a report of one result is short and safe to print`(_ verdict: Verdict) {
    let report = TextReport()
    let lines = [report.line(Self.result(verdict))] + report.details(Self.result(verdict))
    #expect(lines.count <= 12)
    for line in lines { #expect(!line.contains("\u{1B}") && !line.contains("\n")) }
  }

  @Test func `a divergence tells where, what was expected, what happened and where it comes from`() {
    let report = TextReport()
    let text =
      ([report.line(Self.result(.diverged(Self.divergence)))] + report.details(Self.result(.diverged(Self.divergence))))
      .joined(separator: "\n")
    for part in [
      "event 7 of 20", "strand connection 4", "Traces/x.yaml:19", "-     6", "protocol-1.dataReceived", "+",
      "protocol-1.connectionLost(reason=done)", "Required: event 7", "Source: twisted.internet.test",
      "trace-replay check Traces/x.yaml --reactor poll --shuffle \(UInt64.max)",
    ] { #expect(text.contains(part), "\(part) is missing in\n\(text)") }
  }

  @Test func `text from a trace cannot steer a terminal`() {
    var divergence = Self.divergence
    divergence.seen = "\u{1B}]0;owned\u{7}\r\n::error::\u{202E}"
    let lines = TextReport().details(Self.result(.diverged(divergence)))
    #expect(lines.contains { $0.contains("\\x1b]0;owned\\x07\\r\\n::error::\\u202e") })
  }

  @Test func `a summary counts everything once`() {
    var summary = CheckSummary()
    for verdict in Self.verdicts { summary.add(Self.result(verdict)) }
    #expect(summary.results == Self.verdicts.count)
    #expect(summary.consumed == 12 * Self.verdicts.count)
    #expect(summary.freedoms == ["chunks": 16, "join": 8])
    #expect(summary.isFailure)
    let line = summary.lines.joined()
    for word in ["1 agrees", "1 kept", "1 diverged", "1 crashed", "2 hung", "1 not run here", "1 unreadable"] {
      #expect(line.contains(word))
    }
  }

  @Test(arguments: [Verdict.agrees, .kept("a reason"), .notRun("a reason")])
  func `a run without failures does not fail`(_ verdict: Verdict) {
    var summary = CheckSummary()
    summary.add(Self.result(verdict))
    #expect(!summary.isFailure)
  }

  @Test func `a fault of the kept list fails the run`() {
    var summary = CheckSummary()
    summary.add(Self.result(.agrees))
    summary.keptFaults = ["stale: there is no case x"]
    #expect(summary.isFailure)
  }
}
