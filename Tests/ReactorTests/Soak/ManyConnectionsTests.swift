import Testing

@testable import Reactor
@testable import soak_reactor

/// What `Tools/soak` does with thousands of connections, with a few.
@Suite struct ManyConnectionsTests {
  @Test(arguments: TCPCase.all)
  func `each of many connections gets its own bytes back`(_ testCase: TCPCase) throws {
    let reactor = try Reactor(testCase.backEnd, io: testCase.makeIO(), log: .none)
    let server = EchoServer()
    let port = try reactor.listenTCP(port: 0, factory: server, backlog: 200, interface: testCase.host)
    let number = Int(try #require(port.getHost().port))
    let clients = EchoClients(reactor, connections: 200, rounds: 3, host: testCase.host, port: number)
    clients.onEnd = { _ in reactor.crash() }
    try clients.start()
    try reactor.run(installSignalHandlers: false)
    let expected = (0..<200).flatMap { (connection) in
      (0..<3).map { Message(connection: connection, round: $0).count }
    }
    #expect(
      clients.outcome
        == EchoClients.Outcome(connections: 200, messages: 600, bytes: expected.reduce(0, +), wrong: 0, lost: 0))
    #expect(server.most == 200)
    reactor.discard()
  }

  @Test func `a byte that came back wrong and a connection that was lost are counted`() throws {
    /// Sends back the first byte with a bit turned over, and closes one connection in the middle.
    final class Liar: Protocol {
      let number: Int
      init(_ number: Int) { self.number = number }
      override func dataReceived(_ data: RawSpan) throws {
        var bytes = unsafe data.withUnsafeBytes { unsafe Array($0) }
        bytes[0] ^= 1
        if number == 1 { try transport?.loseConnection() } else { try transport?.write(bytes) }
      }
    }
    let reactor = try Reactor(.epoll, io: MemoryNetwork(), log: .none)
    var made = 0
    let factory = Factory {
      defer { made += 1 }
      return Liar(made)
    }
    let port = try reactor.listenTCP(port: 0, factory: factory, interface: "127.0.0.1")
    let number = Int(try #require(port.getHost().port))
    let clients = EchoClients(reactor, connections: 3, rounds: 1, host: "127.0.0.1", port: number)
    clients.onEnd = { _ in reactor.crash() }
    try clients.start()
    try reactor.run(installSignalHandlers: false)
    #expect(clients.outcome.wrong == 2)
    #expect(clients.outcome.lost == 1)
    reactor.discard()
  }

  /// A feed, and how much it writes at a time.
  static let feeds = SlowReaders.Feed.allCases.flatMap { (feed) in [1_000, 65_536].map { (feed, $0) } }

  @Test(arguments: TCPCase.all, feeds)
  func `a producer's output to a slow reader does not pile up`(
    _ testCase: TCPCase, _ feed: (SlowReaders.Feed, chunk: Int)
  ) throws {
    let io = SlowReaders.Metered(testCase.makeIO())
    let reactor = try Reactor(testCase.backEnd, io: io, log: .none)
    let total = feed.chunk * 16
    let readers = SlowReaders(reactor, io, feed: feed.0, connections: 2, chunk: feed.chunk, total: total) {
      reactor.crash()
    }
    let port = try readers.start(host: testCase.host)
    try reactor.run(installSignalHandlers: false)
    #expect(readers.outcome.delivered == 2 * total)
    #expect(readers.outcome.wrong == 0)
    // Below the limit one more chunk may be written: the chunk that goes above it.
    #expect(readers.outcome.mostWaiting <= (feed.0 == .push ? 65_536 : 0) + feed.chunk)
    #expect(readers.outcome.mostWaiting < 256 << 10)
    withExtendedLifetime(port) {}
    reactor.discard()
  }
}
