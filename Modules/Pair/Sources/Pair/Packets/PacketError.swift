/// Why bytes are not a packet of some kind, or why a packet cannot be written.
public enum PacketError: Error, Hashable, Sendable {
  /// Fewer bytes than the header, or than what it announces.
  case truncated(PacketLayer, needed: Int, found: Int)
  /// A field has a value that no packet of this kind has.
  case malformed(PacketLayer, field: PacketField, found: Int)
  /// A checksum does not fit the bytes: the one in the packet, and the one that fits.
  case badChecksum(PacketLayer, found: UInt16, expected: UInt16)
  /// The memory to write into is too small.
  case noRoom(PacketLayer, needed: Int, found: Int)
  /// A value is too large for its field.
  case tooLarge(PacketLayer, field: PacketField, limit: Int, found: Int)
}

extension PacketError: CustomStringConvertible {
  /// A sentence that names the layer, the field, what was expected and what was found.
  public var description: String {
    switch self {
    case .truncated(let layer, let needed, let found):
      "\(layer): \(needed) bytes are needed, \(found) are there"
    case .malformed(let layer, let field, let found):
      "\(layer): \(field) cannot be \(found)"
    case .badChecksum(let layer, let found, let expected):
      "\(layer): the checksum is 0x\(String(found, radix: 16)), the bytes have 0x\(String(expected, radix: 16))"
    case .noRoom(let layer, let needed, let found):
      "\(layer): \(needed) bytes are to be written, there is room for \(found)"
    case .tooLarge(let layer, let field, let limit, let found):
      "\(layer): \(field) can be at most \(limit), not \(found)"
    }
  }
}

/// The layers that are read and written, by the names that people give them.
public enum PacketLayer: String, Hashable, Sendable, CaseIterable {
  /// Ethernet II.
  case ethernet = "Ethernet"
  /// An 802.1Q or 802.1ad tag.
  case vlan = "VLAN"
  /// The Address Resolution Protocol.
  case arp = "ARP"
  /// The Internet Protocol, version 4.
  case ipv4 = "IPv4"
  /// The Internet Protocol, version 6.
  case ipv6 = "IPv6"
  /// An extension header of IPv6.
  case ipv6Extension = "IPv6 extension"
  /// The control messages of IPv4.
  case icmpv4 = "ICMPv4"
  /// The control messages of IPv6.
  case icmpv6 = "ICMPv6"
  /// The User Datagram Protocol.
  case udp = "UDP"
  /// The Transmission Control Protocol.
  case tcp = "TCP"
}

extension PacketLayer: CustomStringConvertible {
  /// The name.
  public var description: String { rawValue }
}

/// The fields that an error can name.
public enum PacketField: String, Hashable, Sendable {
  /// The version of the protocol.
  case version
  /// The length of the header.
  case headerLength = "header length"
  /// The length of the whole, or of what follows the header.
  case length
  /// The place of a fragment.
  case fragmentOffset = "fragment offset"
  /// The flow label of IPv6.
  case flowLabel = "flow label"
  /// The length of an IPv6 packet of more than 65,535 bytes, which stands in an option.
  case jumboPayload = "jumbo payload"
  /// One of the options, or of the entries of an extension header.
  case option
  /// All options together.
  case options
  /// How many VLAN tags there are.
  case tagCount = "number of tags"
  /// A hardware or protocol type.
  case type
  /// The size of an address.
  case addressLength = "address length"
}

extension PacketField: CustomStringConvertible {
  /// The name.
  public var description: String { rawValue }
}
