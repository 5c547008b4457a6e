import Addresses
import Reactor

/// One message: its bytes are its own, by its connection and its round.
struct Message {
  static let longest = 4096

  /// Where in the pattern it begins.
  let place: Int
  let count: Int

  init(connection: Int, round: Int) {
    var mixed = UInt64(connection) << 32 | UInt64(round)
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    count = 1 + Int(mixed % UInt64(Self.longest))
    place = Int(mixed >> 32)
  }

  var bytes: [UInt8] { Array(Pattern.bytes(at: place, count: count)) }
}

/// Sends everything back, and knows how many connections there were and are.
final class EchoServer: Factory {
  /// How many connections there are.
  private(set) var open = 0
  /// How many there were at the most.
  private(set) var most = 0
  /// How many there have been.
  private(set) var accepted = 0
  /// How many bytes came.
  private(set) var received = 0
  /// Called when a connection is gone.
  var onLost: (EchoServer) -> Void = { _ in }

  override func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? { Echo(self) }

  private final class Echo: Protocol {
    private let server: EchoServer

    init(_ server: EchoServer) { self.server = server }

    override func connectionMade() throws {
      server.open += 1
      server.accepted += 1
      server.most = max(server.most, server.open)
    }

    override func dataReceived(_ data: RawSpan) throws {
      server.received += data.byteCount
      try transport?.write(data)
    }

    override func connectionLost(_ reason: any Error) throws {
      server.open -= 1
      server.onLost(server)
    }
  }
}

/// Many clients of one echo server: all connect, then all send and check each byte that comes back, then all close.
final class EchoClients {
  /// How it went.
  struct Outcome: Equatable {
    var connections = 0
    var messages = 0
    var bytes = 0
    /// Runs of bytes that came back other than they were sent, or too many.
    var wrong = 0
    /// Connections that were not made, or lost before their last message had come back.
    var lost = 0
  }

  private let reactor: Reactor
  private let connections: Int
  private let rounds: Int
  private let destination: (host: String, port: Int)
  /// How many attempts may be under way at a time.
  private let window = 100
  private var dialled = 0
  private var ended = 0
  private var isOver = false
  private var finished = 0
  private var clients: [Client] = []
  /// How it went so far.
  private(set) var outcome = Outcome()
  /// Called when all connections are gone.
  var onEnd: (EchoClients) -> Void = { _ in }

  init(_ reactor: Reactor, connections: Int, rounds: Int, host: String, port: Int) {
    self.reactor = reactor
    self.connections = connections
    self.rounds = rounds
    destination = (host, port)
  }

  /// Begins to connect.
  func start() throws {
    for _ in 0..<min(window, connections) { try dial() }
  }

  private func dial() throws {
    guard dialled < connections else { return }
    let factory = Dialler(self, number: dialled)
    dialled += 1
    try reactor.connectTCP(host: destination.host, port: .number(destination.port), factory: factory)
  }

  private func made(_ client: Client) throws {
    clients.append(client)
    outcome.connections += 1
    try dial()
    try beginIfReady()
  }

  /// Once all are there, or will never be.
  private func beginIfReady() throws {
    guard clients.count + ended == connections, finished == 0, !isOver else { return }
    for client in clients { try client.send() }
  }

  /// One has had all of its messages back; when all have, all close.
  private func finish() throws {
    finished += 1
    if finished + ended == connections { try closeAll() }
  }

  private func closeAll() throws {
    isOver = true
    for client in clients { try client.transport?.loseConnection() }
  }

  private func gone(_ client: Client?) throws {
    ended += 1
    if client?.isFinished != true {
      outcome.lost += 1
      if client == nil { try dial() }
      if finished > 0, finished + ended == connections { try closeAll() } else { try beginIfReady() }
    }
    if ended == connections {
      clients = []
      onEnd(self)
    }
  }

  private final class Dialler: ClientFactory {
    private let clients: EchoClients
    private let number: Int

    init(_ clients: EchoClients, number: Int) {
      self.clients = clients
      self.number = number
    }

    override func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? { Client(clients, number: number) }

    override func clientConnectionFailed(_ connector: Connector, reason: any Error) throws { try clients.gone(nil) }
  }

  private final class Client: Protocol {
    private unowned let clients: EchoClients
    private let number: Int
    private var round = 0
    private var message = Message(connection: 0, round: 0)
    /// How much of the message has come back.
    private var place = 0

    init(_ clients: EchoClients, number: Int) {
      self.clients = clients
      self.number = number
    }

    /// Whether the last message has come back.
    var isFinished: Bool { round == clients.rounds }

    override func connectionMade() throws { try clients.made(self) }

    func send() throws {
      message = Message(connection: number, round: round)
      place = 0
      try transport?.write(message.bytes)
    }

    override func dataReceived(_ data: RawSpan) throws {
      let isRight =
        place + data.byteCount <= message.count && Pattern.matches(data, at: message.place + place)
      if !isRight { clients.outcome.wrong += 1 }
      clients.outcome.bytes += data.byteCount
      place = min(message.count, place + data.byteCount)
      guard place == message.count, !isFinished else { return }
      clients.outcome.messages += 1
      round += 1
      if isFinished { try clients.finish() } else { try send() }
    }

    override func connectionLost(_ reason: any Error) throws { try clients.gone(self) }
  }
}
