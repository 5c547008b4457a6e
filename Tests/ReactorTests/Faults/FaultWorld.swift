import Addresses
import Synchronization
import Testing

@testable import Reactor

/// A program that does all that a reactor can do with TCP, over a system in which something fails.
///
/// A port, whose connections echo; clients that write and close, half-close, abort, ask for options, find nobody; a port and a
/// connection that are adopted; calls from a thread; timers. It notes what each object is told, and says what of it may never be.
/// When all clients have ended, or after five seconds of the system's clock, nothing fails any more: a last client has to be
/// served, then the program lets go of everything and stops.
final class FaultWorld {
  /// What a connection's protocol, or a connector, has been told so far.
  private enum Stage {
    case built, made, lost
  }

  let reactor: Reactor
  let faulty: InjectingIO
  let ledger: LedgerIO
  private let host: String
  /// What can be seen of a fault: each error that the application was given or the log has, with its name.
  private(set) var seen: [String] = []
  /// What must never be.
  private(set) var violations: [String] = []
  /// Everything that the application was told, in order.
  private(set) var events: [String] = []
  private(set) var isServed = false
  private var stages: [Stage] = []
  private var attempts: [Bool] = []
  private var protocols: [FaultProtocol] = []
  private var factories: [FaultFactory] = []
  private var connectors: [Connector] = []
  private var port: TCPPort?
  private var listenings = 0
  private var clientsLeft = 0
  private var isEnding = false

  /// Turns after which the program counts as hung.
  private static let mostTurns = 5_000

  init(_ testCase: TCPCase, injecting: (any IOSystem) -> InjectingIO) throws(Errno) {
    host = testCase.host
    ledger = LedgerIO(testCase.network == .memory ? MemoryNetwork() : HurriedIO())
    faulty = injecting(ledger)
    let log = LogBox()
    reactor = try Reactor(testCase.backEnd, io: faulty, log: log.sink)
    logged = log
  }

  private let logged: LogBox

  private final class LogBox: Sendable {
    let events = Mutex<[LogEvent]>([])
    var sink: LogSink { LogSink { (event) in self.events.withLock { $0.append(event) } } }
  }

  /// Runs the program to its end, and says what was wrong with it.
  func run() throws {
    try reactor.callWhenRunning { [self] in begin() }
    try reactor.run(installSignalHandlers: false)
    for event in logged.events.withLock({ $0 }) {
      if let error = event.error { see("logged", error) } else { seen.append("log \(event.message)") }
    }
    for (index, stage) in stages.enumerated() where stage == .made { violate("protocol \(index) was never lost") }
    for (index, isOpen) in attempts.enumerated() where isOpen { violate("attempt \(index) never ended") }
    for factory in factories where factory.numPorts != 0 { violate("\(factory.name) counts \(factory.numPorts) users") }
    if !isServed { violate("the last client was not served") }
    if !ledger.open.isEmpty { violate("\(ledger.open.count) descriptors are open") }
    if ledger.pollers != 0 { violate("\(ledger.pollers) pollers are open") }
    protocols = []
    connectors = []
    factories = []
    port = nil
  }

  // MARK: - The program

  private func begin() {
    guarded("callLater") { try tick() }
    guarded("callLater") { _ = try reactor.callLater(.seconds(5)) { [self] in endPhase("time is up") } }
    listen()
    guard let port, let number = (try? port.getHost())?.port else { return endPhase("nothing listens") }
    guarded("adoptStreamPort") {
      let adopted = try reactor.adoptStreamPort(port.descriptor, port.isIPv6 ? .inet6 : .inet, factory: factory("A"))
      _ = adopted.stopListening()
    }
    for kind in ["echo", "half", "abort", "options", "adopted"] { connect(kind, to: Int(number)) }
    connect("refused", to: 1)
    reactor.handle.callFromThread { _ in }
    guarded("callLater") {
      _ = try reactor.callLater(.milliseconds(20)) { [self] in connect("echo", to: Int(number)) }
    }
  }

  private func tick() throws {
    if reactor.turn > Self.mostTurns {
      violate("it goes on for ever")
      return reactor.crash()
    }
    if !isServed { _ = try reactor.callLater(.milliseconds(100)) { [self] in try tick() } }
  }

  /// Listens; an application that could not, tries again.
  private func listen() {
    for _ in 0..<8 where port == nil {
      let server = factory("S")
      guarded("listenTCP") { port = try reactor.listenTCP(port: 0, factory: server, interface: host) }
    }
  }

  private func connect(_ kind: String, to number: Int) {
    clientsLeft += 1
    let client = factory(kind)
    let connector = guarded("connectTCP") {
      try reactor.connectTCP(host: host, port: .number(number), factory: client, timeout: .seconds(2))
    }
    if let connector { connectors.append(connector) } else { clientEnded() }
  }

  fileprivate func clientEnded() {
    clientsLeft -= 1
    if clientsLeft == 0, !isEnding { endPhase("all have ended") }
  }

  /// Nothing fails any more: what the program has open is closed, and the port has to serve one more client.
  private func endPhase(_ why: String) {
    guard !isEnding else { return }
    isEnding = true
    events.append("-- \(why)")
    (faulty as? FaultyIO)?.isPaused = true
    for application in protocols where !application.isLost {
      guarded("abortConnection") { try application.transport?.abortConnection() }
    }
    for connector in connectors { guarded("disconnect") { try connector.disconnect() } }
    guarded("callLater") { _ = try reactor.callLater(.milliseconds(1)) { [self] in serveOneMore() } }
  }

  private func serveOneMore() {
    listen()
    guard let number = (try? port?.getHost())?.port else {
      violate("nothing listens any more")
      return stop()
    }
    guarded("callLater") {
      _ = try reactor.callLater(.seconds(5)) { [self] in if !isServed { stop() } }
    }
    connect("last", to: Int(number))
  }

  fileprivate func served() {
    isServed = true
    guarded("callLater") { _ = try reactor.callLater(.milliseconds(1)) { [self] in stop() } }
  }

  private func stop() {
    _ = port?.stopListening()
    for application in protocols where !application.isLost {
      guarded("abortConnection") { try application.transport?.abortConnection() }
    }
    guarded("callLater") {
      _ = try reactor.callLater(.milliseconds(1)) { [self] in guarded("stop") { try reactor.stop() } }
    }
  }

  // MARK: - What is noted

  private func factory(_ name: String) -> FaultFactory {
    let factory = FaultFactory(name, self)
    factories.append(factory)
    return factory
  }

  func violate(_ text: String) { violations.append(text) }

  fileprivate func see(_ how: String, _ error: any Error) {
    let errno = (error as? any NamedError)?.errno.map { " \($0.name)" } ?? ""
    seen.append("\(how) \(text(error))\(errno)")
  }

  /// Makes a call; what it throws is noted, as an application would that goes on.
  @discardableResult
  func guarded<Value>(_ call: String, _ body: () throws -> Value) -> Value? {
    do {
      return try body()
    } catch {
      see("\(call) threw", error)
      return nil
    }
  }

  fileprivate func built(_ application: FaultProtocol) -> Int {
    protocols.append(application)
    stages.append(.built)
    events.append("\(application.kind).built")
    return stages.count - 1
  }

  fileprivate func told(_ application: FaultProtocol, _ what: String) {
    events.append("\(application.kind).\(what)")
    let stage = stages[application.number]
    switch (stage, what) {
    case (.built, "made"): stages[application.number] = .made
    case (_, "made"): violate("protocol \(application.number) was connected twice")
    case (.lost, _): violate("protocol \(application.number) was told of \(what) after its loss")
    // A socket that could not be watched: Twisted tells the same.
    case (.built, "lost") where faulty.happened.contains { $0.call == .watch }: stages[application.number] = .lost
    case (.built, _): violate("protocol \(application.number) was told of \(what) before it was connected")
    case (.made, "lost"): stages[application.number] = .lost
    case (.made, _): break
    }
  }

  fileprivate func began() -> Int {
    attempts.append(true)
    return attempts.count - 1
  }

  fileprivate func ended(_ attempt: Int?, _ how: String, _ reason: any Error) {
    see(how, reason)
    guard let attempt, attempts[attempt] else { return violate("an attempt ended twice") }
    attempts[attempt] = false
    clientEnded()
  }
}

extension TCPPort {
  fileprivate var isIPv6: Bool { if case .ipv6? = try? getHost() { true } else { false } }
}

/// The factory of one kind of connection.
final class FaultFactory: ClientFactory {
  let name: String
  private let world: FaultWorld
  private var attempt: Int?

  init(_ name: String, _ world: FaultWorld) {
    self.name = name
    self.world = world
    super.init()
  }

  override var logPrefix: String? { name }

  override func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? { FaultProtocol(name, world) }

  override func startedConnecting(_ connector: Connector) throws { attempt = world.began() }

  override func clientConnectionFailed(_ connector: Connector, reason: any Error) throws {
    world.ended(attempt, "failed", reason)
  }

  override func clientConnectionLost(_ connector: Connector, reason: any Error) throws {
    world.ended(attempt, "client lost", reason)
  }
}

/// One side of one connection; the server's has the kind S.
final class FaultProtocol: HalfCloseableProtocol {
  let kind: String
  private let world: FaultWorld
  private(set) var number = 0
  private(set) var transport: (any StreamTransport)?
  private(set) var isLost = false
  private var received = 0
  /// More than one read takes.
  private static let much = [UInt8](repeating: 0x61, count: 70_000)

  init(_ kind: String, _ world: FaultWorld) {
    self.kind = kind
    self.world = world
    number = world.built(self)
  }

  var logPrefix: String? { kind }

  func makeConnection(_ transport: any StreamTransport) throws {
    self.transport = transport
    world.told(self, "made")
    switch kind {
    case "S": break
    case "half":
      try transport.write(Self.much)
      try transport.loseWriteConnection()
    case "options":
      world.guarded("setTcpNoDelay") { try transport.setTcpNoDelay(true) }
      world.guarded("getTcpNoDelay") { _ = try transport.getTcpNoDelay() }
      world.guarded("setTcpKeepAlive") { try transport.setTcpKeepAlive(true) }
      world.guarded("getTcpKeepAlive") { _ = try transport.getTcpKeepAlive() }
      world.guarded("getHost") { _ = try transport.getHost() }
      world.guarded("getPeer") { _ = try transport.getPeer() }
      world.guarded("pauseProducing") { try transport.pauseProducing() }
      world.guarded("callLater") {
        _ = try world.reactor.callLater(.milliseconds(5)) { [world] in
          world.guarded("resumeProducing") { try transport.resumeProducing() }
        }
      }
      try transport.write(Array("options".utf8))
    case "adopted":
      guard let connection = transport as? TCPConnection else { return }
      let family: AddressFamily = if case .ipv6 = try transport.getPeer() { .inet6 } else { .inet }
      let adopted = world.guarded("adoptStreamConnection") {
        try world.reactor.adoptStreamConnection(
          connection.descriptor, family, factory: FaultFactory("adopted-copy", world))
      }
      if let adopted = adopted ?? nil { try adopted.loseConnection() }
    case "adopted-copy": break
    default: try transport.write(Array("hello".utf8))
    }
  }

  func dataReceived(_ data: RawSpan) throws {
    world.told(self, "data")
    received += data.byteCount
    guard let transport else { return }
    switch kind {
    case "S": try transport.write(unsafe data.withUnsafeBytes { unsafe Array($0) })
    case "half": break
    case "abort": try transport.abortConnection()
    case "last":
      if received >= 5 {
        world.served()
        try transport.loseConnection()
      }
    default: if received >= 5 { try transport.loseConnection() }
    }
  }

  func readConnectionLost() throws {
    world.told(self, "readLost")
    world.guarded("loseConnection") { try transport?.loseConnection() }
  }

  func writeConnectionLost() throws { world.told(self, "writeLost") }

  func connectionLost(_ reason: any Error) throws {
    world.told(self, "lost")
    isLost = true
    world.see("lost", reason)
  }
}
