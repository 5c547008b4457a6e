import Foundation
import Testing

@testable import Conformance

/// The parent of the workers, with shell scripts in the workers' place.
@Suite struct CheckerTests {
  private static let agrees = CaseResult(
    file: "x", name: "x", backEnd: "epoll", verdict: .agrees, consumed: 3, expected: 3, freedoms: ["chunks": 1])

  /// Checks files with a script that is started as each worker.
  private static func check(
    _ files: [String], rounds: Int = 1, seeds: [UInt64] = [], timeout: Double = 10, _ script: String
  ) throws -> (results: [CaseResult], summary: CheckSummary) {
    let file = FileManager.default.temporaryDirectory.appending(path: "skein-worker-\(UUID().uuidString).sh")
    defer { try? FileManager.default.removeItem(at: file) }
    try "#!/bin/sh\n\(script)\n".write(to: file, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file.path)
    var checker = Checker(
      options: CheckOptions(
        backEnds: ["epoll"], rounds: rounds, shuffleSeeds: seeds, timeout: timeout, executable: file.path))
    while true {
      var results: [CaseResult] = []
      do {
        let summary = try checker.run(files) { event in
          if case .result(let result) = event { results.append(result) }
        }
        return (results, summary)
      } catch {
        guard error.errno == ETXTBSY else { throw error }
        // A process that another test has just started still has the script open: until it runs its own program.
        sched_yield()
      }
    }
  }

  private static func answer(_ result: CaseResult, isReusable: Bool = true) -> String {
    "echo '" + JSON(["result": result.json, "reusable": .bool(isReusable)]).text + "'"
  }

  @Test func `every trace is replayed as often as asked, and told of once`() throws {
    let (results, summary) = try Self.check(
      ["a", "b"], rounds: 2, seeds: [1, 2, 3], "while read line; do \(Self.answer(Self.agrees)); done")
    #expect(results.map(\.verdict) == [.agrees, .agrees])
    #expect(summary.results == 12)
    #expect(summary.traces == 2)
    #expect(summary.consumed == 36)
    #expect(summary.freedoms == ["chunks": 12])
  }

  @Test func `a worker that dies is that trace's result, and the next trace has another worker`() throws {
    let (results, summary) = try Self.check(
      ["a", "b"],
      """
      read line
      echo '--- {n: 1, at: 5, call: reactor-1.run}' >&3
      case $line in *'"a"'*) echo trouble >&2; kill -SEGV $$;; esac
      \(Self.answer(Self.agrees))
      """)
    guard case .crashed(let how, let open) = try #require(results.first).verdict else {
      Issue.record("\(results)")
      return
    }
    #expect(how.hasPrefix("signal 11") && how.hasSuffix("trouble"))
    #expect(open == ["reactor-1.run()"])
    #expect(results.last?.verdict == .agrees)
    #expect(summary.isFailure)
  }

  @Test func `a worker that is blocked is killed, and the trace has hung with what was open`() throws {
    let script = "read line; echo '--- {n: 1, at: 5, call: reactor-1.run}' >&3; exec sleep 1000"
    let (results, summary) = try Self.check(["a"], timeout: 0.05, script)
    #expect(results.map(\.verdict) == [.hung(open: ["reactor-1.run()"], awaited: nil)])
    #expect(summary.isFailure)
  }

  @Test func `a worker that says it is spent is replaced`() throws {
    let (results, _) = try Self.check(
      ["a", "b"], "read line; \(Self.answer(Self.agrees, isReusable: false)); read line; exit 9")
    #expect(results.map(\.verdict) == [.agrees, .agrees])
  }

  @Test func `an answer that makes no sense is a crash and no agreement`() throws {
    let (results, summary) = try Self.check(["a"], "read line; echo hello")
    #expect(results.first?.verdict.word == "crashed")
    #expect(summary.isFailure)
  }

  @Test func `what cannot be read or run here is not tried again`() throws {
    var result = Self.agrees
    result.verdict = .notRun("no network")
    let (_, summary) = try Self.check(["a"], rounds: 5, "while read line; do \(Self.answer(result)); done")
    #expect(summary.verdicts == ["not run here": 1])
    #expect(!summary.isFailure)
  }

  @Test func `the first failure of several replays is what is told`() throws {
    let (results, summary) = try Self.check(
      ["a"], rounds: 3, "read line; \(Self.answer(Self.agrees)); read line; kill -KILL $$")
    #expect(results.count == 1)
    #expect(results.first?.round == 2)
    #expect(results.first?.verdict.word == "crashed")
    #expect(summary.verdicts["agrees"] == 2)
  }
}
