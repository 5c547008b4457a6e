import Addresses

/// Connects over IPv4.
///
/// Mirrors `twisted.internet.endpoints.TCP4ClientEndpoint`.
public struct TCP4ClientEndpoint: StreamClientEndpoint {
  private let endpoint: TCPClientEndpoint

  /// Makes an endpoint; nothing is connected yet.
  ///
  /// - Parameters:
  ///   - reactor: The reactor.
  ///   - host: An address literal or a name.
  ///   - port: The port.
  ///   - timeout: How long an attempt may take; `nil` for ever.
  ///   - bindAddress: The local host and port, if they matter.
  public init(
    _ reactor: Reactor, host: String, port: PortSpecifier, timeout: Duration? = .seconds(30),
    bindAddress: (host: String, port: PortSpecifier)? = nil
  ) {
    endpoint = TCPClientEndpoint(
      reactor: reactor, host: host, port: port, timeout: timeout, bindAddress: bindAddress)
  }

  /// Connects once.
  ///
  /// - Parameter factory: Makes the protocol.
  /// - Returns: Fires with the protocol, or fails: with a ``ConnectError``, with ``EndpointError/noProtocol``, with what the
  ///   factory's `buildProtocol` throws, or when it is cancelled with ``EndpointError/cancelled(_:)``. It never fires when
  ///   the protocol's `makeConnection` throws, or the reactor stops before the outcome is known.
  public func connect(_ factory: any ProtocolFactory) -> Deferred<any StreamProtocol> {
    endpoint.connect(to: endpoint.host, factory)
  }
}

/// Connects over IPv6.
///
/// Mirrors `twisted.internet.endpoints.TCP6ClientEndpoint`.
public struct TCP6ClientEndpoint: StreamClientEndpoint {
  private let endpoint: TCPClientEndpoint

  /// Makes an endpoint; nothing is connected yet.
  ///
  /// - Parameters:
  ///   - reactor: The reactor.
  ///   - host: An IPv6 literal, or a name that has an IPv6 address.
  ///   - port: The port.
  ///   - timeout: How long an attempt may take, the resolution of the name not included; `nil` for ever.
  ///   - bindAddress: The local host and port, if they matter.
  public init(
    _ reactor: Reactor, host: String, port: PortSpecifier, timeout: Duration? = .seconds(30),
    bindAddress: (host: String, port: PortSpecifier)? = nil
  ) {
    endpoint = TCPClientEndpoint(
      reactor: reactor, host: host, port: port, timeout: timeout, bindAddress: bindAddress)
  }

  /// Connects once: to a literal at once, to a name when the reactor's pool of threads has found its first IPv6 address.
  ///
  /// - Parameter factory: Makes the protocol.
  /// - Returns: As ``TCP4ClientEndpoint/connect(_:)``; ``DNSLookupError`` for a name without an IPv6 address.
  public func connect(_ factory: any ProtocolFactory) -> Deferred<any StreamProtocol> {
    let host = endpoint.host
    if case .ipv6 = HostLiteral(host) { return endpoint.connect(to: host, factory) }
    var attempt: Deferred<any StreamProtocol>?
    let connected = Deferred<any StreamProtocol>(canceller: { _ in attempt?.cancel() })
      .reporting(to: endpoint.reactor.sink)
    let found = endpoint.reactor.deferToThread {
      SystemNames.addresses(of: host, port: 0, .ipv6, for: .tcp).first?.hostText
    }
    found.addCallback { [endpoint] (literal) in
      // Cancelled meanwhile.
      guard !connected.called else { return }
      guard let literal else { return try connected.errback(DNSLookupError(host)) }
      let made = endpoint.connect(to: literal, factory)
      attempt = made
      made.addBoth { (result) in
        switch result {
        case .success(let application): try connected.callback(application)
        case .failure(let error): try connected.errback(error)
        }
      }
    }
    return connected
  }
}

/// What the two have in common.
private struct TCPClientEndpoint {
  let reactor: Reactor
  let host: String
  let port: PortSpecifier
  let timeout: Duration?
  let bindAddress: (host: String, port: PortSpecifier)?

  func connect(to host: String, _ factory: any ProtocolFactory) -> Deferred<any StreamProtocol> {
    do {
      let wrapping = WrappingFactory(factory)
      try reactor.connectTCP(host: host, port: port, factory: wrapping, timeout: timeout, bindAddress: bindAddress)
      return wrapping.connected.reporting(to: reactor.sink)
    } catch {
      return Deferred.fail(error).reporting(to: reactor.sink)
    }
  }
}
