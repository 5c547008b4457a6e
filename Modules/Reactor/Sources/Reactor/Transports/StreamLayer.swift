/// What a TLS module puts between an application and its connection: `startTLS` turns the transport's output over to it.
///
/// It is made by a ``StreamLayerContext``. The connection goes on serving everything else itself: an abort, a half-close,
/// pausing and resuming act on the plain connection, as `twisted.internet._newtls` does.
package protocol StreamLayer: AnyObject {
  /// The application's side that the connection is to call from now on: the layer's own, which calls the former one.
  var application: any StreamProtocol { get }
  /// Begins: everything written to the connection by the layer follows the output that waits.
  func begin() throws
  /// The application wrote bytes.
  func write(_ data: RawSpan) throws
  /// The application wrote several runs of bytes.
  func writeSequence(_ data: [[UInt8]]) throws
  /// The application closes the connection.
  func loseConnection() throws
  /// The application registers a producer.
  func registerProducer(_ producer: any Producer, streaming: Bool) throws
  /// The application unregisters its producer.
  func unregisterProducer() throws
}

/// A TLS context that knows how to start: what a ``TLSContextFactory`` of an installed TLS module gives.
package protocol StreamLayerContext: AnyObject {
  /// Makes the layer of one connection.
  ///
  /// - Parameters:
  ///   - connection: The connection, whose `writePlain`, `losePlainConnection` and `registerPlainProducer` the layer uses.
  ///   - application: The application's side of the connection.
  ///   - isClient: Whether this side is the TLS client.
  /// - Returns: The layer, not begun.
  /// - Throws: Whatever the module throws; it leaves `startTLS`.
  func makeLayer(
    on connection: TCPConnection, application: any StreamProtocol, isClient: Bool
  ) throws -> any StreamLayer
}
