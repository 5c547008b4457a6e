extension TCPConnection {
  /// Appends bytes to the output.
  ///
  /// See ``StreamTransport``.
  ///
  /// - Parameter data: The bytes, copied.
  /// - Throws: What a producer's `pauseProducing` throws.
  public func write(_ data: RawSpan) throws {
    try reactor.call(self, "write", [.init("data", .init(copying: data))]) {
      if let layer {
        if state.connected { try layer.write(data) }
      } else {
        try writePlain(data)
      }
    }
  }

  /// Appends several runs of bytes to the output.
  ///
  /// See ``StreamTransport``.
  ///
  /// - Parameter data: The runs, in order.
  /// - Throws: What a producer's `pauseProducing` throws.
  public func writeSequence(_ data: [[UInt8]]) throws {
    try reactor.call(self, "writeSequence", [.init("data", .list(data.map { .bytes($0) }))]) {
      if let layer {
        if state.connected { try layer.writeSequence(data) }
      } else {
        guard state.acceptsOutput, !data.isEmpty else { return }
        var counts = OutputCounts()
        for run in data { counts = output.append(unsafe run.span.bytes) }
        try outputGrew(to: counts)
      }
    }
  }

  /// Appends bytes to the connection's own output, whatever stands above it.
  @inline(__always)
  package func writePlain(_ data: RawSpan) throws {
    guard state.acceptsOutput, !data.isEmpty else { return }
    try outputGrew(to: output.append(data))
  }

  @inline(__always)
  private func outputGrew(to counts: OutputCounts) throws {
    if counts.isFull(above: bufferSize), let producer = producers.producerToPause() {
      try reactor.back(producer, "pauseProducing") { try producer.pauseProducing() }
    }
    try reactor.wantFlush(self)
  }

  /// Registers a producer.
  ///
  /// See ``StreamTransport``.
  ///
  /// - Parameters:
  ///   - producer: The producer.
  ///   - streaming: Whether it is a push producer; one that is no ``PushProducer`` is then never paused.
  /// - Throws: ``ProducerError/alreadyRegistered`` when there is one, and what the producer throws.
  public func registerProducer(_ producer: any Producer, streaming: Bool) throws {
    try reactor.call(
      self, "registerProducer",
      [.init("producer", .object(producer, .producer)), .init("streaming", .bool(streaming))]
    ) {
      if let layer {
        try layer.registerProducer(producer, streaming: streaming)
      } else {
        try registerPlainProducer(producer, streaming: streaming)
      }
    }
  }

  /// Registers a producer with the connection itself, whatever stands above it.
  package func registerPlainProducer(_ producer: any Producer, streaming: Bool) throws {
    guard producers.producer == nil else { throw ProducerError.alreadyRegistered }
    if state.disconnected {
      try reactor.back(producer, "stopProducing") { try producer.stopProducing() }
      return
    }
    producers.register(producer, streaming: streaming)
    if !streaming {
      try reactor.back(producer, "resumeProducing") { try producer.resumeProducing() }
    }
  }

  /// Forgets the producer; a close that waited for it goes on.
  ///
  /// See ``StreamTransport``.
  ///
  /// - Throws: ``DescriptorError`` when the descriptor is gone behind the reactor's back.
  public func unregisterProducer() throws {
    try reactor.call(self, "unregisterProducer") {
      if let layer {
        try layer.unregisterProducer()
      } else {
        try unregisterPlainProducer()
      }
    }
  }

  /// Forgets the connection's own producer, whatever stands above it.
  package func unregisterPlainProducer() throws {
    withExtendedLifetime(producers.unregister()) {}
    if state.connected, state.disconnecting { try reactor.wantFlush(self) }
  }

  /// Stops reading.
  ///
  /// Mirrors `twisted.internet.interfaces.IPushProducer.pauseProducing`.
  ///
  /// - Throws: Nothing today.
  public func pauseProducing() throws {
    reactor.call(self, "pauseProducing") { reactor.stopReading(self) }
  }

  /// Reads again, unless the connection is closing or lost.
  ///
  /// Mirrors
  /// `twisted.internet.interfaces.IPushProducer.resumeProducing`.
  ///
  /// - Throws: ``DescriptorError`` when the descriptor is gone behind the reactor's back.
  public func resumeProducing() throws {
    try reactor.call(self, "resumeProducing") {
      if state.mayResume { try reactor.startReading(self) }
    }
  }

  /// Closes the connection.
  ///
  /// Mirrors `twisted.internet.interfaces.IProducer.stopProducing`.
  ///
  /// - Throws: As ``loseConnection()``.
  public func stopProducing() throws {
    try reactor.call(self, "stopProducing") { try loseConnection() }
  }

  /// Forgets the producer and closes the connection.
  ///
  /// Mirrors `twisted.internet.abstract.FileDescriptor.stopConsuming`.
  ///
  /// - Throws: As ``unregisterProducer()`` and ``loseConnection()``.
  public func stopConsuming() throws {
    try reactor.call(self, "stopConsuming") {
      try unregisterProducer()
      try loseConnection()
    }
  }

  /// Has the reactor poll for input, in whatever state; see ``resumeProducing()`` for what asks first.
  ///
  /// Mirrors `twisted.internet.abstract.FileDescriptor.startReading`.
  ///
  /// - Throws: ``DescriptorError/negative`` when the transport is lost.
  public func startReading() throws {
    try reactor.call(self, "startReading") { try reactor.startReading(self) }
  }

  /// Has the reactor poll for input no more.
  ///
  /// Mirrors `twisted.internet.abstract.FileDescriptor.stopReading`.
  public func stopReading() {
    reactor.call(self, "stopReading") { reactor.stopReading(self) }
  }

  /// Asks for a flush.
  ///
  /// Mirrors `twisted.internet.abstract.FileDescriptor.startWriting`.
  ///
  /// - Throws: ``DescriptorError/negative`` when the transport is lost.
  public func startWriting() throws {
    try reactor.call(self, "startWriting") { try wantWrite() }
  }

  /// Asks for a flush, or on a client that is not connected for the poll to tell how the attempt stands.
  func wantWrite() throws(DescriptorError) {
    if state.connected || descriptor < 0 {
      try reactor.wantFlush(self)
    } else {
      try reactor.startWriting(self)
    }
  }

  /// Asks for a flush no more: what waits stays until something asks again.
  ///
  /// Mirrors `twisted.internet.abstract.FileDescriptor.stopWriting`.
  public func stopWriting() {
    reactor.call(self, "stopWriting") { reactor.stopWriting(self) }
  }
}
