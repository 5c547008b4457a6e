/// What an IP packet carries, by the number in its header: IPv4's protocol, IPv6's next header.
public struct IPProtocolNumber: RawRepresentable, Hashable, Sendable {
  /// The number as it stands in the header.
  public var rawValue: UInt8

  /// Makes a number from the header's.
  ///
  /// - Parameter rawValue: The number; any is allowed.
  @inlinable @inline(__always)
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// IPv6's hop-by-hop options: 0.
  public static let hopByHopOptions = IPProtocolNumber(rawValue: 0)
  /// The control messages of IPv4: 1.
  public static let icmpv4 = IPProtocolNumber(rawValue: 1)
  /// The Internet Group Management Protocol: 2.
  public static let igmp = IPProtocolNumber(rawValue: 2)
  /// The Transmission Control Protocol: 6.
  public static let tcp = IPProtocolNumber(rawValue: 6)
  /// The User Datagram Protocol: 17.
  public static let udp = IPProtocolNumber(rawValue: 17)
  /// An IPv6 packet inside: 41.
  public static let ipv6 = IPProtocolNumber(rawValue: 41)
  /// IPv6's routing header: 43.
  public static let ipv6Routing = IPProtocolNumber(rawValue: 43)
  /// IPv6's fragment header: 44.
  public static let ipv6Fragment = IPProtocolNumber(rawValue: 44)
  /// Generic Routing Encapsulation: 47.
  public static let gre = IPProtocolNumber(rawValue: 47)
  /// The Encapsulating Security Payload: 50.
  public static let esp = IPProtocolNumber(rawValue: 50)
  /// The Authentication Header: 51.
  public static let ah = IPProtocolNumber(rawValue: 51)
  /// The control messages of IPv6: 58.
  public static let icmpv6 = IPProtocolNumber(rawValue: 58)
  /// IPv6's "nothing follows": 59.
  public static let ipv6NoNextHeader = IPProtocolNumber(rawValue: 59)
  /// IPv6's destination options: 60.
  public static let ipv6DestinationOptions = IPProtocolNumber(rawValue: 60)
  /// The Stream Control Transmission Protocol: 132.
  public static let sctp = IPProtocolNumber(rawValue: 132)
}

extension IPProtocolNumber: CustomStringConvertible {
  /// The protocol's name, or "protocol" and the number.
  public var description: String {
    switch self {
    case .hopByHopOptions: "hop-by-hop options"
    case .icmpv4: "ICMPv4"
    case .igmp: "IGMP"
    case .tcp: "TCP"
    case .udp: "UDP"
    case .ipv6: "IPv6"
    case .ipv6Routing: "IPv6 routing"
    case .ipv6Fragment: "IPv6 fragment"
    case .gre: "GRE"
    case .esp: "ESP"
    case .ah: "AH"
    case .icmpv6: "ICMPv6"
    case .ipv6NoNextHeader: "no next header"
    case .ipv6DestinationOptions: "IPv6 destination options"
    case .sctp: "SCTP"
    default: "protocol \(rawValue)"
    }
  }
}
