extension TCPConnection {
  /// Closes when all output is sent, or inside the call after a finished half-close.
  ///
  /// See ``StreamTransport``.
  ///
  /// - Throws: What the application throws from an up-call made inside this call.
  public func loseConnection() throws {
    try reactor.call(self, "loseConnection") {
      if let layer {
        if state.mayResume { try layer.loseConnection() }
      } else {
        try losePlainConnection()
      }
    }
  }

  /// Closes the connection itself, whatever stands above it.
  package func losePlainConnection() throws {
    switch state.lose() {
    case .nothing:
      break
    case .now:
      reactor.stopReading(self)
      reactor.stopWriting(self)
      try connectionLost(ConnectionClosed.done)
    case .flush:
      reactor.stopReading(self)
      try reactor.wantFlush(self)
    }
  }

  /// Closes the sending side when all output is sent.
  ///
  /// See ``StreamTransport``.
  ///
  /// - Throws: ``DescriptorError`` when the transport is already lost.
  public func loseWriteConnection() throws {
    try reactor.call(self, "loseWriteConnection") {
      guard state.loseWriting(), descriptor >= 0 else { throw DescriptorError.negative }
      try wantWrite()
    }
  }

  /// Drops the output and resets the connection; `connectionLost` comes in the next turn.
  ///
  /// See ``StreamTransport``.
  ///
  /// - Throws: Nothing today.
  public func abortConnection() throws {
    reactor.call(self, "abortConnection") {
      guard state.abort() else { return }
      reactor.stopReading(self)
      reactor.stopWriting(self)
      reactor.callLaterInternally(.zero) { try self.connectionLost(ConnectionClosed.aborted) }
    }
  }

  /// The peer closed its sending side: tells the application, or loses the connection with whatever output waits.
  package func readConnectionLost(_ reason: any Error) throws {
    guard let halfCloseable else {
      try connectionLost(reason)
      return
    }
    try loseOnError {
      try reactor.back(halfCloseable, "readConnectionLost") { try halfCloseable.readConnectionLost() }
    }
  }

  /// All output is sent: closes the sending side and tells the application.
  func closeSendingSide() throws {
    // A peer that is gone already makes this fail, which the next read or write will tell.
    try? reactor.io.shutdown(descriptor, .write)
    guard let halfCloseable else { return }
    try loseOnError {
      try reactor.back(halfCloseable, "writeConnectionLost") { try halfCloseable.writeConnectionLost() }
    }
  }

  /// Loses the connection with the application's own error, logged first.
  private func loseOnError(_ tell: () throws -> Void) throws {
    do {
      try tell()
    } catch {
      reactor.log(.critical, "the application threw when it was told of a half-close", error: error)
      try connectionLost(error)
    }
  }

  /// Ends the connection: producer, socket, protocol, connector, factory, in this order.
  ///
  /// The reactor calls it; a second call does nothing. An error that the application throws ends the sequence there: from
  /// `stopProducing`, the socket stays open until the reactor stops; from the protocol's `connectionLost`, the connector is
  /// not told.
  ///
  /// - Parameter reason: What the protocol and the factory are told.
  /// - Throws: What the application throws.
  public func connectionLost(_ reason: any Error) throws {
    try reactor.call(self, "connectionLost", [.init("reason", .error(reason))]) { try lose(reason) }
  }

  private func lose(_ reason: any Error) throws {
    guard state.connected || connector == nil else {
      try failIfNotConnected(ConnectError.other(nil))
      return
    }
    guard descriptor >= 0 else { return }
    state.loseNow()
    if let producer = producers.producer {
      do {
        try reactor.back(producer, "stopProducing") { try producer.stopProducing() }
      } catch {
        // Nobody reads or writes a lost connection.
        reactor.stopReading(self)
        reactor.stopWriting(self)
        throw error
      }
      withExtendedLifetime(producers.unregister()) {}
    }
    reactor.stopReading(self)
    reactor.stopWriting(self)
    let isAborted = reason as? ConnectionClosed == .aborted
    if isAborted { try? reactor.io.setResetOnClose(descriptor) }
    closeSocket(shutting: !isAborted)
    output.removeAll()
    let (application, connector) = (application, connector)
    self.application = nil
    self.connector = nil
    halfCloseable = nil
    layer = nil
    if let application {
      try reactor.back(application, "connectionLost", [.init("reason", .error(reason))]) {
        try application.connectionLost(reason)
      }
    }
    try connector?.connectionLost(reason)
  }

  /// Ends the connection without a word to anyone: the reactor has stopped.
  func abandon() {
    // Released after all is in order: what goes with them may use the connection.
    let released = (producers.unregister(), application, connector, layer)
    state.loseNow()
    closeSocket(shutting: true)
    output.removeAll()
    application = nil
    connector = nil
    halfCloseable = nil
    layer = nil
    withExtendedLifetime(released) {}
  }
}
