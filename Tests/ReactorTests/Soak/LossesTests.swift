import Testing

@testable import Reactor
@testable import soak_reactor

/// What `Tools/soak losses` does with a hundred thousand connections, with some hundred.
@Suite struct LossesTests {
  private func losses(_ testCase: TCPCase) -> Losses {
    Losses(
      testCase.backEnd, makeIO: { LedgerIO(testCase.makeIO()) },
      openDescriptors: { (io) in (io as? LedgerIO)?.open.count ?? -1 }, host: testCase.host)
  }

  @Test(arguments: TCPCase.all)
  func `connections lost in every way leave nothing open, registered or alive`(_ testCase: TCPCase) throws {
    let losses = losses(testCase)
    try losses.whileRunning(rounds: 3, each: 5)
    #expect(losses.total == 3 * 5 * Loss.all.count { !$0.isLeftToStop })
    let told = Tally(clientLost: 15, connectorLost: 15, serverLost: 15)
    #expect(losses.tallies[Loss(way: .abort, side: .server)] == told)
  }

  @Test(arguments: TCPCase.all)
  func `a stop leaves nothing open, registered or alive, whatever connections it finds`(_ testCase: TCPCase) throws {
    let losses = losses(testCase)
    try losses.byStopping(each: 3)
    #expect(losses.total == 3 * Loss.all.count { $0.isLeftToStop })
    let told = Tally(clientLost: 3, connectorLost: 3, serverLost: 3)
    #expect(losses.tallies[Loss(way: .stopIdle, side: .client)] == told)
  }

  @Test func `a protocol that is kept and a descriptor that is left open are noticed`() throws {
    var kept: [AnyObject] = []
    let keeping = Losses(.epoll, makeIO: { LedgerIO(MemoryNetwork()) }, openDescriptors: { _ in 0 }, host: "127.0.0.1")
    keeping.onBatch = { (batch) in kept.append(batch.makeServer()) }
    #expect(throws: Losses.Wrong.self) { try keeping.whileRunning(rounds: 1, each: 1) }
    var open = 0
    let leaking = Losses(
      .epoll, makeIO: { LedgerIO(MemoryNetwork()) },
      openDescriptors: { _ in
        open += 1
        return open
      }, host: "127.0.0.1")
    #expect(throws: Losses.Wrong.self) { try leaking.whileRunning(rounds: 1, each: 1) }
    withExtendedLifetime(kept) {}
  }
}
