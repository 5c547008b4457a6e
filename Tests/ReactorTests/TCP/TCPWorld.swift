import Addresses
import Synchronization
import Testing

@testable import Reactor

/// A back end, an address family and a network: every TCP test runs on each.
struct TCPCase: CustomTestStringConvertible, Sendable {
  /// Whose sockets there are.
  enum Network: String, CaseIterable {
    case system
    case memory
  }

  var backEnd: BackEnd
  var host: String
  var network = Network.system

  /// Those on the operating system's network, for what has sockets beside the reactor's.
  static let system = BackEnd.allCases.flatMap { (backEnd) in
    ["127.0.0.1", "::1"].map { TCPCase(backEnd: backEnd, host: $0) }
  }
  static let all = Network.allCases.flatMap { (network) in
    system.map { TCPCase(backEnd: $0.backEnd, host: $0.host, network: network) }
  }

  var family: AddressFamily { host == "::1" ? .inet6 : .inet }
  var testDescription: String { "\(backEnd.rawValue), \(host), \(network.rawValue)" }

  /// A network of the kind.
  func makeIO() -> any IOSystem {
    switch network {
    case .system: SystemIO()
    case .memory: MemoryNetwork()
    }
  }
}

/// What the application of a test throws.
struct Planted: Error, Hashable, CustomStringConvertible {
  var name: String
  init(_ name: String) { self.name = name }
  var description: String { name }
}

/// A reactor with a server and clients in it whose callbacks are written down as `C.made@1p`: the server's side is S, the
/// client's C, the turn is 1, and `p` is its I/O step, `t` its steps before, `0` the time before the first turn.
final class TCPWorld {
  let reactor: Reactor
  let testCase: TCPCase
  private(set) var lines: [String] = []
  private var logged: LoggedErrors
  private var isOver = false
  private var isDone: ((TCPWorld) -> Bool)?
  /// What lets the hooks of factories and producers go, which may refer to one another.
  fileprivate var releases: [() -> Void] = []
  var port: TCPPort?

  init(_ testCase: TCPCase, io: (any IOSystem)? = nil) throws {
    self.testCase = testCase
    logged = LoggedErrors()
    reactor = try Reactor(testCase.backEnd, io: io ?? testCase.makeIO(), log: logged.sink)
  }

  /// The errors that were logged, as texts.
  var errors: [String] { logged.errors }
  /// All lines of the reactor's log.
  var messages: [String] { logged.messages }

  func note(_ line: String) {
    guard !isOver else { return }
    let place = reactor.turn == 0 ? "0" : "\(reactor.turn)\(reactor.phase == .io ? "p" : "t")"
    lines.append("\(line)@\(place)")
    check()
  }

  private func check() {
    if let isDone, isDone(self) {
      self.isDone = nil
      reactor.crash()
    }
  }

  /// The lines without turns.
  var events: [String] { lines.map { String($0.prefix { $0 != "@" }) } }

  /// The lines that begin with one of some texts: order between two connections is nobody's promise.
  func lines(of beginnings: String...) -> [String] {
    lines.filter { (line) in beginnings.contains { line.hasPrefix($0) } }
  }

  /// The lines that begin with one of some texts, without turns.
  func events(of beginnings: String...) -> [String] {
    events.filter { (line) in beginnings.contains { line.hasPrefix($0) } }
  }

  /// Listens on the loopback interface.
  @discardableResult
  func listen(_ server: TestFactory) throws -> TCPPort {
    let port = try reactor.listenTCP(port: 0, factory: server, interface: testCase.host)
    self.port = port
    return port
  }

  /// Connects to the port that listens.
  @discardableResult
  func connect(_ client: TestFactory, timeout: Duration? = .seconds(30)) throws -> Connector {
    let listening = try #require(port)
    let number = try #require(listening.getHost().port)
    return try reactor.connectTCP(
      host: testCase.host, port: .number(Int(number)), factory: client, timeout: timeout)
  }

  /// Runs until the last line begins with a text.
  func run(until last: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try run(sourceLocation: sourceLocation) { $0.events.last?.hasPrefix(last) == true }
  }

  /// Runs until a condition holds, which is looked at after each line.
  func run(
    sourceLocation: SourceLocation = #_sourceLocation, until condition: @escaping (TCPWorld) -> Bool
  ) throws {
    isDone = condition
    var isLate = false
    let guardian = try reactor.callLater(.seconds(10)) { [reactor] in
      isLate = true
      reactor.crash()
    }
    try reactor.run(installSignalHandlers: false)
    if isLate {
      Issue.record("nothing more happened after \(lines)", sourceLocation: sourceLocation)
    } else {
      try guardian.cancel()
    }
  }

  /// Makes some more turns.
  func turns(_ count: Int) throws {
    var left = count
    func next() throws {
      left -= 1
      if left < 0 { reactor.crash() } else { try reactor.callLater(.zero, next) }
    }
    try reactor.callLater(.zero, next)
    try reactor.run(installSignalHandlers: false)
  }

  /// Stops the reactor, so that nothing stays open.
  func close(sourceLocation: SourceLocation = #_sourceLocation) {
    guard !isOver else { return }
    isOver = true
    defer {
      for release in releases { release() }
      releases = []
      isDone = nil
      port = nil
      reactor.resolution = Resolution(reactor)
    }
    do {
      let trigger = try reactor.callWhenRunning { [reactor] in try reactor.stop() }
      do {
        try reactor.run(installSignalHandlers: false)
      } catch ReactorError.notRestartable {
        // The test has stopped it.
        if let trigger { try reactor.removeSystemEventTrigger(trigger) }
      }
    } catch {
      Issue.record(error, sourceLocation: sourceLocation)
    }
  }
}

/// What a reactor logs.
private final class LoggedErrors: Sendable {
  private let events = Mutex<[LogEvent]>([])

  var sink: LogSink { LogSink { (event) in self.events.withLock { $0.append(event) } } }
  var errors: [String] { events.withLock { $0.compactMap { (event) in event.error.map { "\($0)" } } } }
  var messages: [String] { events.withLock { $0.map(\.message) } }
}

/// A factory whose calls are written down, with hooks for what it does besides.
final class TestFactory: ClientFactory {
  let name: String
  let world: TCPWorld
  var isHalfCloseable = false
  var onStart: () throws -> Void = {}
  var onStop: () throws -> Void = {}
  var onStarted: (Connector) throws -> Void = { _ in }
  var onBuild: (TestProtocol) throws -> TestProtocol? = { $0 }
  var onMade: (TestProtocol) throws -> Void = { _ in }
  var onData: (TestProtocol, [UInt8]) throws -> Void = { _, _ in }
  var onLost: (TestProtocol, any Error) throws -> Void = { _, _ in }
  var onReadLost: (TestProtocol) throws -> Void = { _ in }
  var onWriteLost: (TestProtocol) throws -> Void = { _ in }
  var onFailed: (Connector, any Error) throws -> Void = { _, _ in }
  var onClientLost: (Connector, any Error) throws -> Void = { _, _ in }
  var protocols: [TestProtocol] = []
  var peers: [Address] = []

  init(_ name: String, _ world: TCPWorld, halfCloseable: Bool = false) {
    self.name = name
    self.world = world
    isHalfCloseable = halfCloseable
    super.init()
    world.releases.append { self.release() }
  }

  private func release() {
    onStart = {}
    onStop = {}
    onStarted = { _ in }
    onBuild = { $0 }
    onMade = { _ in }
    onData = { _, _ in }
    onLost = { _, _ in }
    onReadLost = { _ in }
    onWriteLost = { _ in }
    onFailed = { _, _ in }
    onClientLost = { _, _ in }
    protocols = []
  }

  override func startFactory() throws {
    world.note("\(name).startFactory")
    try onStart()
  }

  override func stopFactory() throws {
    world.note("\(name).stopFactory")
    try onStop()
  }

  override func startedConnecting(_ connector: Connector) throws {
    world.note("\(name).started")
    try onStarted(connector)
  }

  override func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? {
    world.note("\(name).build")
    peers.append(address)
    let built = isHalfCloseable ? HalfCloseableTestProtocol(self) : TestProtocol(self)
    guard let built = try onBuild(built) else { return nil }
    protocols.append(built)
    return built
  }

  override func clientConnectionFailed(_ connector: Connector, reason: any Error) throws {
    world.note("\(name).ccFailed \(text(reason))")
    try onFailed(connector, reason)
  }

  override func clientConnectionLost(_ connector: Connector, reason: any Error) throws {
    world.note("\(name).ccLost \(text(reason))")
    try onClientLost(connector, reason)
  }

  override var logPrefix: String? { name }
}

/// A protocol whose calls are written down.
class TestProtocol: StreamProtocol {
  let factory: TestFactory
  private(set) var transport: (any StreamTransport)?
  var received: [UInt8] = []

  init(_ factory: TestFactory) { self.factory = factory }

  var logPrefix: String? { factory.name }

  func makeConnection(_ transport: any StreamTransport) throws {
    self.transport = transport
    factory.world.note("\(factory.name).made")
    try factory.onMade(self)
  }

  func dataReceived(_ data: RawSpan) throws {
    // Copied inside the closure, where the span holds the bytes.
    let bytes = unsafe data.withUnsafeBytes { unsafe Array($0) }
    received += bytes
    let shown = bytes.count > 20 ? "\(bytes.count) bytes" : String(decoding: bytes, as: UTF8.self)
    factory.world.note("\(factory.name).data(\(shown))")
    try factory.onData(self, bytes)
  }

  func connectionLost(_ reason: any Error) throws {
    factory.world.note("\(factory.name).lost \(text(reason))")
    try factory.onLost(self, reason)
  }
}

/// The same with half-closes.
final class HalfCloseableTestProtocol: TestProtocol, HalfCloseableProtocol {
  func readConnectionLost() throws {
    factory.world.note("\(factory.name).readLost")
    try factory.onReadLost(self)
  }

  func writeConnectionLost() throws {
    factory.world.note("\(factory.name).writeLost")
    try factory.onWriteLost(self)
  }
}

/// A producer whose calls are written down.
final class TestProducer: PushProducer {
  let name: String
  let world: TCPWorld
  var onResume: () throws -> Void = {}
  var onPause: () throws -> Void = {}
  var onStop: () throws -> Void = {}

  init(_ name: String, _ world: TCPWorld) {
    self.name = name
    self.world = world
    world.releases.append { (self.onResume, self.onPause, self.onStop) = ({}, {}, {}) }
  }

  func resumeProducing() throws {
    world.note("\(name).resume")
    try onResume()
  }

  func pauseProducing() throws {
    world.note("\(name).pause")
    try onPause()
  }

  func stopProducing() throws {
    world.note("\(name).stop")
    try onStop()
  }
}

/// An error as a line has it: its family's name, or its own text.
func text(_ error: any Error) -> String { (error as? any NamedError)?.traceName ?? "\(error)" }
