import Addresses

/// An application's side of one stream connection.
///
/// The reactor calls, in this order: `makeConnection` once, `dataReceived` any number of times, `connectionLost` once, after
/// which it holds no reference to the protocol. A connection that is paused when the reactor stops, or whose producer's
/// `stopProducing` throws, is closed without a `connectionLost`. An error thrown from `dataReceived`, or on a client from
/// `makeConnection`, is logged and loses the connection with that very error as the reason. Mirrors
/// `twisted.internet.interfaces.IProtocol`.
public protocol StreamProtocol: AnyObject {
  /// Takes the transport of a connection that has just been made.
  ///
  /// - Parameter transport: The transport of the new connection; it is connected and reading.
  /// - Throws: Whatever the application throws: the connection is lost with it (on a client), or logged (on a server).
  func makeConnection(_ transport: any StreamTransport) throws

  /// Takes bytes from the peer, in the order in which they were sent.
  ///
  /// - Parameter data: At least one byte; valid during the call only.
  /// - Throws: Whatever the application throws: it is logged and becomes the reason of `connectionLost`.
  func dataReceived(_ data: RawSpan) throws

  /// Tells that the connection is gone; the descriptor is already closed and the transport is not connected.
  ///
  /// - Parameter reason: A ``ConnectionClosed``, or the error that the application itself had thrown.
  /// - Throws: Whatever the application throws: it is logged, and on a client the connector is then not told.
  func connectionLost(_ reason: any Error) throws

  /// The name to stand in log lines about this connection, or `nil` for the name of the type.
  ///
  /// Mirrors `twisted.internet.interfaces.ILoggingContext`; it is asked once, when the connection is made.
  var logPrefix: String? { get }
}

extension StreamProtocol {
  /// The default: the name of the type stands in log lines.
  public var logPrefix: String? { nil }
}

/// A stream protocol that is told when one direction of its connection closes, and keeps the other.
///
/// Mirrors `twisted.internet.interfaces.IHalfCloseableProtocol`. A protocol that does not conform loses the whole connection
/// when its peer closes its sending side.
public protocol HalfCloseableProtocol: StreamProtocol {
  /// Tells that the peer will send nothing more; writing still works.
  ///
  /// - Throws: Whatever the application throws: it is logged and the connection is lost with it.
  func readConnectionLost() throws

  /// Tells that the sending side, closed by `loseWriteConnection`, is flushed and closed; reading still works.
  ///
  /// - Throws: Whatever the application throws: it is logged and the connection is lost with it.
  func writeConnectionLost() throws
}

/// Makes the protocols of the connections that one port accepts, or that one connector makes.
///
/// `doStart` is called once for each port and each connector that begins to use the factory, `doStop` once for each that
/// ends. Mirrors `twisted.internet.interfaces.IProtocolFactory`; ``Factory`` counts the calls as Twisted's does.
public protocol ProtocolFactory: AnyObject {
  /// Tells that a port is now listening, or a connector is about to connect, for this factory.
  ///
  /// - Throws: Whatever the application throws: it leaves `listenTCP` or `connectTCP`.
  func doStart() throws

  /// Tells that a port has closed, or that a connector is done.
  ///
  /// - Throws: Whatever the application throws.
  func doStop() throws

  /// Makes the protocol of a new connection, or returns `nil` to close it at once.
  ///
  /// - Parameter address: The peer: of the accepted connection, or the one that was dialled.
  /// - Returns: The protocol, to which `makeConnection` is the next call; or `nil`.
  /// - Throws: Whatever the application throws: an accepted connection is closed, a client's attempt fails.
  func buildProtocol(_ address: Address) throws -> (any StreamProtocol)?

  /// The name of the factory in log lines, or `nil` for the name of the type.
  var logPrefix: String? { get }
}

extension ProtocolFactory {
  /// The default: the name of the type stands in log lines.
  public var logPrefix: String? { nil }
}

/// A factory whose connections are dialled by a ``Connector``.
///
/// For one attempt the calls are `startedConnecting`, then either `clientConnectionFailed`, or `buildProtocol` and, when the
/// connection is gone and its protocol has been told, `clientConnectionLost`. Calling `connector.connect()` inside
/// `clientConnectionFailed` or `clientConnectionLost` starts over without a `doStop`.
/// Mirrors `twisted.internet.protocol.ClientFactory`.
public protocol ClientProtocolFactory: ProtocolFactory {
  /// Tells that an attempt has begun; called inside `connectTCP` and `Connector.connect()`.
  ///
  /// - Parameter connector: The connector of the attempt; `stopConnecting` is legal here.
  /// - Throws: Whatever the application throws: it leaves `connectTCP` or `connect`.
  func startedConnecting(_ connector: Connector) throws

  /// Tells that an attempt came to nothing.
  ///
  /// - Parameters:
  ///   - connector: The connector, already disconnected: `connect()` tries again.
  ///   - reason: A ``ConnectError``, a ``DNSLookupError``, or another error of the attempt.
  /// - Throws: Whatever the application throws: inside `stopConnecting` and `disconnect` it leaves that call, elsewhere it
  ///   is logged; `doStop` is then not called.
  func clientConnectionFailed(_ connector: Connector, reason: any Error) throws

  /// Tells that a connection that had been made is gone; its protocol has been told.
  ///
  /// - Parameters:
  ///   - connector: The connector, already disconnected: `connect()` connects again.
  ///   - reason: The reason that the protocol was given.
  /// - Throws: Whatever the application throws: it is logged, and `doStop` is then not called.
  func clientConnectionLost(_ connector: Connector, reason: any Error) throws
}
