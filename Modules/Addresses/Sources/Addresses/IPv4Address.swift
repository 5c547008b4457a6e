/// A transport, an IPv4 host and a port.
///
/// Mirrors `twisted.internet.address.IPv4Address`; its `type` is `transport` here.
public struct IPv4Address: Hashable, Sendable {
  /// The kind of transport; Twisted's `type`.
  public var transport: TransportKind
  /// The host.
  public var host: Host
  /// The port, from 0 to 65535.
  public var port: UInt16

  /// Makes an address from its three parts.
  ///
  /// - Parameters:
  ///   - transport: The kind of transport.
  ///   - host: The host.
  ///   - port: The port, from 0 to 65535.
  public init(transport: TransportKind, host: Host, port: UInt16) {
    self.transport = transport
    self.host = host
    self.port = port
  }
}

extension IPv4Address: CustomStringConvertible {
  /// The address for people: `TCP 127.0.0.1:80`.
  public var description: String { "\(transport) \(host):\(port)" }
}

extension IPv4Address: Codable {
  private enum CodingKeys: String, CodingKey {
    case transport = "type"
    case host
    case port
  }
}
