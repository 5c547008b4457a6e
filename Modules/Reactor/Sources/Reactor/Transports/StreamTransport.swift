import Addresses

/// The reactor's side of one stream connection.
///
/// Nothing is sent inside `write`: bytes leave in the reactor's flush, at the end of this turn or of the next one.
/// Mirrors `twisted.internet.interfaces.ITransport` with `ITCPTransport`, `IConsumer` and `IPushProducer`.
public protocol StreamTransport: PushProducer {
  /// Appends bytes to the output; they leave in the reactor's flush.
  ///
  /// Ignored, without an error, when the transport is not connected or its sending side is closed. When more than 65,536
  /// bytes are then waiting and a push producer is registered, its `pauseProducing` is called before this returns.
  ///
  /// - Parameter data: The bytes, copied.
  /// - Throws: What a producer's `pauseProducing` throws.
  func write(_ data: RawSpan) throws

  /// Appends several runs of bytes to the output, as one call.
  ///
  /// - Parameter data: The runs, in order; an array of empty runs still asks for a flush.
  /// - Throws: What a producer's `pauseProducing` throws.
  func writeSequence(_ data: [[UInt8]]) throws

  /// Closes the connection once all that was written has left and no pull or paused push producer is registered.
  ///
  /// Reading stops now. The protocol's `connectionLost` comes in a later step, except after a finished half-close, when it
  /// comes inside this call.
  ///
  /// - Throws: What the application throws from an up-call made inside this call.
  func loseConnection() throws

  /// Closes the sending side once all that was written has left and no pull or paused push producer is registered.
  ///
  /// Reading goes on, and until then writing too. A ``HalfCloseableProtocol`` is then told by `writeConnectionLost`.
  ///
  /// - Throws: ``DescriptorError`` when the transport is already lost.
  func loseWriteConnection() throws

  /// Drops what was written and resets the connection; `connectionLost` comes in the next turn.
  ///
  /// - Throws: Nothing today; declared so that a wrapping transport may.
  func abortConnection() throws

  /// The local address of the connection.
  ///
  /// - Returns: The address as the operating system gives it.
  /// - Throws: ``DescriptorError`` when the transport is already lost.
  func getHost() throws -> Address

  /// The address of the peer: the one that was dialled, or the one that was accepted.
  ///
  /// - Returns: The address, also after the connection is lost.
  /// - Throws: ``DescriptorError/closed`` while the name of the peer is not resolved.
  func getPeer() throws -> Address

  /// Registers a producer that writes to this transport.
  ///
  /// A pull producer (`streaming` false) is asked by `resumeProducing` inside this call, and again each time the output is
  /// empty. A push producer is paused above 65,536 waiting bytes and resumed when none waits. On a lost transport the
  /// producer's `stopProducing` is called at once and it is not registered.
  ///
  /// - Parameters:
  ///   - producer: The producer; held until it is unregistered or the connection is lost.
  ///   - streaming: Whether it is a push producer.
  /// - Throws: ``ProducerError/alreadyRegistered`` when there is one, and what the producer throws.
  func registerProducer(_ producer: any Producer, streaming: Bool) throws

  /// Forgets the producer; a close that waited for it goes on.
  ///
  /// - Throws: ``DescriptorError`` when the descriptor is gone behind the reactor's back.
  func unregisterProducer() throws

  /// Whether Nagle's algorithm is off.
  ///
  /// - Returns: The socket's `TCP_NODELAY`.
  /// - Throws: ``DescriptorError`` when the transport is lost.
  func getTcpNoDelay() throws -> Bool

  /// Turns Nagle's algorithm off or on.
  ///
  /// - Parameter enabled: Whether to set `TCP_NODELAY`.
  /// - Throws: ``DescriptorError`` when the transport is lost.
  func setTcpNoDelay(_ enabled: Bool) throws

  /// Whether the kernel probes an idle connection.
  ///
  /// - Returns: The socket's `SO_KEEPALIVE`.
  /// - Throws: ``DescriptorError`` when the transport is lost.
  func getTcpKeepAlive() throws -> Bool

  /// Turns the kernel's probes of an idle connection on or off.
  ///
  /// - Parameter enabled: Whether to set `SO_KEEPALIVE`.
  /// - Throws: ``DescriptorError`` when the transport is lost, or the system's error.
  func setTcpKeepAlive(_ enabled: Bool) throws

  /// Starts TLS on the connection; the handshake follows what was already written.
  ///
  /// - Parameters:
  ///   - contextFactory: Asked for its context inside this call, before anything is written.
  ///   - normal: Whether a client stays the TLS client (and a server the server).
  /// - Throws: What `getContext` throws, untouched; ``TLSError/unavailable`` when no TLS module is installed.
  func startTLS(_ contextFactory: any TLSContextFactory, normal: Bool) throws

  /// Whether the connection is made and not lost.
  ///
  /// Mirrors the `connected` attribute.
  var connected: Bool { get }

  /// Whether `loseConnection` was called.
  ///
  /// Mirrors the `disconnecting` attribute.
  var disconnecting: Bool { get }

  /// Whether the connection was lost.
  ///
  /// Mirrors the `disconnected` attribute.
  var disconnected: Bool { get }

  /// The name of the connection in log lines.
  ///
  /// Mirrors `ILoggingContext.logPrefix`.
  var logPrefix: String { get }
}

extension StreamTransport {
  /// Appends an array of bytes to the output.
  ///
  /// - Parameter data: The bytes, copied.
  /// - Throws: As ``write(_:)-(RawSpan)``.
  @inlinable
  public func write(_ data: [UInt8]) throws {
    // "Unsafe" because not every type may be read as bytes; an integer may.
    try write(unsafe data.span.bytes)
  }

  /// Appends the UTF-8 bytes of a text to the output.
  ///
  /// - Parameter text: The text.
  /// - Throws: As ``write(_:)-(RawSpan)``.
  @inlinable
  public func write(_ text: String) throws {
    try write(Array(text.utf8))
  }
}

/// Gives the context of TLS connections.
///
/// Mirrors the context factories of `twisted.internet.ssl`.
public protocol TLSContextFactory: AnyObject {
  /// The context; asked for once by each `startTLS`.
  ///
  /// - Returns: A value that the installed TLS module knows.
  /// - Throws: Whatever the application throws: exactly that leaves `startTLS`.
  func getContext() throws -> AnyObject
}
