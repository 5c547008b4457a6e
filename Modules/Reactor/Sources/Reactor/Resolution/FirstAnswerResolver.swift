import Addresses

/// A simple resolver that asks a complete one, and takes the first IPv4 address.
///
/// Mirrors `twisted.internet._resolver.ComplexResolverSimplifier`.
final class FirstAnswerResolver: SimpleResolver, SystemsOwn {
  private let complete: any HostnameResolver
  private unowned let reactor: Reactor

  init(_ complete: any HostnameResolver, _ reactor: Reactor) {
    self.complete = complete
    self.reactor = reactor
  }

  func getHostByName(_ name: String, timeout: [Int]) throws -> Deferred<String> {
    try reactor.call(
      self, "getHostByName", [.init("name", .text(name))],
      gives: { $0.crossing(reactor.boundary) { .text($0) } }
    ) {
      let answer = Deferred<String>().reporting(to: reactor.sink)
      _ = try reactor.ask(complete, FirstAnswer(answer, name, reactor), hostName: name, addressTypes: .ipv4)
      return answer
    }
  }
}

extension Reactor {
  /// Asks a complete resolver, which may be the application's.
  func ask(
    _ resolver: any HostnameResolver, _ receiver: any ResolutionReceiver, hostName: String, addressTypes: AddressTypes
  ) throws -> any HostResolution {
    if resolver is any SystemsOwn {
      return try resolver.resolveHostName(
        receiver, hostName: hostName, portNumber: 0, addressTypes: addressTypes, transportSemantics: .tcp)
    }
    return try back(
      resolver, "resolveHostName", SystemResolver.arguments(receiver, hostName, 0, addressTypes, .tcp),
      gives: { .object($0, .resolution) }
    ) {
      try resolver.resolveHostName(
        receiver, hostName: hostName, portNumber: 0, addressTypes: addressTypes, transportSemantics: .tcp)
    }
  }
}

/// Fires a Deferred with the first address that it is told.
///
/// Mirrors `twisted.internet._resolver.FirstOneWins`.
private final class FirstAnswer: ResolutionReceiver, SystemsOwn {
  private let answer: Deferred<String>
  private let name: String
  private unowned let reactor: Reactor
  private var isAnswered = false

  init(_ answer: Deferred<String>, _ name: String, _ reactor: Reactor) {
    self.answer = answer
    self.name = name
    self.reactor = reactor
  }

  func resolutionBegan(_ resolution: any HostResolution) throws {
    reactor.call(self, "resolutionBegan", [.init("resolutionInProgress", .object(resolution, .resolution))]) {}
  }

  func addressResolved(_ address: Address) throws {
    try reactor.call(self, "addressResolved", [.init("address", .address(address))]) {
      guard !isAnswered else { return }
      isAnswered = true
      try answer.callback(address.hostText)
    }
  }

  func resolutionComplete() throws {
    try reactor.call(self, "resolutionComplete") {
      if !isAnswered { try answer.errback(DNSLookupError(name)) }
    }
  }
}
