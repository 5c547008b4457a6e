import Addresses
import Glibc
import Reactor

extension ReactorBuilder {
  /// A port that the operating system has just said is free: an input of the scenario's trace.
  ///
  /// Mirrors `twisted.internet.test.test_tcp.findFreePort`.
  ///
  /// - Returns: The port.
  /// - Throws: The system's refusal of the socket that asks.
  public func findFreePort() throws -> Int {
    let literal = try endpoints.hostLiteral()
    let io = SystemIO()
    let descriptor = try io.socket(endpoints.family == .ipv4 ? .inet : .inet6, .stream)
    defer { try? io.close(descriptor) }
    try io.bind(descriptor, to: literal)
    let port = try endpoints.port(of: io.localAddress(descriptor))
    recorder?.obtained(port: port)
    return port
  }
}

extension EndpointCreator {
  /// The creator's literal as an address with port 0.
  func hostLiteral() throws -> Address {
    switch family {
    case .ipv4:
      return .ipv4(IPv4Address(transport: .tcp, host: try IPv4Address.Host(interface), port: 0))
    case .ipv6:
      let scoped = try IPv6Address.ScopedHost(interface)
      let index = try scoped.scopeID { (name) throws(ScenarioFailure) -> UInt32 in
        let index = unsafe if_nametoindex(name)
        guard index != 0 else { throw ScenarioFailure("there is no interface \(name)") }
        return index
      }
      return .ipv6(IPv6Address(transport: .tcp, host: scoped.host, port: 0, scopeID: index))
    }
  }
}
