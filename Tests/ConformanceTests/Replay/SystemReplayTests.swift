import Reactor
import Testing

@testable import Conformance

/// Committed traces on the Swift reactor, in this process: those that need nothing but loopback.
@Suite(.serialized) struct SystemReplayTests {
  static let folder = FormatFixtures.root + "/Traces/twisted-26.10.0/"
  static let traces = [
    "test_tcp/TCP4Client/disconnectWhileProducing", "test_tcp/TCP4Client/protocolGarbageAfterLostConnection",
    "test_tcp/TCP4Client/addresses", "test_tcp/TCP4Client/badContext", "test_tcp/TCPConnection/doubleHalfClose",
    "test_tcp/TCP4Connector/reconnect", "test_tcp/TCPPort/serverGetPeerOnIPv4",
    "test_tcp/AbortConnection/dataReceivedThrows",
    "programs/line_echo", "programs/own_descriptor",
    "wild/endings_server", "wild/http_server", "wild/line_server", "wild/transfer_server",
  ]

  private static func replay(_ path: String, on backEnd: BackEnd = .epoll, shuffleSeed: UInt64? = nil) -> CaseResult {
    CaseReplay.run(path, on: backEnd, network: nil, shuffleSeed: shuffleSeed, into: EventList())
  }

  @Test(arguments: traces, BackEnd.allCases)
  func `a trace agrees, to its last event`(name: String, backEnd: BackEnd) {
    let result = Self.replay("\(Self.folder)\(name).yaml", on: backEnd)
    #expect(result.verdict == .agrees, "\(TextReport().details(result).joined(separator: "\n"))")
    #expect(result.consumed == result.expected)
    #expect(result.expected > 0)
  }

  @Test(arguments: 1...5)
  func `a trace agrees in whatever order a poll reports`(seed: Int) {
    let result = Self.replay(
      "\(Self.folder)test_tcp/TCP4Client/disconnectWhileProducing.yaml", shuffleSeed: UInt64(seed))
    #expect(result.verdict == .agrees, "\(TextReport().details(result).joined(separator: "\n"))")
  }

  @Test func `a trace that needs a network of its own is not run, and never passes`() {
    let result = Self.replay("\(Self.folder)test_tcp/TCP6Client/addresses.yaml")
    guard case .notRun(let reason) = result.verdict else {
      Issue.record("it came to \(result.verdict.word)")
      return
    }
    #expect(reason.contains("network namespace"))
    #expect(result.consumed == 0)
  }
}
