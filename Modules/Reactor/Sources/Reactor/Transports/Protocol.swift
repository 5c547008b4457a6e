/// A stream protocol to inherit from: it keeps its transport and calls methods that do nothing until they are overridden.
///
/// Mirrors `twisted.internet.protocol.Protocol`. A subclass that handles half-closes conforms to ``HalfCloseableProtocol``.
open class Protocol: StreamProtocol {
  /// The transport, from `makeConnection` on; it is not forgotten when the connection is lost.
  public final var transport: (any StreamTransport)? { unsafe uncheckedTransport }
  // Copied as it is read, and never released by being set: no two uses of it overlap.
  @exclusivity(unchecked) private var uncheckedTransport: (any StreamTransport)?

  /// Whether `makeConnection` was called.
  public private(set) var connected = false

  /// The factory that built the protocol, where it was built by ``Factory/protocol``.
  public internal(set) weak var factory: Factory?

  /// Makes a protocol that is not connected yet.
  public init() {}

  /// Keeps the transport and calls ``connectionMade()``.
  ///
  /// - Parameter transport: The transport of the new connection.
  /// - Throws: What `connectionMade` throws.
  open func makeConnection(_ transport: any StreamTransport) throws {
    connected = true
    let before = unsafe uncheckedTransport
    unsafe uncheckedTransport = transport
    withExtendedLifetime(before) {}
    try connectionMade()
  }

  /// Called when the connection is made; does nothing.
  ///
  /// - Throws: Whatever the application throws: see ``StreamProtocol/makeConnection(_:)``.
  open func connectionMade() throws {}

  /// Called with each run of bytes that arrives; does nothing.
  ///
  /// - Parameter data: The bytes; valid during the call only.
  /// - Throws: Whatever the application throws: see ``StreamProtocol/dataReceived(_:)``.
  open func dataReceived(_ data: RawSpan) throws {}

  /// Called when the connection is gone; does nothing.
  ///
  /// - Parameter reason: See ``StreamProtocol/connectionLost(_:)``.
  /// - Throws: Whatever the application throws: see ``StreamProtocol/connectionLost(_:)``.
  open func connectionLost(_ reason: any Error) throws {}

  /// The name in log lines; `nil` for the name of the type.
  open var logPrefix: String? { nil }
}
