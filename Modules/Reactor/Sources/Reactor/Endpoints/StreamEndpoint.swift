/// Something that stream connections can be made to.
///
/// Mirrors `twisted.internet.interfaces.IStreamClientEndpoint`.
public protocol StreamClientEndpoint {
  /// Connects once.
  ///
  /// - Parameter factory: Makes the protocol; `doStart` and `doStop` are called around the attempt and its connection.
  /// - Returns: Fires with the protocol when its `makeConnection` has returned, or fails; cancelling it stops the attempt.
  func connect(_ factory: any ProtocolFactory) -> Deferred<any StreamProtocol>
}

/// Something that stream connections can be accepted at.
///
/// Mirrors `twisted.internet.interfaces.IStreamServerEndpoint`.
public protocol StreamServerEndpoint {
  /// Listens.
  ///
  /// - Parameter factory: Makes the protocol of each connection.
  /// - Returns: Has the port, which listens, or has failed.
  func listen(_ factory: any ProtocolFactory) -> Deferred<TCPPort>
}
