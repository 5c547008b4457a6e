import Addresses
import Reactor

/// What the application of a soak throws.
struct Planted: Error {}

/// Some connections that are all lost in one way, and who was told of it.
final class Batch {
  let reactor: Reactor
  let loss: Loss
  let census: Census
  /// How many connections there are to be.
  let count: Int
  /// Called after each end, and after each connection that is ready to be stopped.
  var onChange: () -> Void = {}
  /// Who was told so far.
  fileprivate(set) var tally = Tally() {
    didSet { onChange() }
  }
  /// How many sides are made: what is left to the reactor's stop waits for both.
  fileprivate(set) var made = 0 {
    didSet { onChange() }
  }

  init(_ reactor: Reactor, _ loss: Loss, count: Int, census: Census) {
    self.reactor = reactor
    self.loss = loss
    self.count = count
    self.census = census
  }

  /// Whether nothing more is to come before the reactor stops.
  var isReady: Bool {
    if loss.way == .stopWhileConnecting { return true }
    return loss.isLeftToStop ? made == 2 * count : tally == loss.expected * count
  }

  /// The factory of the port that the clients connect to.
  func makeServer() -> ServerFactory { ServerFactory(self) }

  /// Connects one client; what the application throws on the way is its own doing.
  func dial(host: String, port: Int, timeout: Duration) throws {
    let factory = DiallingFactory(self)
    do {
      let connector = try reactor.connectTCP(host: host, port: .number(port), factory: factory, timeout: timeout)
      census.watch(connector)
    } catch is Planted {}
  }

  /// The application's side of a connection.
  fileprivate func makeProtocol(_ side: Loss.Side) throws -> (any StreamProtocol)? {
    if side == loss.side {
      if loss.way == .noProtocol { return nil }
      if loss.way == .errorInBuildProtocol { throw Planted() }
    }
    switch loss.way {
    case .halfClose, .errorInReadConnectionLost, .errorInWriteConnectionLost, .stopHalfClosed:
      return HalfCloseableParty(self, side)
    default:
      return Party(self, side)
    }
  }
}

/// The server's factory.
final class ServerFactory: Factory {
  private let batch: Batch

  init(_ batch: Batch) {
    self.batch = batch
    super.init()
    batch.census.born()
  }

  deinit { batch.census.died() }

  override func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? { try batch.makeProtocol(.server) }
}

/// A client's factory, one for each connection.
final class DiallingFactory: ClientFactory {
  private let batch: Batch

  init(_ batch: Batch) {
    self.batch = batch
    super.init()
    batch.census.born()
  }

  deinit { batch.census.died() }

  override func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? { try batch.makeProtocol(.client) }

  override func startFactory() throws {
    guard batch.loss.way == .errorInStartFactory else { return }
    batch.onChange()
    throw Planted()
  }

  override func stopFactory() throws {
    if batch.loss.way == .errorInStopFactory { throw Planted() }
  }

  override func startedConnecting(_ connector: Connector) throws {
    if batch.loss.way == .errorInStartedConnecting { throw Planted() }
    if batch.loss.way == .stopConnecting { try connector.stopConnecting() }
  }

  override func clientConnectionFailed(_ connector: Connector, reason: any Error) throws {
    batch.tally.failed += 1
    if batch.loss.way == .errorInClientConnectionFailed { throw Planted() }
  }

  override func clientConnectionLost(_ connector: Connector, reason: any Error) throws {
    batch.tally.connectorLost += 1
    if batch.loss.way == .errorInClientConnectionLost { throw Planted() }
  }
}

/// One side of a connection: it does its part in the loss.
class Party: StreamProtocol {
  fileprivate let batch: Batch
  private let side: Loss.Side
  fileprivate private(set) var transport: (any StreamTransport)?

  init(_ batch: Batch, _ side: Loss.Side) {
    self.batch = batch
    self.side = side
    batch.census.born()
  }

  deinit { batch.census.died() }

  /// Whether it is this side that brings the loss about.
  fileprivate var isCause: Bool { side == batch.loss.side }

  func makeConnection(_ transport: any StreamTransport) throws {
    self.transport = transport
    batch.census.watch(transport)
    batch.made += 1
    if isCause { try cause(transport) } else { try follow(transport) }
  }

  /// What the side does that brings the loss about, as soon as the connection is made.
  private func cause(_ transport: any StreamTransport) throws {
    switch batch.loss.way {
    case .close, .errorInStartedConnecting, .errorInClientConnectionLost, .errorInStopFactory:
      try transport.loseConnection()
    case .closeAfterOutput:
      try transport.write([UInt8](repeating: 1, count: 10_000))
      try transport.loseConnection()
    case .halfClose, .errorInWriteConnectionLost, .stopHalfClosed:
      try transport.write("last words")
      try transport.loseWriteConnection()
    case .abort:
      try transport.write("never sent")
      try transport.abortConnection()
    case .idleTimeout:
      try batch.reactor.callLater(.milliseconds(1)) { try transport.loseConnection() }
    case .errorInMakeConnection:
      throw Planted()
    case .errorInResumeProducing:
      try transport.registerProducer(LossProducer(batch, transport), streaming: false)
    case .errorInPauseProducing:
      try transport.registerProducer(LossProducer(batch, transport), streaming: true)
      try transport.write([UInt8](repeating: 1, count: 70_000))
    case .stopWithProducer:
      try transport.registerProducer(LossProducer(batch, transport), streaming: true)
      try transport.write([UInt8](repeating: 1, count: 70_000))
    case .errorInStopProducing:
      try transport.registerProducer(LossProducer(batch, transport), streaming: true)
      try transport.loseConnection()
    case .stopPaused:
      try transport.pauseProducing()
    case .stopWithOutput:
      try transport.write([UInt8](repeating: 1, count: 8 << 20))
    case .errorInDataReceived, .errorInReadConnectionLost, .errorInConnectionLost, .noProtocol, .errorInBuildProtocol,
      .refused, .connectTimeout, .stopConnecting, .errorInStartFactory, .errorInClientConnectionFailed, .stopIdle,
      .stopInConnectionLost, .stopWhileConnecting:
      break
    }
  }

  /// What the other side does as soon as the connection is made.
  private func follow(_ transport: any StreamTransport) throws {
    switch batch.loss.way {
    case .errorInMakeConnection, .errorInConnectionLost, .errorInPauseProducing:
      try transport.loseConnection()
    case .errorInDataReceived:
      try transport.write("too much")
    case .errorInReadConnectionLost:
      try transport.loseWriteConnection()
    case .stopPaused, .stopWithOutput:
      try transport.pauseProducing()
    default:
      break
    }
  }

  func dataReceived(_ data: RawSpan) throws {
    if batch.loss.way == .errorInDataReceived, isCause { throw Planted() }
  }

  func connectionLost(_ reason: any Error) throws {
    if side == .client { batch.tally.clientLost += 1 } else { batch.tally.serverLost += 1 }
    let isSpoilt = batch.loss.way == .errorInConnectionLost || batch.loss.way == .stopInConnectionLost
    if isSpoilt, isCause { throw Planted() }
  }
}

/// The same with half-closes.
final class HalfCloseableParty: Party, HalfCloseableProtocol {
  func readConnectionLost() throws {
    switch batch.loss.way {
    case .errorInReadConnectionLost where isCause: throw Planted()
    case .stopHalfClosed: break
    default: try transport?.loseConnection()
    }
  }

  func writeConnectionLost() throws {
    if batch.loss.way == .errorInWriteConnectionLost, isCause { throw Planted() }
  }
}

/// A producer that writes little, and throws where the loss has it.
final class LossProducer: PushProducer {
  private let batch: Batch
  // The transport holds it, as long as it is registered.
  private unowned let transport: any StreamTransport
  private var asked = 0

  init(_ batch: Batch, _ transport: any StreamTransport) {
    self.batch = batch
    self.transport = transport
    batch.census.born()
  }

  deinit { batch.census.died() }

  func resumeProducing() throws {
    asked += 1
    guard batch.loss.way == .errorInResumeProducing else { return }
    // The first call is made inside the registration.
    if asked == 2 { throw Planted() }
    try transport.write("a piece")
  }

  func pauseProducing() throws {
    if batch.loss.way == .errorInPauseProducing { throw Planted() }
  }

  func stopProducing() throws {
    if batch.loss.way == .errorInStopProducing { throw Planted() }
  }
}
