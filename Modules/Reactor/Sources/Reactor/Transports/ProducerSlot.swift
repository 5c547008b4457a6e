/// The producer that is registered with a transport, and whether this side paused it.
package struct ProducerSlot {
  private enum Registered {
    case nobody
    case pull(any Producer)
    /// `pausing` is `nil` for a producer that was registered as a push producer and is none: it is never paused.
    case push(any Producer, pausing: (any PushProducer)?, paused: Bool)
  }

  private var registered = Registered.nobody

  /// Starts without a producer.
  package init() {}

  /// The producer that is registered.
  package var producer: (any Producer)? {
    switch registered {
    case .nobody: nil
    case .pull(let producer), .push(let producer, _, _): producer
    }
  }

  /// Whether the producer is a push producer.
  package var isStreaming: Bool {
    switch registered {
    case .nobody, .pull: false
    case .push: true
    }
  }

  /// Registers a producer that is not paused.
  ///
  /// - Parameters:
  ///   - producer: The producer.
  ///   - streaming: Whether it is a push producer.
  package mutating func register(_ producer: any Producer, streaming: Bool) {
    registered = streaming ? .push(producer, pausing: producer as? any PushProducer, paused: false) : .pull(producer)
  }

  /// Forgets the producer.
  ///
  /// - Returns: The producer, for the caller to let go of: what goes with it may use its transport, and so this.
  package mutating func unregister() -> (any Producer)? {
    let forgotten = producer
    registered = .nobody
    return forgotten
  }

  /// Too much output waits.
  ///
  /// - Returns: The producer to pause, also when it was paused before.
  package mutating func producerToPause() -> (any PushProducer)? {
    guard case .push(let producer, let pausing?, _) = registered else { return nil }
    registered = .push(producer, pausing: pausing, paused: true)
    return pausing
  }

  /// All output was sent.
  ///
  /// - Returns: The producer to resume: any pull producer, and a push producer that was paused.
  package mutating func producerToResume() -> (any Producer)? {
    switch registered {
    case .nobody, .push(_, _, paused: false):
      return nil
    case .pull(let producer):
      return producer
    case .push(let producer, let pausing, paused: true):
      registered = .push(producer, pausing: pausing, paused: false)
      return producer
    }
  }
}
