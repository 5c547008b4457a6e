import Addresses

/// A complete resolver that asks a simple one, whose answer is the only one.
///
/// Mirrors `twisted.internet._resolver.SimpleResolverComplexifier`, but for names outside ASCII, which are handed on as
/// they are.
final class OneAnswerResolver: HostnameResolver, SystemsOwn {
  private let simple: any SimpleResolver
  private unowned let reactor: Reactor

  init(_ simple: any SimpleResolver, _ reactor: Reactor) {
    self.simple = simple
    self.reactor = reactor
  }

  func resolveHostName(
    _ receiver: any ResolutionReceiver, hostName: String, portNumber: UInt16, addressTypes: AddressTypes,
    transportSemantics: TransportKind
  ) throws -> any HostResolution {
    try reactor.call(
      self, "resolveHostName",
      SystemResolver.arguments(receiver, hostName, portNumber, addressTypes, transportSemantics),
      gives: { .object($0, .resolution) }
    ) {
      let resolution = SystemResolution(hostName)
      try reactor.began(resolution, receiver)
      try reactor.ask(simple, hostName, [1, 3, 11, 45]).addBoth { [reactor] (result) in
        do {
          switch result {
          case .success(let literal):
            let host = try IPv4Address.Host(literal)
            try reactor.resolved(.ipv4(IPv4Address(transport: .tcp, host: host, port: portNumber)), receiver)
          case .failure(let error) where error is DNSLookupError:
            break
          case .failure(let error):
            throw error
          }
        } catch {
          reactor.log(.critical, "while looking up \(hostName)", error: error)
        }
        try reactor.completed(receiver)
      }
      return resolution
    }
  }
}
