import Reactor
import Testing

@testable import Conformance

/// Committed traces on a reactor in memory, in this process.
@Suite(.serialized) struct MemoryReplayTests {
  /// What a replay told, line by line, and what it came to.
  private static func replay(_ path: String, on backEnd: BackEnd) throws -> (lines: [[UInt8]], verdict: Verdict) {
    let list = EventList()
    let result = CaseReplay.run(path, on: backEnd, in: .memory, network: nil, shuffleSeed: nil, into: list)
    return (try list.events.map { try TraceEmitter.line($0) }, result.verdict)
  }

  @Test(arguments: BackEnd.allCases)
  func `the same trace twice gives the same bytes, times included`(backEnd: BackEnd) throws {
    var agreed = 0
    for path in try Corpus.traces(named: [SystemReplayTests.folder]) {
      guard try TraceFile(path: path).header.features.contains("reactor") else { continue }
      let first = try Self.replay(path, on: backEnd)
      if case .notRun = first.verdict { continue }
      let second = try Self.replay(path, on: backEnd)
      #expect(first.lines.elementsEqual(second.lines), "\(path)")
      if first.verdict == .agrees { agreed += 1 }
    }
    #expect(agreed > 80, "most of what needs no real kernel")
  }
}
