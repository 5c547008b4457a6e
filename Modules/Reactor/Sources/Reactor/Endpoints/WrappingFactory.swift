import Addresses

/// Gives an endpoint's user a Deferred of the protocol, where a connector calls a factory.
///
/// It stands on the application's side of the boundary. Mirrors `twisted.internet.endpoints._WrappingFactory`.
final class WrappingFactory: ClientProtocolFactory {
  private let wrapped: any ProtocolFactory
  // While the attempt is under way, for who cancels it; then let go of, because it holds this factory.
  /// Who holds the factory while there is something to cancel.
  private weak var connector: Connector?
  /// Fires with the wrapped factory's protocol, or fails.
  private(set) var connected = Deferred<any StreamProtocol>()

  init(_ wrapped: any ProtocolFactory) {
    self.wrapped = wrapped
    connected = Deferred { [weak self] _ in self?.cancel() }
  }

  /// The name that Twisted's has in log lines.
  var logPrefix: String? { "_WrappingFactory" }

  func doStart() throws { try wrapped.doStart() }

  func doStop() throws { try wrapped.doStop() }

  func startedConnecting(_ connector: Connector) throws { self.connector = connector }

  func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? {
    do {
      guard let built = try wrapped.buildProtocol(address) else { throw EndpointError.noProtocol }
      return built is any HalfCloseableProtocol
        ? HalfCloseableWrappingProtocol(built, connected) : WrappingProtocol(built, connected)
    } catch {
      try connected.errback(error)
      return nil
    }
  }

  func clientConnectionFailed(_ connector: Connector, reason: any Error) throws {
    if !connected.called { try connected.errback(reason) }
  }

  func clientConnectionLost(_ connector: Connector, reason: any Error) throws {}

  private func cancel() {
    guard let connector else { return }
    // A connector whose destination has no address is one that cannot connect either; then its own error comes.
    if let destination = try? connector.getDestination() {
      try? connected.errback(EndpointError.cancelled(destination))
    }
    try? connector.stopConnecting()
  }
}

/// Tells an endpoint's Deferred that its protocol is connected, and hands everything on to that protocol.
///
/// Mirrors `twisted.internet.endpoints._WrappingProtocol`.
package class WrappingProtocol: StreamProtocol {
  package let wrapped: any StreamProtocol
  private var connected: Deferred<any StreamProtocol>?

  init(_ wrapped: any StreamProtocol, _ connected: Deferred<any StreamProtocol>) {
    self.wrapped = wrapped
    self.connected = connected
  }

  package var logPrefix: String? { wrapped.logPrefix ?? "\(type(of: wrapped))" }

  package func makeConnection(_ transport: any StreamTransport) throws {
    try wrapped.makeConnection(transport)
    let connected = connected
    self.connected = nil
    try connected?.callback(wrapped)
  }

  package func dataReceived(_ data: RawSpan) throws { try wrapped.dataReceived(data) }

  package func connectionLost(_ reason: any Error) throws { try wrapped.connectionLost(reason) }
}

/// The same around a protocol that handles half-closes.
final class HalfCloseableWrappingProtocol: WrappingProtocol, HalfCloseableProtocol {
  func readConnectionLost() throws { try (wrapped as? any HalfCloseableProtocol)?.readConnectionLost() }

  func writeConnectionLost() throws { try (wrapped as? any HalfCloseableProtocol)?.writeConnectionLost() }
}
