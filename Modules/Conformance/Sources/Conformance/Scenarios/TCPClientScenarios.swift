import Addresses
import Reactor

/// What holds for TCP clients, after `twisted.internet.test.test_tcp.TCPClientTestsBase`.
public enum TCPClientScenarios {
  /// Its own and those it inherits: the whole suite.
  public static let all =
    [buildProtocolReturnsNone, addresses, badContext] + ConnectionScenarios.all + StreamClientScenarios.all

  /// A name that only the scenario's resolver knows; for IPv6, of which resolvers give no addresses, the literal itself.
  static func fakeDomainName(_ endpoints: EndpointCreator) -> String {
    switch endpoints.family {
    case .ipv4: "some-fake.domain.example.com"
    case .ipv6: endpoints.interface
    }
  }

  /// A client whose factory gives no protocol is closed.
  public static let buildProtocolReturnsNone = ReactorScenario(
    "buildProtocolReturnsNone", "a connection for which the factory builds no protocol is closed in an orderly way"
  ) { (builder) in
    let reactor = try builder.buildReactor()
    var outcome: (any Error)?
    var serverWasLost = false
    let server = Named("MyServerFactory") {
      ActingProtocol("AccumulatingProtocol") { _ in
      } lost: { _ in
        serverWasLost = true
        try reactor.stop()
      }
    }
    let listening = builder.endpoints.server(reactor).listen(server)
    listening.whenDone(failure: { outcome = $0 }) { (port) in
      let connecting = try builder.endpoints.client(reactor, port.getHost()).connect(Named("NoneFactory") { nil })
      connecting.addBoth { (result) in
        if case .failure(let error) = result { outcome = error }
      }
    }
    try builder.runReactor(reactor)
    guard case EndpointError.noProtocol? = outcome as? EndpointError else {
      throw ScenarioFailure("expected the attempt to fail for want of a protocol, seen \(String(describing: outcome))")
    }
    try expect(serverWasLost, "the server's side was never lost")
  }

  /// Transports give addresses, not names.
  public static let addresses = ReactorScenario(
    "addresses", "a client transport reports resolved addresses, not the host name it was given"
  ) { (builder) in
    let interface = builder.endpoints.interface
    let reactor = try builder.buildReactor()
    let fakeDomainName = fakeDomainName(builder.endpoints)
    _ = reactor.installResolver(FakeResolver([fakeDomainName: interface]))
    let server = try builder.listen(reactor, Named("ServerFactory") { NamedProtocol("Protocol") })
    let serverAddress = try server.getHost()
    var seen: (host: Address, peer: Address)?
    var boundPort = 0
    let factory = Stop(reactor) {
      AddressProtocol("CheckAddress") { (transport) in
        seen = (try transport.getHost(), try transport.getPeer())
        try reactor.stop()
      }
    }
    try reactor.callWhenRunning {
      boundPort = try builder.findFreePort()
      _ = try reactor.connectTCP(
        host: fakeDomainName, port: .number(builder.endpoints.port(of: server.getHost())), factory: factory,
        bindAddress: (host: interface, port: .number(boundPort)))
    }
    try builder.runReactor(reactor)
    if let reason = factory.failReason { throw reason }
    guard let seen else { throw ScenarioFailure("the client was never connected") }
    try expect(seen.peer, is: serverAddress, "the peer's address")
    try expect(seen.host.port.map(Int.init), is: boundPort, "the port of the client's own address")
  }

  /// What a context factory throws comes out of `startTLS`.
  public static let badContext = ReactorScenario(
    "badContext", "an error that a context factory raises comes out of startTLS"
  ) { (builder) in
    let reactor = try builder.buildReactor()
    let port = try builder.listen(reactor, Named("ServerFactory") { NamedProtocol("Protocol") })
    var seen: [any Error] = []
    let connecting = try builder.endpoints.client(reactor, port.getHost()).connect(
      Named("ClientFactory") { NamedProtocol("Protocol") })
    try reactor.callWhenRunning {
      connecting.addBoth { (result) in
        do {
          let transport = (try result.get() as? NamedProtocol)?.transport
          try transport?.startTLS(BrokenContextFactory(), normal: true)
        } catch {
          seen.append(error)
        }
        try reactor.stop()
      }
    }
    try builder.runReactor(reactor)
    guard seen.count == 1, seen[0] as? ValueError == BrokenContextFactory.error else {
      throw ScenarioFailure("expected \(BrokenContextFactory.error) once, seen \(seen)")
    }
  }
}

/// Knows the names it was made with, and no others.
private final class FakeResolver: SimpleResolver {
  private let names: [String: String]

  init(_ names: [String: String]) {
    self.names = names
  }

  func getHostByName(_ name: String, timeout: [Int]) throws -> Deferred<String> {
    if let address = names[name] { .succeed(address) } else { .fail(DNSLookupError(name)) }
  }
}

/// Looks at its transport before anything else does: inside `makeConnection`.
private final class AddressProtocol: Protocol {
  private let name: String
  private let made: (any StreamTransport) throws -> Void

  init(_ name: String, _ made: @escaping (any StreamTransport) throws -> Void) {
    self.name = name
    self.made = made
  }

  override var logPrefix: String? { name }

  override func makeConnection(_ transport: any StreamTransport) throws {
    try made(transport)
  }
}

/// An application's own error.
struct ValueError: Error, Hashable {
  let message: String
}

/// Cannot make a context.
private final class BrokenContextFactory: TLSContextFactory {
  static let error = ValueError(message: "some path was wrong")

  func getContext() throws -> AnyObject { throw Self.error }
}
