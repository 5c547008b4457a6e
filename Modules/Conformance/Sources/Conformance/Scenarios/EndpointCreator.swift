import Addresses
import Reactor

/// Makes client and server endpoints of one address family that can reach each other.
///
/// Mirrors `twisted.internet.test.connectionmixins.EndpointCreator` and its TCP subclasses.
public struct EndpointCreator: Sendable, CustomStringConvertible {
  /// The address family of the endpoints.
  public enum Family: String, Sendable, CaseIterable {
    /// IPv4, on 127.0.0.1.
    case ipv4
    /// IPv6, on a link-local address or on ::1.
    case ipv6
  }

  /// The address family.
  public let family: Family
  /// The literal to listen on and to connect to, with its zone where it needs one.
  public let interface: String

  /// Makes a creator.
  ///
  /// - Parameters:
  ///   - family: The address family.
  ///   - interface: The literal to listen on and to connect to.
  public init(_ family: Family, interface: String) {
    self.family = family
    self.interface = interface
  }

  /// IPv4 on the loopback.
  public static let ipv4 = EndpointCreator(.ipv4, interface: "127.0.0.1")
  /// IPv6 on the loopback.
  public static let ipv6 = EndpointCreator(.ipv6, interface: "::1")

  /// Family and literal.
  public var description: String { "\(family) \(interface)" }

  /// An endpoint to listen on.
  ///
  /// - Parameter reactor: Its reactor.
  /// - Returns: The endpoint, on a port of the system's choice.
  public func server(_ reactor: Reactor) -> any StreamServerEndpoint {
    TCP4ServerEndpoint(reactor, port: 0, interface: interface)
  }

  /// An endpoint that reaches a server.
  ///
  /// - Parameters:
  ///   - reactor: Its reactor.
  ///   - address: Where the server listens.
  /// - Returns: The endpoint.
  /// - Throws: ``ScenarioFailure`` when the address has no port.
  public func client(_ reactor: Reactor, _ address: Address) throws -> any StreamClientEndpoint {
    TCP4ClientEndpoint(reactor, host: interface, port: .number(try port(of: address)))
  }

  /// The port in a server's address.
  ///
  /// - Parameter address: The address.
  /// - Returns: The port.
  /// - Throws: ``ScenarioFailure`` when the address has none.
  public func port(of address: Address) throws -> Int {
    guard let port = address.port else { throw ScenarioFailure("\(address) has no port") }
    return Int(port)
  }
}
