import Pair
import Reactor
import Testing

@testable import Conformance

/// What fuzzing found in the replay: whatever a trace says, it ends, touches nothing of the machine's, and is let go of.
@Suite(.serialized) struct HostileReplayTests {
  private static let header = """
    format: skein-trace
    version: 1
    features: [%]
    title: "hostile"
    producer: {name: nobody, version: "0"}
    started: "2026-01-01T00:00:00Z"

    """

  private static func trace(of feature: String = "reactor", _ lines: [String]) throws -> Recording {
    let header = header.split(separator: "%").joined(separator: feature)
    let events = lines.count { !$0.hasPrefix("end:") }
    let text = header + lines.map { "--- {\($0)}\n" }.joined() + "--- {eof: {events: \(events), open: 0, lost: 0}}\n"
    try TraceValidator.validate(bytes: Array(text.utf8), demandsCanonicalForm: false)
    return try Recording(TraceFile(bytes: Array(text.utf8)))
  }

  private static func replay(_ recording: Recording, _ backEnd: BackEnd = .epoll) -> CaseResult {
    var result = CaseResult(file: "", name: "", backEnd: backEnd.rawValue, verdict: .notRun("nothing was done"))
    // So long that it does not end the run.
    _ = CaseReplay.play(recording, on: backEnd, in: .memory, within: 1e6, into: EventList(), &result)
    return result
  }

  @Test(arguments: BackEnd.allCases)
  func `what never comes ends a run in memory, and no time passes`(backEnd: BackEnd) throws {
    let recording = try Self.trace([
      "n: 1, call: reactor-1.callWhenRunning, args: {callable: {new: function-1}}, gives: {new: trigger-1}",
      "n: 2, call: reactor-1.run", "n: 3, in: 2, turn: 0, phase: startup, back: function-1.call, of: trigger-1",
      "n: 4, in: 2, turn: 1, phase: startup, back: function-1.call, of: trigger-1", "end: 2",
    ])
    guard case .hung(_, let awaited) = Self.replay(recording, backEnd).verdict else {
      Issue.record("it does not end as hung")
      return
    }
    #expect(awaited?.contains("event 4") == true)
  }

  @Test(
    arguments: [
      // Nothing; an attempt that goes on; one whose socket could not be bound; a listener.
      [],
      [
        "n: 1, call: reactor-1.connectTCP, args: {host: \"127.0.0.1\", port: 9, factory: {new: factory-1}}",
        "n: 2, in: 1, back: factory-1.doStart",
        "n: 3, in: 1, back: factory-1.startedConnecting, args: {connector: {new: connector-1}}",
        "end: 1, gives: {ref: connector-1}",
      ],
      [
        "n: 1, call: reactor-1.connectTCP, args: {host: \"127.0.0.1\", port: 9, factory: {new: factory-1}, "
          + "bindAddress: {ipv4: [\"127.0.0.1\", 70000]}}",
        "n: 2, in: 1, back: factory-1.doStart",
        "n: 3, in: 1, back: factory-1.startedConnecting, args: {connector: {new: connector-1}}",
        "end: 1, gives: {ref: connector-1}",
      ],
      [
        "n: 1, call: reactor-1.listenTCP, args: {port: 0, factory: {new: factory-1}, interface: \"127.0.0.1\"}",
        "n: 2, in: 1, back: factory-1.doStart", "end: 1, gives: {new: port-1}",
      ],
    ], BackEnd.allCases)
  func `a replay is let go of when it is over`(lines: [String], backEnd: BackEnd) throws {
    let recording = try Self.trace(lines)
    weak var replay: SystemReplay?
    // What the reactor holds, and each of its sockets holds the reactor.
    weak var seam: ClampedIO?
    do {
      let made = SystemReplay(recording, on: backEnd, in: .memory, network: nil, shuffleSeed: nil, into: EventList())
      (replay, seam) = (made, made.seam)
      guard case .judged(let verdict) = made.run() else {
        Issue.record("it is not run")
        return
      }
      #expect(verdict.consumed > 0 || lines.isEmpty)
    }
    #expect(replay == nil)
    #expect(seam == nil)
  }

  @Test func `the machine's own system of a port is named and not used`() throws {
    let name = "dHVuMA=="
    let recording = try Self.trace(
      of: "pair",
      [
        "n: 1, call: pair.TuntapPort, args: {interface: !!binary \"\(name)\", proto: {new: protocol-1, implements: [raw-packet]}}, "
          + "gives: {new: tunnelport-1}",
        "n: 2, get: tunnelport-1._system, gives: {new: io-1, is: {system: real}}",
        // /dev/null
        "n: 3, call: io-1.open, args: {filename: !!binary \"L2Rldi9udWxs\", flag: {os: [rdwr]}}, gives: {fd: fd-1}",
      ])
    guard case .diverged(let divergence) = Self.replay(recording).verdict else {
      Issue.record("it opens a file of the machine's")
      return
    }
    #expect(divergence.event == 3)
    #expect(divergence.required.contains("own"))
  }

  @Test(arguments: ["fd-9999999999", "fd-9223372036854775807"])
  func `a descriptor of any name is taken from a recording`(name: String) throws {
    let text = try String(
      decoding: FormatFixtures.bytes(
        #require(
          FormatFixtures.tunnelCorpus.first {
            $0.hasSuffix("/Tun/stopListeningUnsetsConnected.yaml")
          })), as: UTF8.self
    ).replacing("fd-1", with: name)
    var result = CaseResult(file: "", name: "", backEnd: "", verdict: .notRun("nothing was done"))
    let recording = try Recording(TraceFile(bytes: Array(text.utf8)))
    _ = CaseReplay.play(recording, on: .epoll, in: .memory, part: .port, within: 1, into: EventList(), &result)
    #expect(result.verdict == .agrees)
  }

  @Test func `what a person has spelled otherwise is judged to its end`() throws {
    let bytes = Array(
      (Self.header.split(separator: "%").joined(separator: "reactor") + """
        ---  {n: 1, at: 0, note: "spelled with two spaces"}
        --- {n: 2, at: 0, call: reactor-1.summon}
        --- {eof: {events: 2, open: 0, lost: 0}}

        """).utf8)
    let error = #expect(throws: TraceError.self) {
      try TraceValidator.validate(bytes: bytes, demandsCanonicalForm: false)
    }
    #expect(error?.code == .vocabulary)
    #expect(error?.line == 8)
  }
}
