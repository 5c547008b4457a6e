import Addresses

extension TCPConnection: StreamTransport {
  /// The local address.
  ///
  /// - Returns: The address as the operating system gives it.
  /// - Throws: ``DescriptorError`` when the transport is lost.
  public func getHost() throws -> Address {
    try reactor.call(self, "getHost", gives: { .address($0) }) {
      try onSocket { (descriptor) throws(Errno) in try reactor.io.localAddress(descriptor) }
    }
  }

  /// The address of the peer, also after the loss.
  ///
  /// - Returns: The address that was dialled, with a name resolved, or that was accepted.
  /// - Throws: ``DescriptorError/closed`` while the name of the peer is not resolved.
  public func getPeer() throws -> Address {
    try reactor.call(self, "getPeer", gives: { .address($0) }) { () throws(DescriptorError) in
      guard let peer else { throw .closed }
      return peer
    }
  }

  /// Whether Nagle's algorithm is off.
  ///
  /// - Returns: The socket's `TCP_NODELAY`.
  /// - Throws: ``DescriptorError`` when the transport is lost.
  public func getTcpNoDelay() throws -> Bool {
    try reactor.call(self, "getTcpNoDelay", gives: { .bool($0) }) { try option(.noDelay) }
  }

  /// Turns Nagle's algorithm off or on; a refusal of the operating system is logged.
  ///
  /// - Parameter enabled: Whether to set `TCP_NODELAY`.
  /// - Throws: ``DescriptorError/closed`` when the transport is lost.
  public func setTcpNoDelay(_ enabled: Bool) throws {
    try reactor.call(self, "setTcpNoDelay", [.init("enabled", .bool(enabled))]) { () throws(DescriptorError) in
      do throws(DescriptorError) {
        try setOption(.noDelay, enabled)
      } catch .system(let errno) {
        reactor.log(.error, "TCP_NODELAY could not be set", error: errno)
      }
    }
  }

  /// Whether the kernel probes an idle connection.
  ///
  /// - Returns: The socket's `SO_KEEPALIVE`.
  /// - Throws: ``DescriptorError`` when the transport is lost.
  public func getTcpKeepAlive() throws -> Bool {
    try reactor.call(self, "getTcpKeepAlive", gives: { .bool($0) }) { try option(.keepAlive) }
  }

  /// Turns the kernel's probes of an idle connection on or off.
  ///
  /// - Parameter enabled: Whether to set `SO_KEEPALIVE`.
  /// - Throws: ``DescriptorError`` when the transport is lost, or the operating system refuses.
  public func setTcpKeepAlive(_ enabled: Bool) throws {
    try reactor.call(self, "setTcpKeepAlive", [.init("enabled", .bool(enabled))]) {
      try setOption(.keepAlive, enabled)
    }
  }

  /// Starts TLS; the handshake follows what was already written.
  ///
  /// - Parameters:
  ///   - contextFactory: Asked for its context inside this call, before anything is written.
  ///   - normal: Whether a client is the TLS client, and a server the TLS server.
  /// - Throws: What `getContext` throws, untouched; ``TLSError/unavailable`` for a context of no TLS module;
  ///   ``DescriptorError/closed`` when the transport is lost.
  public func startTLS(_ contextFactory: any TLSContextFactory, normal: Bool) throws {
    var arguments: [BoundaryArgument] { [.init("contextFactory", .object(contextFactory, .context))] }
    try reactor.call(self, "startTLS", normal ? arguments : arguments + [.init("normal", .bool(false))]) {
      let context = try reactor.back(contextFactory, "getContext", gives: { .object($0, .context) }) {
        try contextFactory.getContext()
      }
      guard let context = context as? any StreamLayerContext else { throw TLSError.unavailable }
      guard let application else { throw DescriptorError.closed }
      let producer = producers
      withExtendedLifetime(producers.unregister()) {}
      let layer = try context.makeLayer(on: self, application: application, isClient: (connector != nil) == normal)
      self.application = layer.application
      halfCloseable = layer.application as? any HalfCloseableProtocol
      self.layer = layer
      try layer.begin()
      if let registered = producer.producer {
        try layer.registerProducer(registered, streaming: producer.isStreaming)
      }
    }
  }

  /// Whether the connection is made and not lost.
  ///
  /// Mirrors the `connected` attribute.
  public var connected: Bool {
    read("connected", state.connected)
  }

  /// Whether `loseConnection` took effect.
  ///
  /// Mirrors the `disconnecting` attribute.
  public var disconnecting: Bool {
    read("disconnecting", state.disconnecting)
  }

  /// Whether the connection was lost.
  ///
  /// Mirrors the `disconnected` attribute.
  public var disconnected: Bool {
    read("disconnected", state.disconnected)
  }

  /// The name in log lines: the protocol's name, then `client`, or the session's number and the peer's host.
  public var logPrefix: String { logName }

  /// Reads a flag for the application; a transport's flags are Twisted's numbers.
  private func read(_ name: StaticString, _ flag: Bool) -> Bool {
    reactor.boundary?.read(self, name, .int(flag ? 1 : 0))
    return flag
  }

  private func option(_ option: SocketOption) throws(DescriptorError) -> Bool {
    try onSocket { (descriptor) throws(Errno) in try reactor.io.option(option, of: descriptor) } != 0
  }

  private func setOption(_ option: SocketOption, _ enabled: Bool) throws(DescriptorError) {
    try onSocket { (descriptor) throws(Errno) in
      try reactor.io.setOption(option, of: descriptor, to: enabled ? 1 : 0)
    }
  }

  /// Asks the operating system something about the socket.
  private func onSocket<Value>(_ ask: (Int32) throws(Errno) -> Value) throws(DescriptorError) -> Value {
    guard descriptor >= 0 else { throw .closed }
    do throws(Errno) {
      return try ask(descriptor)
    } catch {
      throw .system(error)
    }
  }
}
