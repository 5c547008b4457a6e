/// A set of protocols whose checksums somebody verifies, or fills.
///
/// A device may check or compute some of them itself, and a test may want a wrong one: who does what is said by the caller.
public struct Checksums: OptionSet, Hashable, Sendable {
  /// A bit a protocol.
  public let rawValue: UInt8

  /// Makes a set from its bits.
  ///
  /// - Parameter rawValue: A bit a protocol.
  @inlinable public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The header of IPv4.
  public static let ipv4 = Checksums(rawValue: 1)
  /// UDP.
  public static let udp = Checksums(rawValue: 2)
  /// TCP.
  public static let tcp = Checksums(rawValue: 4)
  /// The control messages of IPv4.
  public static let icmpv4 = Checksums(rawValue: 8)
  /// The control messages of IPv6.
  public static let icmpv6 = Checksums(rawValue: 16)
  /// Every checksum.
  public static let all: Checksums = [.ipv4, .udp, .tcp, .icmpv4, .icmpv6]
}
