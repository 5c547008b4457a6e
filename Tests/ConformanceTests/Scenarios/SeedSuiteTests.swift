import Conformance
import Reactor
import TestSupport
import Testing

/// Twisted's TCP client suite, on every back end and both address families.
@Suite(.serialized, .freshChildSignal) struct SeedSuiteTests {
  static let cases = ReactorCase.all(of: TCPClientScenarios.all, endpoints: [.ipv4, .ipv6])

  @Test(arguments: cases)
  func `a client behaves as the suite says`(_ reactorCase: ReactorCase) throws {
    try #require(reactorCase.skip == nil)
    try reactorCase.run()
  }

  @Test func `the suite is the original's eleven tests, on each back end and family`() {
    #expect(
      Set(TCPClientScenarios.all.map(\.name)) == [
        "addresses", "badContext", "buildProtocolReturnsNone", "clientConnectionFailedStopsReactor", "connectEvent",
        "disconnectWhileProducing", "interface", "logPrefix", "protocolGarbageAfterLostConnection",
        "unregisterProducerAfterDisconnect", "writeAfterDisconnect",
      ])
    #expect(Self.cases.count == 11 * 2 * 2)
  }

  @Test func `a scenario that needs what no reactor offers is skipped, and says why`() {
    let scenario = ReactorScenario("u", "needs UDP", requiredInterfaces: [.udp]) { _ in }
    let cases = ReactorCase.all(of: [scenario], on: [.poll], endpoints: [.ipv4])
    #expect(cases.map(\.skip) == ["the reactor does not offer udp"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a scenario that fails says what it saw`(backEnd: BackEnd) {
    let scenario = ReactorScenario("f", "fails") { (builder) in
      let reactor = try builder.buildReactor()
      try expect(reactor.running, is: true, "running")
    }
    #expect(throws: ScenarioFailure("running: expected true, seen false")) {
      try ReactorCase.all(of: [scenario], on: [backEnd], endpoints: [.ipv4])[0].run()
    }
  }

  @Test(arguments: BackEnd.allCases)
  func `a reactor that is not stopped is stopped by the time-out`(backEnd: BackEnd) {
    let scenario = ReactorScenario("t", "never stops") { (builder) in
      try builder.runReactor(builder.buildReactor(), timeout: .zero)
    }
    #expect(throws: ScenarioFailure.self) {
      try ReactorCase.all(of: [scenario], on: [backEnd], endpoints: [.ipv4])[0].run()
    }
  }
}
