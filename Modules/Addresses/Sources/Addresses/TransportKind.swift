/// The kind of transport that an Internet address belongs to.
///
/// The raw values are those of the `type` attribute of Twisted's `IPv4Address` and `IPv6Address`
/// (`twisted.internet.address`).
public enum TransportKind: String, Hashable, Sendable, Codable, CaseIterable, CustomStringConvertible {
  /// A stream transport.
  case tcp = "TCP"
  /// A datagram transport.
  case udp = "UDP"

  /// The name that Twisted gives the kind: `TCP` or `UDP`.
  public var description: String { rawValue }
}
