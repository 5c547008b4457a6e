// What is written, who produces it, and the close that waits for it.
extension FileDescriptor {
  /// Appends bytes to the output; ignored when it is not connected.
  ///
  /// When more than ``bufferSize`` bytes are then waiting, a push producer's `pauseProducing` is called before this returns.
  ///
  /// - Parameter data: The bytes.
  /// - Throws: What a producer's `pauseProducing` throws, and what ``startWriting()`` throws.
  public func write(_ data: [UInt8]) throws {
    try reactor.call(self, "write", [.init("data", .bytes(data))]) {
      guard state.acceptsOutput, !data.isEmpty else { return }
      try outputGrew(to: output.append(unsafe data.span.bytes))
    }
  }

  /// Appends several runs of bytes to the output, as one call.
  ///
  /// - Parameter data: The runs, in order; an array of empty runs still asks for a write.
  /// - Throws: As ``write(_:)``.
  public func writeSequence(_ data: [[UInt8]]) throws {
    try reactor.call(self, "writeSequence", [.init("data", .list(data.map { .bytes($0) }))]) {
      guard state.acceptsOutput, !data.isEmpty else { return }
      var counts = output.counts
      for run in data { counts = output.append(unsafe run.span.bytes) }
      try outputGrew(to: counts)
    }
  }

  private func outputGrew(to counts: OutputCounts) throws {
    if counts.isFull(above: bufferSize), let producer = producers.producerToPause() {
      try reactor.back(producer, "pauseProducing") { try producer.pauseProducing() }
    }
    try reactor.addWriter(self)
  }

  /// What `doWrite` does here.
  func writeOnce() throws -> (any Error)? {
    // Copied out, because the subclass may write inside the call.
    let bytes = output.copyOffered()
    let data = [BoundaryArgument("data", .bytes(bytes))]
    switch try tell(.writeSomeData, "writeSomeData", data, gives: \.boundaryValue, { try writeSomeData(bytes) }) {
    case .failed(let reason): return reason
    case .bytes(let count):
      // Never more than is still staged: the subclass may have written inside the call, or counted wrongly.
      output.sent(max(0, min(count, output.counts.staged - output.counts.sent)))
    }
    guard output.isEmpty else { return nil }
    reactor.removeWriter(self)
    if let producer = producers.producerToResume() {
      try reactor.back(producer, "resumeProducing") { try producer.resumeProducing() }
      return nil
    }
    return state.disconnecting ? ConnectionClosed.done : nil
  }

  /// Closes when all output is written and no pull or paused push producer is registered; reading stops now.
  ///
  /// - Throws: As ``startWriting()``.
  public func loseConnection() throws {
    try reactor.call(self, "loseConnection") {
      guard state.connected, !state.disconnecting else { return }
      reactor.removeReader(self)
      try reactor.addWriter(self)
      _ = state.lose()
    }
  }

  /// Registers a producer that writes to it; see ``StreamTransport/registerProducer(_:streaming:)``.
  ///
  /// - Parameters:
  ///   - producer: The producer; held until it is unregistered or the connection is lost.
  ///   - streaming: Whether it is a push producer.
  /// - Throws: ``ProducerError/alreadyRegistered`` when there is one, and what the producer throws.
  public func registerProducer(_ producer: any Producer, streaming: Bool) throws {
    try reactor.call(
      self, "registerProducer",
      [.init("producer", .object(producer, .producer)), .init("streaming", .bool(streaming))]
    ) {
      guard producers.producer == nil else { throw ProducerError.alreadyRegistered }
      if state.disconnected {
        try reactor.back(producer, "stopProducing") { try producer.stopProducing() }
        return
      }
      producers.register(producer, streaming: streaming)
      if !streaming { try reactor.back(producer, "resumeProducing") { try producer.resumeProducing() } }
    }
  }

  /// Forgets the producer; a close that waited for it goes on.
  ///
  /// - Throws: As ``startWriting()``.
  public func unregisterProducer() throws {
    try reactor.call(self, "unregisterProducer") {
      withExtendedLifetime(producers.unregister()) {}
      if state.connected, state.disconnecting { try reactor.addWriter(self) }
    }
  }

  /// Stops reading.
  ///
  /// - Throws: Nothing today.
  public func pauseProducing() throws {
    reactor.call(self, "pauseProducing") { reactor.removeReader(self) }
  }

  /// Reads again, unless it is not connected, or closing.
  ///
  /// - Throws: As ``startReading()``.
  public func resumeProducing() throws {
    try reactor.call(self, "resumeProducing") {
      if state.mayResume { try reactor.addReader(self) }
    }
  }

  /// Closes it.
  ///
  /// - Throws: As ``loseConnection()``.
  public func stopProducing() throws {
    try reactor.call(self, "stopProducing") { try loseConnection() }
  }

  /// Forgets the producer and closes it.
  ///
  /// - Throws: As ``unregisterProducer()`` and ``loseConnection()``.
  public func stopConsuming() throws {
    try reactor.call(self, "stopConsuming") {
      try unregisterProducer()
      try loseConnection()
    }
  }
}

extension FileDescriptor.Written {
  fileprivate var boundaryValue: BoundaryValue {
    switch self {
    case .bytes(let count): .int(count)
    case .failed(let reason): .error(reason)
    }
  }
}
