/// What an Ethernet frame carries, by the number in its type field.
///
/// The field has two readings (IEEE 802.3): from 1536 on it is a type, up to 1500 it is the length of the payload.
public struct EtherType: RawRepresentable, Hashable, Sendable {
  /// The number as it stands in the frame.
  public var rawValue: UInt16

  /// Makes a type from the frame's number.
  ///
  /// - Parameter rawValue: The number; any is allowed.
  @inlinable @inline(__always)
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// The Internet Protocol, version 4: 0x0800.
  public static let ipv4 = EtherType(rawValue: 0x0800)
  /// The Address Resolution Protocol: 0x0806.
  public static let arp = EtherType(rawValue: 0x0806)
  /// An 802.1Q tag, a customer's VLAN: 0x8100.
  public static let vlan = EtherType(rawValue: 0x8100)
  /// The Internet Protocol, version 6: 0x86DD.
  public static let ipv6 = EtherType(rawValue: 0x86DD)
  /// Multiprotocol Label Switching: 0x8847.
  public static let mpls = EtherType(rawValue: 0x8847)
  /// The session of PPP over Ethernet: 0x8864.
  public static let pppoeSession = EtherType(rawValue: 0x8864)
  /// An 802.1ad tag, a provider's VLAN: 0x88A8.
  public static let serviceVLAN = EtherType(rawValue: 0x88A8)
  /// The Link Layer Discovery Protocol: 0x88CC.
  public static let lldp = EtherType(rawValue: 0x88CC)

  /// The least number that is a type: 1536.
  static let leastType: UInt16 = 0x0600
  /// The greatest number that is a length: 1500.
  static let greatestLength: UInt16 = 1500

  /// Whether a VLAN tag follows.
  @inline(__always)
  public var isVLAN: Bool { rawValue == 0x8100 || rawValue == 0x88A8 }

  /// The length of the payload in bytes, when the number is one.
  public var length: Int? { rawValue <= Self.greatestLength ? Int(rawValue) : nil }
}

extension EtherType: CustomStringConvertible {
  /// The type's name, or the number.
  public var description: String {
    switch self {
    case .ipv4: "IPv4"
    case .arp: "ARP"
    case .vlan: "802.1Q"
    case .ipv6: "IPv6"
    case .mpls: "MPLS"
    case .pppoeSession: "PPPoE"
    case .serviceVLAN: "802.1ad"
    case .lldp: "LLDP"
    default: length.map { "802.3 length \($0)" } ?? "type 0x\(String(rawValue, radix: 16))"
    }
  }
}
