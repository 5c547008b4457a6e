import Addresses

extension TCPConnection {
  /// Makes the transport of one attempt: its socket, bound if that was asked for; the attempt goes on in the next turn.
  ///
  /// What keeps a socket from being had or bound fails the attempt, in the next turn.
  ///
  /// - Parameter connector: The connector, which has the destination.
  /// - Throws: ``OverflowError`` for a port to bind that no address has; ``DNSLookupError`` for an unknown interface in an
  ///   IPv6 literal.
  convenience init(dialling connector: Connector) throws {
    let destination = HostLiteral(connector.host)
    if case .ipv6(let host) = destination { _ = try host.scope }
    self.init(reactor: connector.reactor, descriptor: -1, state: .new, peer: nil)
    self.connector = connector
    do {
      try openSocket(destination.family, bind: connector.binding)
    } catch let error as ConnectError {
      closeSocket(shutting: false)
      reactor.callLaterInternally(.zero) { try self.failIfNotConnected(error) }
      return
    }
    reactor.callLaterInternally(.zero) { try self.resolve(destination, connector) }
  }

  private func openSocket(_ family: AddressFamily, bind binding: Binding?) throws {
    do {
      take(try reactor.io.socket(family, .stream))
      try binding?.bind(descriptor, in: family, reactor.io)
    } catch let errno as Errno {
      throw ConnectError.bind(errno)
    } catch Binding.Failure.unknownHost {
      throw ConnectError.bind(.addressNotAvailable)
    } catch Binding.Failure.port(let error) {
      throw error
    }
  }

  /// Resolves the destination, if it is a name, and connects.
  private func resolve(_ destination: HostLiteral, _ connector: Connector) throws {
    switch destination {
    case .ipv4, .ipv6:
      connect(.success(connector.host), port: connector.port)
    case .name:
      try reactor.resolve(connector.host).addBoth { self.connect($0, port: connector.port) }
    }
  }

  /// Connects to an address literal; whatever is thrown on the way fails the attempt, if it is one still.
  ///
  /// What the factory throws when it is told of that is logged, for nobody is there to take it.
  private func connect(_ literal: Result<String, any Error>, port: Int) {
    do {
      do {
        try dial(try literal.get(), port: port)
      } catch {
        try failIfNotConnected(error)
      }
    } catch {
      reactor.log(.critical, "a failed attempt to connect could not be told", error: error)
    }
  }

  private func dial(_ literal: String, port: Int) throws {
    let destination = HostLiteral(literal)
    guard let number = UInt16(exactly: port) else {
      // Twisted has getaddrinfo turn an IPv6 literal and its port into an address, and that refuses a negative one.
      if case .ipv6 = destination, port < 0 { throw AddressLookupError(host: literal, port: port) }
      throw OverflowError(value: port)
    }
    switch destination {
    case .ipv4(let host):
      peer = .ipv4(IPv4Address(transport: .tcp, host: host, port: number))
    case .ipv6(let host):
      peer = .ipv6(IPv6Address(transport: .tcp, host: host.host, port: number, scopeID: try host.scope))
    case .name:
      throw ConnectError.other(nil)
    }
    try continueConnecting()
  }

  /// Connects, or finds out how the connection that was begun stands: called by the attempt, then by each poll's finding.
  func continueConnecting() throws {
    guard !state.disconnected, let connector, let peer else { return }
    if let pending = try reactor.io.takeError(descriptor) {
      return try failIfNotConnected(ConnectError(pending))
    }
    let isFirst = !reactor.isReading(self)
    let result = reactor.io.connect(descriptor, to: peer)
    if isFirst, let boundary = reactor.boundary, let local = try? reactor.io.localAddress(descriptor) {
      boundary.observer.connecting(self, connector: connector, from: local)
    }
    switch result {
    case .wouldBlock:
      try reactor.startReading(self)
      try reactor.startWriting(self)
    case .failed(let errno):
      try failIfNotConnected(ConnectError(errno))
    case .done:
      reactor.stopReading(self)
      reactor.stopWriting(self)
      try connectDone(connector, peer)
    }
  }

  /// The socket is connected: asks for the protocol, and connects it.
  private func connectDone(_ connector: Connector, _ peer: Address) throws {
    let application = try connector.buildProtocol(peer)
    state.connect()
    adopt(application, logSuffix: "client")
    if let application {
      try reactor.startReading(self)
      try reactor.connect(application, to: self)
    } else {
      try losePlainConnection()
    }
  }

  /// Ends the attempt, if it is one still: closes the socket and tells the connector.
  func failIfNotConnected(_ reason: any Error) throws {
    guard !state.connected, !state.disconnected, let connector else { return }
    reactor.stopReading(self)
    reactor.stopWriting(self)
    closeSocket(shutting: true)
    // If the factory throws, the connector stays, and is told again by what ends this descriptor, as Twisted does.
    try connector.connectionFailed(reason)
    self.connector = nil
    withExtendedLifetime(producers.unregister()) {}
  }
}
