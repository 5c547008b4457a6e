import Addresses

/// Dials one destination, as often as it is asked to, and tells a factory what became of it.
///
/// Mirrors `twisted.internet.tcp.Connector`. For one attempt the factory is called in this order: `doStart`, unless an
/// earlier attempt is not ended yet; `startedConnecting`; then `clientConnectionFailed`, or `buildProtocol` and, in the
/// end, `clientConnectionLost`; then `doStop`, unless the factory called ``connect()`` inside one of the latter two.
public final class Connector {
  /// How far a connector is.
  public enum State: String, Sendable {
    /// Not connected: `connect` is legal, also inside `clientConnectionFailed` and `clientConnectionLost`.
    case disconnected
    /// An attempt is under way: `stopConnecting` is legal.
    case connecting
    /// A connection was made and is not lost.
    case connected
  }

  /// The reactor that it belongs to.
  let reactor: Reactor
  /// The host as it was given: a name or an address literal.
  public let host: String
  /// The port as it was given, with a service's name resolved.
  public let port: Int
  /// The factory that is told.
  public let factory: any ClientProtocolFactory
  /// How long an attempt may take, name resolution included; `nil` for ever.
  public let timeout: Duration?
  /// How the sockets of the attempts are bound, if they are.
  let binding: Binding?

  private var current = State.disconnected
  private var factoryIsStarted = false
  private var timeoutCall: DelayedCall?
  /// The transport of the latest attempt; none after one that failed.
  public private(set) var transport: TCPConnection?

  /// How far it is.
  public var state: State {
    reactor.boundary?.read(self, "state", .text(current.rawValue))
    return current
  }

  /// Makes a connector that does nothing yet.
  ///
  /// - Parameters:
  ///   - reactor: The reactor.
  ///   - host: The host.
  ///   - port: The port.
  ///   - factory: The factory that is told.
  ///   - timeout: How long an attempt may take.
  ///   - binding: How its sockets are bound, if they are.
  /// - Throws: ``ConnectError/unknownService``.
  init(
    reactor: Reactor, host: String, port: PortSpecifier, factory: any ClientProtocolFactory, timeout: Duration?,
    binding: Binding?
  ) throws(ConnectError) {
    self.reactor = reactor
    self.host = host
    self.port = try port.number
    self.factory = factory
    self.timeout = timeout
    self.binding = binding
  }

  /// Begins an attempt; the socket is told to connect in the next turn.
  ///
  /// - Throws: ``ConnectorError/notDisconnected``; ``OverflowError`` for a local number that is no port; ``DNSLookupError``
  ///   for an IPv6 literal with an unknown interface; ``DelayError`` for a negative time-out; what `doStart` and
  ///   `startedConnecting` throw. After the latter two the attempt goes on all the same.
  public func connect() throws {
    try reactor.call(self, "connect") {
      guard current == .disconnected else { throw ConnectorError.notDisconnected }
      current = .connecting
      if !factoryIsStarted {
        try reactor.back(factory, "doStart") { try factory.doStart() }
        factoryIsStarted = true
      }
      let attempt = try TCPConnection(dialling: self)
      transport = attempt
      if let timeout {
        guard timeout >= .zero else { throw DelayError.negative }
        timeoutCall = reactor.callLaterInternally(timeout) { try attempt.failIfNotConnected(ConnectError.timeout) }
      }
      try reactor.back(factory, "startedConnecting", [.init("connector", .object(self, .connector))]) {
        try factory.startedConnecting(self)
      }
    }
  }

  /// Ends the attempt that is under way: `clientConnectionFailed` with ``ConnectError/user`` comes inside this call.
  ///
  /// - Throws: ``ConnectorError/notConnecting``; what the factory throws.
  public func stopConnecting() throws {
    try reactor.call(self, "stopConnecting") {
      guard current == .connecting, let attempt = transport else { throw ConnectorError.notConnecting }
      current = .disconnected
      try attempt.failIfNotConnected(ConnectError.user)
    }
  }

  /// Ends the attempt that is under way, or closes the connection; does nothing when there is neither.
  ///
  /// - Throws: As ``stopConnecting()`` and ``TCPConnection/loseConnection()``.
  public func disconnect() throws {
    try reactor.call(self, "disconnect") {
      switch current {
      case .disconnected: break
      case .connecting: try stopConnecting()
      case .connected: try transport?.loseConnection()
      }
    }
  }

  /// The destination as it was given.
  ///
  /// - Returns: An IPv4 or IPv6 address, or a host name, which is not resolved.
  /// - Throws: ``OverflowError`` for a port that no address has; `AddressError` for a host that is no name either.
  public func getDestination() throws -> Address {
    try reactor.call(self, "getDestination", gives: { .address($0) }) {
      guard let port = UInt16(exactly: port) else { throw OverflowError(value: port) }
      return switch HostLiteral(host) {
      case .ipv4(let host): .ipv4(IPv4Address(transport: .tcp, host: host, port: port))
      case .ipv6(let host): .ipv6(IPv6Address(transport: .tcp, host: host.host, port: port, scopeID: try host.scope))
      case .name: .hostname(try HostnameAddress(hostname: host, port: port))
      }
    }
  }
}

// What a transport tells its connector.
extension Connector {
  /// The socket is connected: asks the factory for a protocol.
  func buildProtocol(_ peer: Address) throws -> (any StreamProtocol)? {
    current = .connected
    cancelTimeout()
    return try reactor.build(factory, peer, for: self)
  }

  /// The attempt came to nothing.
  func connectionFailed(_ reason: any Error) throws {
    cancelTimeout()
    transport = nil
    try end("clientConnectionFailed", reason) { try factory.clientConnectionFailed(self, reason: reason) }
  }

  /// The connection is lost, and its protocol was told.
  func connectionLost(_ reason: any Error) throws {
    try end("clientConnectionLost", reason) { try factory.clientConnectionLost(self, reason: reason) }
  }

  /// Tells the factory, and stops it unless it connects again.
  private func end(_ method: StaticString, _ reason: any Error, _ tell: () throws -> Void) throws {
    current = .disconnected
    try reactor.back(
      factory, method, [.init("connector", .object(self, .connector)), .init("reason", .error(reason))], tell)
    if current == .disconnected {
      try reactor.back(factory, "doStop") { try factory.doStop() }
      factoryIsStarted = false
    }
  }

  /// Lets go of its attempt and tells nobody: for one whose reactor was discarded.
  package func abandon() {
    let released = (transport, timeoutCall)
    (transport, timeoutCall) = (nil, nil)
    withExtendedLifetime(released) {}
  }

  private func cancelTimeout() {
    // It may be the time-out itself that ends the attempt.
    try? timeoutCall?.cancel()
    timeoutCall = nil
  }
}

extension Reactor {
  /// Asks a factory for the protocol of a new connection: a client's, which has a connector, or an accepted one.
  func build(
    _ factory: any ProtocolFactory, _ peer: Address, for connector: Connector? = nil
  ) throws -> (any StreamProtocol)? {
    try back(
      factory, "buildProtocol", [.init("addr", .address(peer))], of: connector,
      gives: { $0.map { .object($0, .protocol) } ?? .none }
    ) {
      try factory.buildProtocol(peer)
    }
  }

  /// Gives a protocol its transport.
  func connect(_ application: any StreamProtocol, to transport: any StreamTransport) throws {
    try back(application, "makeConnection", [.init("transport", .object(transport, .transport))]) {
      try application.makeConnection(transport)
    }
  }
}
