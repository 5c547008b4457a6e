/// Listens on IPv4.
///
/// Mirrors `twisted.internet.endpoints.TCP4ServerEndpoint`.
public struct TCP4ServerEndpoint: StreamServerEndpoint {
  private let endpoint: TCPServerEndpoint

  /// Makes an endpoint; nothing listens yet.
  ///
  /// - Parameters:
  ///   - reactor: The reactor.
  ///   - port: The port; 0 lets the operating system choose.
  ///   - backlog: How many connections may wait for acceptance.
  ///   - interface: An IPv4 literal or a host name; empty for all.
  public init(_ reactor: Reactor, port: PortSpecifier, backlog: Int = 50, interface: String = "") {
    endpoint = TCPServerEndpoint(reactor: reactor, port: port, backlog: backlog, interface: interface)
  }

  /// Listens.
  ///
  /// - Parameter factory: Makes the protocol of each connection.
  /// - Returns: Has the port, or has failed with what ``Reactor/listenTCP(port:factory:backlog:interface:)`` throws.
  public func listen(_ factory: any ProtocolFactory) -> Deferred<TCPPort> { endpoint.listen(factory) }
}

/// Listens on IPv6.
///
/// Mirrors `twisted.internet.endpoints.TCP6ServerEndpoint`.
public struct TCP6ServerEndpoint: StreamServerEndpoint {
  private let endpoint: TCPServerEndpoint

  /// Makes an endpoint; nothing listens yet.
  ///
  /// - Parameters:
  ///   - reactor: The reactor.
  ///   - port: The port; 0 lets the operating system choose.
  ///   - backlog: How many connections may wait for acceptance.
  ///   - interface: An IPv6 literal; `::` for all.
  public init(_ reactor: Reactor, port: PortSpecifier, backlog: Int = 50, interface: String = "::") {
    endpoint = TCPServerEndpoint(reactor: reactor, port: port, backlog: backlog, interface: interface)
  }

  /// Listens.
  ///
  /// - Parameter factory: Makes the protocol of each connection.
  /// - Returns: Has the port, or has failed with what ``Reactor/listenTCP(port:factory:backlog:interface:)`` throws.
  public func listen(_ factory: any ProtocolFactory) -> Deferred<TCPPort> { endpoint.listen(factory) }
}

/// What the two have in common.
private struct TCPServerEndpoint {
  let reactor: Reactor
  let port: PortSpecifier
  let backlog: Int
  let interface: String

  func listen(_ factory: any ProtocolFactory) -> Deferred<TCPPort> {
    do {
      return .succeed(try reactor.listenTCP(port: port, factory: factory, backlog: backlog, interface: interface))
    } catch {
      return Deferred.fail(error).reporting(to: reactor.sink)
    }
  }
}
