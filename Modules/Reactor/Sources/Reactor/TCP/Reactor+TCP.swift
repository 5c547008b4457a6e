import Addresses

extension Reactor {
  /// Listens on a TCP port.
  ///
  /// Inside the call, once the port listens, the factory's `doStart` is called. Connections are accepted in the turns that
  /// follow. Mirrors `twisted.internet.interfaces.IReactorTCP.listenTCP`.
  ///
  /// - Parameters:
  ///   - port: The port; 0 lets the operating system choose.
  ///   - factory: Makes the protocol of each connection.
  ///   - backlog: How many connections may wait for acceptance.
  ///   - interface: An address literal or a host name, which is looked up at once; empty for all of IPv4.
  /// - Returns: The port, which listens.
  /// - Throws: ``CannotListenError`` when the address cannot be bound; ``OverflowError`` for a number that is no port;
  ///   ``PortError/serviceName(_:)``; ``DescriptorError/system(_:)`` when the operating system refuses to listen, and its
  ///   `Errno` when it refuses the reserve descriptor; what `doStart` throws.
  @discardableResult
  public func listenTCP(
    port: PortSpecifier, factory: any ProtocolFactory, backlog: Int = 50, interface: String = ""
  ) throws -> TCPPort {
    try call(
      self, "listenTCP", listening(port.value, factory, backlog, interface), gives: { .object($0, .port) }
    ) {
      switch port {
      case .service(let name): throw PortError.serviceName(name)
      case .number(let number):
        try listen(Binding(interface: interface, port: number, reuseAddress: true), factory, backlog)
      }
    }
  }

  /// Listens on a TCP port, with a say in how its socket is bound.
  ///
  /// All else is as in ``listenTCP(port:factory:backlog:interface:)``.
  ///
  /// - Parameters:
  ///   - port: How the socket is bound.
  ///   - factory: Makes the protocol of each connection.
  ///   - backlog: How many connections may wait for acceptance.
  ///   - interface: Empty, or that of the binding once more.
  /// - Returns: The port, which listens.
  /// - Throws: ``PortError/inconsistentInterface`` for another interface than the binding's; and as
  ///   ``listenTCP(port:factory:backlog:interface:)``.
  @discardableResult
  public func listenTCP(
    port: Binding, factory: any ProtocolFactory, backlog: Int = 50, interface: String = ""
  ) throws -> TCPPort {
    try call(
      self, "listenTCP", listening(port.value, factory, backlog, interface), gives: { .object($0, .port) }
    ) {
      guard interface.isEmpty || interface == port.interface else { throw PortError.inconsistentInterface }
      return try listen(port, factory, backlog)
    }
  }

  private func listen(_ binding: Binding, _ factory: any ProtocolFactory, _ backlog: Int) throws -> TCPPort {
    let port = TCPPort(reactor: self, binding: binding, factory: factory, backlog: backlog)
    try port.startListening()
    return port
  }

  private func listening(
    _ port: BoundaryValue, _ factory: any ProtocolFactory, _ backlog: Int, _ interface: String
  ) -> [BoundaryArgument] {
    var arguments = [BoundaryArgument("port", port), BoundaryArgument("factory", .object(factory, .factory))]
    if backlog != 50 { arguments.append(BoundaryArgument("backlog", .int(backlog))) }
    if !interface.isEmpty { arguments.append(BoundaryArgument("interface", .text(interface))) }
    return arguments
  }

  /// Connects to a TCP port.
  ///
  /// Inside the call the factory's `doStart` and `startedConnecting` are called; the socket is told to connect in the next
  /// turn. Mirrors `twisted.internet.interfaces.IReactorTCP.connectTCP`.
  ///
  /// - Parameters:
  ///   - host: An address literal, or a name, which is resolved to IPv4.
  ///   - port: The port; a number that is no port fails the attempt.
  ///   - factory: Is told of the attempt, and makes the protocol.
  ///   - timeout: How long the attempt may take, name resolution included; `nil` for ever.
  ///   - bindAddress: The local host (empty for any) and port (0 for any); a failure to bind fails the attempt.
  /// - Returns: The connector, connecting.
  /// - Throws: ``ConnectError/unknownService``; ``OverflowError`` for a local number that is no port; ``DNSLookupError`` for
  ///   an IPv6 literal with an unknown interface; ``DelayError`` for a negative time-out; what `doStart` and
  ///   `startedConnecting` throw. After the latter two the attempt goes on all the same.
  @discardableResult
  public func connectTCP(
    host: String, port: PortSpecifier, factory: any ClientProtocolFactory, timeout: Duration? = .seconds(30),
    bindAddress: (host: String, port: PortSpecifier)? = nil
  ) throws -> Connector {
    let local = bindAddress.map { BoundaryValue.tuple([.text($0.host), $0.port.value]) }
    return try call(
      self, "connectTCP", connecting(host, port, factory, timeout, local), gives: { .object($0, .connector) }
    ) {
      let binding = try bindAddress.map { Binding(interface: $0.host, port: try $0.port.number) }
      return try connect(host, port, factory, timeout, binding)
    }
  }

  /// Connects to a TCP port, with a say in how the socket is bound.
  ///
  /// All else is as in ``connectTCP(host:port:factory:timeout:bindAddress:)``.
  ///
  /// - Parameters:
  ///   - host: An address literal, or a name, which is resolved to IPv4.
  ///   - port: The port; a number that is no port fails the attempt.
  ///   - factory: Is told of the attempt, and makes the protocol.
  ///   - timeout: How long the attempt may take, name resolution included; `nil` for ever.
  ///   - bindAddress: How the socket is bound; a failure to bind fails the attempt.
  /// - Returns: The connector, connecting.
  /// - Throws: As ``connectTCP(host:port:factory:timeout:bindAddress:)``.
  @discardableResult
  public func connectTCP(
    host: String, port: PortSpecifier, factory: any ClientProtocolFactory, timeout: Duration? = .seconds(30),
    bindAddress: Binding
  ) throws -> Connector {
    try call(
      self, "connectTCP", connecting(host, port, factory, timeout, bindAddress.value),
      gives: { .object($0, .connector) }
    ) {
      try connect(host, port, factory, timeout, bindAddress)
    }
  }

  private func connect(
    _ host: String, _ port: PortSpecifier, _ factory: any ClientProtocolFactory, _ timeout: Duration?,
    _ binding: Binding?
  ) throws -> Connector {
    let connector = try Connector(
      reactor: self, host: host, port: port, factory: factory, timeout: timeout, binding: binding)
    try connector.connect()
    return connector
  }

  private func connecting(
    _ host: String, _ port: PortSpecifier, _ factory: any ClientProtocolFactory, _ timeout: Duration?,
    _ bindAddress: BoundaryValue?
  ) -> [BoundaryArgument] {
    var arguments = [
      BoundaryArgument("host", .text(host)), BoundaryArgument("port", port.value),
      BoundaryArgument("factory", .object(factory, .factory)),
    ]
    if timeout != .seconds(30) {
      arguments.append(BoundaryArgument("timeout", timeout.map { .duration($0) } ?? .none))
    }
    if let bindAddress { arguments.append(BoundaryArgument("bindAddress", bindAddress)) }
    return arguments
  }

  /// Listens on a socket that listens already.
  ///
  /// The descriptor is duplicated; the caller keeps its own. Inside the call the factory's `doStart` is called. Mirrors
  /// `twisted.internet.interfaces.IReactorSocket.adoptStreamPort`.
  ///
  /// - Parameters:
  ///   - descriptor: The listening socket.
  ///   - family: Its address family.
  ///   - factory: Makes the protocol of each connection.
  /// - Returns: The port.
  /// - Throws: ``UnsupportedAddressFamily``; the operating system's refusal; what `doStart` throws.
  public func adoptStreamPort(
    _ descriptor: Int32, _ family: AddressFamily, factory: any ProtocolFactory
  ) throws -> TCPPort {
    try call(
      self, "adoptStreamPort", adoption(descriptor, family, factory), gives: { .object($0, .port) }
    ) {
      let copy = try duplicate(descriptor, family)
      let local: Address
      do {
        local = try io.localAddress(copy)
      } catch {
        try? io.close(copy)
        throw error
      }
      let port = TCPPort(reactor: self, adopting: copy, at: local, family: family, factory: factory)
      try port.startListening()
      return port
    }
  }

  /// Serves a socket that is connected already.
  ///
  /// The descriptor is duplicated; the caller keeps its own. Inside the call the factory's `buildProtocol` and the
  /// protocol's `makeConnection` are called; `doStart` is not. Mirrors
  /// `twisted.internet.interfaces.IReactorSocket.adoptStreamConnection`.
  ///
  /// - Parameters:
  ///   - descriptor: The connected socket.
  ///   - family: Its address family.
  ///   - factory: Makes the protocol.
  /// - Returns: The transport, or `nil` when the factory gave no protocol.
  /// - Throws: ``UnsupportedAddressFamily``; the operating system's refusal; what the factory and the protocol throw.
  @discardableResult
  public func adoptStreamConnection(
    _ descriptor: Int32, _ family: AddressFamily, factory: any ProtocolFactory
  ) throws -> (any StreamTransport)? {
    try call(
      self, "adoptStreamConnection", adoption(descriptor, family, factory),
      gives: { $0.map { .object($0, .transport) } ?? .none }
    ) {
      let connection = TCPConnection(
        reactor: self, descriptor: try duplicate(descriptor, family), state: .accepted, peer: nil)
      let peer = try io.peerAddress(connection.descriptor)
      connection.peer = peer
      guard let application = try build(factory, peer) else { return nil }
      connection.adopt(application, logSuffix: "\(peer.port ?? 0),\(peer.hostText)")
      try startReading(connection)
      try connect(application, to: connection)
      return connection
    }
  }

  private func duplicate(_ descriptor: Int32, _ family: AddressFamily) throws -> Int32 {
    switch family {
    case .inet, .inet6: try io.duplicate(descriptor)
    case .unix, .other: throw UnsupportedAddressFamily(family: family)
    }
  }

  private func adoption(
    _ descriptor: Int32, _ family: AddressFamily, _ factory: any ProtocolFactory
  ) -> [BoundaryArgument] {
    [
      BoundaryArgument("fileDescriptor", .descriptor(descriptor)),
      BoundaryArgument("addressFamily", .text(family.name)),
      BoundaryArgument("factory", .object(factory, .factory)),
    ]
  }
}

extension PortSpecifier {
  /// The port as it crosses the boundary.
  fileprivate var value: BoundaryValue {
    switch self {
    case .number(let number): .int(number)
    case .service(let name): .text(name)
    }
  }
}

extension AddressFamily {
  /// The family as it crosses the boundary.
  fileprivate var name: String {
    switch self {
    case .inet: "inet"
    case .inet6: "inet6"
    case .unix: "unix"
    case .other(let number): "\(number)"
    }
  }
}

extension Address {
  /// The host alone, as log lines have it.
  var hostText: String {
    switch self {
    case .ipv4(let address): "\(address.host)"
    case .ipv6(let address): "\(address.scopedHost)"
    case .unix(let address): "\(address)"
    case .hostname(let address): address.hostname
    }
  }
}

extension ProtocolFactory {
  /// The name in log lines.
  var logName: String { logPrefix ?? "\(type(of: self))" }
}

extension BoundaryValue {
  /// Bytes that are valid during the crossing only.
  init(copying data: RawSpan) {
    // The pointer is used inside the closure only, where the span holds the bytes.
    self = .bytes(unsafe data.withUnsafeBytes { unsafe Array($0) })
  }
}
