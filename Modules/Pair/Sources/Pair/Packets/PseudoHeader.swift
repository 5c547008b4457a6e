import Addresses

/// What UDP, TCP and ICMPv6 add to their checksums: the addresses, the protocol and the length of the packet beneath.
public enum PseudoHeader: Hashable, Sendable {
  /// Over IPv4.
  case ipv4(source: IPv4Address.Host, destination: IPv4Address.Host)
  /// Over IPv6.
  case ipv6(source: IPv6Address.Host, destination: IPv6Address.Host)

  /// Begins a checksum with the pseudo-header.
  ///
  /// - Parameters:
  ///   - number: The protocol's number, such as 17.
  ///   - length: The length of the protocol's header and payload, in bytes.
  /// - Returns: The checksum so far.
  @inline(__always)
  func checksum(protocol number: UInt8, length: Int) -> Checksum {
    var checksum = Checksum()
    switch self {
    case .ipv4(let source, let destination):
      checksum.add(source.bits)
      checksum.add(destination.bits)
    case .ipv6(let source, let destination):
      checksum.add(source.high)
      checksum.add(source.low)
      checksum.add(destination.high)
      checksum.add(destination.low)
    }
    checksum.add(UInt16(number))
    checksum.add(UInt32(truncatingIfNeeded: length))
    return checksum
  }
}
