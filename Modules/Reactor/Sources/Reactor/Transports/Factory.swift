import Addresses

/// A protocol factory to inherit from, or to make with a closure.
///
/// It counts the ports and connectors that use it: ``startFactory()`` is called before the first connects, or once it
/// listens, ``stopFactory()`` after the last has ended. Mirrors `twisted.internet.protocol.Factory`.
open class Factory: ProtocolFactory {
  /// Makes a protocol for each connection; without it ``buildProtocol(_:)`` must be overridden.
  public var `protocol`: (() -> any StreamProtocol)?

  /// How many ports and connectors use the factory now.
  public private(set) var numPorts = 0

  /// Makes a factory.
  ///
  /// - Parameter protocol: Makes a protocol for each connection; `nil` for a subclass that overrides `buildProtocol`.
  public init(protocol: (() -> any StreamProtocol)? = nil) {
    self.protocol = `protocol`
  }

  /// Counts one more user, after calling `startFactory` when it is the first.
  ///
  /// - Throws: What `startFactory` throws; the user is then not counted.
  open func doStart() throws {
    if numPorts == 0 { try startFactory() }
    numPorts += 1
  }

  /// Counts one user less, and calls `stopFactory` when it was the last; nothing happens when there is none.
  ///
  /// - Throws: What `stopFactory` throws.
  open func doStop() throws {
    guard numPorts > 0 else { return }
    numPorts -= 1
    if numPorts == 0 { try stopFactory() }
  }

  /// Called when the first port listens, or before the first connector connects; does nothing.
  ///
  /// - Throws: Whatever the application throws: it leaves `listenTCP` or `connectTCP`.
  open func startFactory() throws {}

  /// Called after the last port or connector has ended; does nothing.
  ///
  /// - Throws: Whatever the application throws.
  open func stopFactory() throws {}

  /// Makes the protocol of a new connection with ``protocol``, and tells it which factory built it.
  ///
  /// - Parameter address: The peer.
  /// - Returns: The new protocol, or `nil` when there is no closure to make one.
  /// - Throws: Whatever a subclass throws.
  open func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? {
    let built = `protocol`?()
    if let built = built as? Protocol { built.factory = self }
    return built
  }

  /// The name in log lines; `nil` for the name of the type.
  open var logPrefix: String? { nil }
}

/// A client's protocol factory to inherit from: ``Factory`` with the calls of a connector, which do nothing.
///
/// Mirrors `twisted.internet.protocol.ClientFactory`.
open class ClientFactory: Factory, ClientProtocolFactory {
  /// Called when an attempt has begun; does nothing.
  ///
  /// - Parameter connector: The connector of the attempt.
  /// - Throws: Whatever the application throws: it leaves `connectTCP` or `connect`.
  open func startedConnecting(_ connector: Connector) throws {}

  /// Called when an attempt came to nothing; does nothing.
  ///
  /// - Parameters:
  ///   - connector: The connector: `connect()` tries again.
  ///   - reason: Why.
  /// - Throws: Whatever the application throws.
  open func clientConnectionFailed(_ connector: Connector, reason: any Error) throws {}

  /// Called when a connection that had been made is gone; does nothing.
  ///
  /// - Parameters:
  ///   - connector: The connector: `connect()` connects again.
  ///   - reason: Why.
  /// - Throws: Whatever the application throws.
  open func clientConnectionLost(_ connector: Connector, reason: any Error) throws {}
}
