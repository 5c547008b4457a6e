import Testing

@testable import Conformance

/// Captured runs judged again, and what a self-test tells of the mutants.
@Suite struct SelfTestTests {
  private static let path = FormatFixtures.root + "/Traces/twisted-26.10.0/test_tcp/TCP4Client/connectEvent.yaml"

  /// A run of a trace in this process.
  private func capture(_ path: String) throws -> (trace: TraceFile, run: CapturedRun) {
    var found: (TraceFile, CapturedRun)?
    let result = CaseReplay.run(
      path, on: .epoll, network: nil, shuffleSeed: nil, into: EventList(), captured: { found = ($0, $1) })
    #expect(result.verdict == .agrees)
    return try #require(found)
  }

  @Test(arguments: [
    path, FormatFixtures.root + "/Traces/twisted-26.10.0/programs/line_echo.yaml",
    FormatFixtures.root + "/Traces/twisted-26.10.0/pair/scenarios/two_devices.yaml",
  ])
  func `a captured run agrees with its trace when it is judged once more`(path: String) throws {
    let (trace, run) = try capture(path)
    let recording = try Recording(trace)
    let found = PreparedJudge(recording).judgement(of: run)
    #expect(found.agrees, "\(found.told(recording))")
    #expect(found.consumed == found.expected)
    #expect(found.expected > 0)
  }

  @Test func `verdicts come through a worker's answer as they are`() throws {
    let (trace, run) = try capture(Self.path)
    let found = try #require(try MutantVerdicts.all(of: trace, by: [run], MutantSelection()).first)
    let json = try JSON(parsing: found.json.text)
    let read = try #require(MutantVerdicts(json: json))
    #expect(read.json.text == found.json.text)
    #expect(found.made.values.reduce(0, +) > 50)
    #expect(!found.replayable.isEmpty)
    #expect(found.survived.isEmpty)
  }

  @Test func `a selection is of kinds and of an event`() throws {
    let (trace, run) = try capture(Self.path)
    let selection = MutantSelection(kinds: [.dropped, .outcome], event: 3)
    let read = try #require(MutantSelection(json: try JSON(parsing: selection.json.text)))
    #expect(read == selection)
    let found = try #require(try MutantVerdicts.all(of: trace, by: [run], selection).first)
    #expect(!found.made.isEmpty)
    #expect(Set(found.made.keys).isSubset(of: [.dropped, .outcome]))
    #expect(found.replayable.allSatisfy { $0.n == 3 })
  }

  @Test func `a run that is not the trace's is refused`() throws {
    let (trace, _) = try capture(Self.path)
    #expect(throws: SelfTestFault.self) { try MutantVerdicts.all(of: trace, by: [CapturedRun()], MutantSelection()) }
  }

  @Test func `a mutant that survives fails the test, and is told with the command that shows it again`() throws {
    let json = """
      {"made": {"dropped": 3}, "stimuli": {}, "replayable": [], "equivalent": [],
       "survived": [{"index": 1, "kind": "dropped", "event": 12, "what": "protocol-1.connectionLost"}]}
      """
    let captured = CaseResult(file: "a.yaml", name: "a", backEnd: "epoll", verdict: .agrees)
    let verdicts = try #require(MutantVerdicts(json: try JSON(parsing: json.replacing("\n", with: ""))))
    let report = SelfTestReport(
      traces: 1, cases: [SelfTestCase(file: "a.yaml", backEnd: "epoll", captured: captured, verdicts: verdicts)],
      seconds: 0)
    #expect(report.isFailure)
    #expect(report.total.killed == 2)
    #expect(report.failures.count == 1)
    #expect(report.failures[0].contains("dropped at event 12"))
    #expect(report.failures[0].contains("trace-replay selftest a.yaml --reactor epoll --kind dropped --event 12"))
  }

  @Test(arguments: [Verdict.agrees, .crashed("signal 11", open: []), .notRun("no network")])
  func `a mutant that is replayed and not told apart fails the test`(verdict: Verdict) throws {
    let (trace, run) = try capture(Self.path)
    let verdicts = try #require(try MutantVerdicts.all(of: trace, by: [run], MutantSelection()).first)
    let captured = CaseResult(file: "a.yaml", name: "a", backEnd: "epoll", verdict: .agrees)
    var test = SelfTestCase(file: "a.yaml", backEnd: "epoll", captured: captured, verdicts: verdicts)
    #expect(!test.isFailure)
    test.live = [SelfTestCase.Live(mutant: try #require(verdicts.replayable.first), verdict: verdict)]
    #expect(test.isFailure)
  }

  @Test func `a trace of which nothing could be captured fails the test, unless it cannot be run here`() {
    let failed = CaseResult(file: "a.yaml", name: "a", backEnd: "epoll", verdict: .hung(open: [], awaited: nil))
    let absent = CaseResult(file: "a.yaml", name: "a", backEnd: "epoll", verdict: .notRun("no network"))
    let cases = [failed, absent].map { SelfTestCase(file: "a.yaml", backEnd: "epoll", captured: $0, verdicts: nil) }
    #expect(cases.map(\.isFailure) == [true, false])
  }
}
