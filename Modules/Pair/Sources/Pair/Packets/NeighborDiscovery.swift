import Addresses

/// What a router says of itself (RFC 4861).
public struct RouterAdvertisement: Hashable, Sendable {
  /// The hop limit that hosts are to use; 0 where the router does not say.
  public var currentHopLimit: UInt8
  /// M is the highest bit, O the next; reserved bits are kept.
  public var flags: UInt8
  /// For how many seconds the router may be the default router; 0 for not at all.
  public var routerLifetime: UInt16
  /// For how many milliseconds a neighbour counts as reachable; 0 where the router does not say.
  public var reachableTime: UInt32
  /// How many milliseconds lie between two solicitations; 0 where the router does not say.
  public var retransmitTimer: UInt32

  /// Whether addresses are given out by DHCPv6: the flag M.
  public var managedAddresses: Bool { flags & 0x80 != 0 }
  /// Whether other configuration is given out by DHCPv6: the flag O.
  public var otherConfiguration: Bool { flags & 0x40 != 0 }

  /// Makes an advertisement.
  ///
  /// - Parameters:
  ///   - currentHopLimit: The hop limit that hosts are to use, or 0.
  ///   - flags: M is the highest bit, O the next.
  ///   - routerLifetime: For how many seconds the router may be the default router.
  ///   - reachableTime: For how many milliseconds a neighbour counts as reachable, or 0.
  ///   - retransmitTimer: How many milliseconds lie between two solicitations, or 0.
  public init(
    currentHopLimit: UInt8, flags: UInt8 = 0, routerLifetime: UInt16, reachableTime: UInt32 = 0,
    retransmitTimer: UInt32 = 0
  ) {
    self.currentHopLimit = currentHopLimit
    self.flags = flags
    self.routerLifetime = routerLifetime
    self.reachableTime = reachableTime
    self.retransmitTimer = retransmitTimer
  }

  init(restOfHeader: UInt32, body: RawSpan) {
    self.init(
      currentHopLimit: UInt8(truncatingIfNeeded: restOfHeader >> 24),
      flags: UInt8(truncatingIfNeeded: restOfHeader >> 16),
      routerLifetime: UInt16(truncatingIfNeeded: restOfHeader),
      reachableTime: body.uint32(0), retransmitTimer: body.uint32(4))
  }

  var restOfHeader: UInt32 { UInt32(currentHopLimit) << 24 | UInt32(flags) << 16 | UInt32(routerLifetime) }

  var body: [UInt8] {
    var body: [UInt8] = []
    body.appendBigEndian(reachableTime)
    body.appendBigEndian(retransmitTimer)
    return body
  }
}

/// The flags of a neighbour's advertisement.
public struct NeighborAdvertisementFlags: OptionSet, Hashable, Sendable {
  /// The first byte behind the checksum.
  public let rawValue: UInt8

  /// Makes flags from their bits.
  ///
  /// - Parameter rawValue: The bits; the lowest five are reserved, and dropped.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue & 0xE0
  }

  /// The neighbour is a router.
  public static let router = NeighborAdvertisementFlags(rawValue: 0x80)
  /// The advertisement answers a solicitation.
  public static let solicited = NeighborAdvertisementFlags(rawValue: 0x40)
  /// What is known of the neighbour is to be replaced.
  public static let override = NeighborAdvertisementFlags(rawValue: 0x20)
}

/// An option of a message of neighbour discovery, as a value.
public enum NeighborDiscoveryOption: Hashable, Sendable {
  /// The sender's address on the link.
  case sourceLinkLayerAddress(EthernetAddress)
  /// The target's address on the link.
  case targetLinkLayerAddress(EthernetAddress)
  /// A prefix of addresses on the link.
  case prefixInformation(PrefixInformation)
  /// The start of the packet that a redirect is about, with what pads it to 8 bytes.
  case redirectedHeader([UInt8])
  /// The MTU of the link, in bytes.
  case mtu(UInt32)
  /// Any other option, and whatever the cases above cannot say: another length, or reserved bits that are set.
  case unknown(type: UInt8, data: [UInt8])

  /// A prefix of addresses on the link.
  public struct PrefixInformation: Hashable, Sendable {
    /// How many leading bits of the prefix count.
    public var prefixLength: UInt8
    /// L is the highest bit, A the next; reserved bits are kept.
    public var flags: UInt8
    /// For how many seconds the prefix is on the link; all bits set for ever.
    public var validLifetime: UInt32
    /// For how many seconds addresses made from it are preferred; all bits set for ever.
    public var preferredLifetime: UInt32
    /// The prefix.
    public var prefix: IPv6Address.Host

    /// Makes a prefix.
    ///
    /// - Parameters:
    ///   - prefix: The prefix.
    ///   - prefixLength: How many leading bits of it count.
    ///   - flags: L, for a prefix on the link, is the highest bit; A, for one to make addresses from, the next.
    ///   - validLifetime: For how many seconds the prefix is on the link.
    ///   - preferredLifetime: For how many seconds addresses made from it are preferred.
    public init(
      prefix: IPv6Address.Host, prefixLength: UInt8, flags: UInt8, validLifetime: UInt32, preferredLifetime: UInt32
    ) {
      self.prefix = prefix
      self.prefixLength = prefixLength
      self.flags = flags
      self.validLifetime = validLifetime
      self.preferredLifetime = preferredLifetime
    }
  }

  private enum Kind {
    static let sourceLinkLayerAddress: UInt8 = 1
    static let targetLinkLayerAddress: UInt8 = 2
    static let prefixInformation: UInt8 = 3
    static let redirectedHeader: UInt8 = 4
    static let mtu: UInt8 = 5
  }

  /// Copies an option.
  ///
  /// - Parameter view: The option.
  public init(_ view: borrowing OptionView) {
    let data = view.data
    let unknown = Self.unknown(type: view.type, data: data.copied())
    switch (view.type, data.byteCount) {
    case (Kind.sourceLinkLayerAddress, 6):
      self = (try? .sourceLinkLayerAddress(EthernetAddress(bytes: data))) ?? unknown
    case (Kind.targetLinkLayerAddress, 6):
      self = (try? .targetLinkLayerAddress(EthernetAddress(bytes: data))) ?? unknown
    case (Kind.prefixInformation, 30) where data.uint32(10) == 0:
      self = .prefixInformation(
        PrefixInformation(
          prefix: data.ipv6Host(14), prefixLength: data.byte(0), flags: data.byte(1), validLifetime: data.uint32(2),
          preferredLifetime: data.uint32(6)))
    case (Kind.redirectedHeader, 6...) where data.uint16(0) == 0 && data.uint32(2) == 0:
      self = .redirectedHeader(data.extracting(6...).copied())
    case (Kind.mtu, 6) where data.uint16(0) == 0: self = .mtu(data.uint32(2))
    default: self = unknown
    }
  }

  /// The options as they are sent, one after the other.
  ///
  /// - Parameter options: The options.
  /// - Returns: The bytes; the start of a redirected packet is padded with zeros to 8 bytes.
  /// - Throws: ``PacketError`` for an unknown option that does not fill units of 8 bytes, and for one over 2,040 bytes.
  public static func bytes(_ options: [NeighborDiscoveryOption]) throws(PacketError) -> [UInt8] {
    var bytes: [UInt8] = []
    for option in options {
      let (type, data) = option.encoded
      let count = data.count + 2
      guard count % 8 == 0 else { throw .malformed(.icmpv6, field: .option, found: count) }
      guard let units = UInt8(exactly: count / 8) else {
        throw .tooLarge(.icmpv6, field: .option, limit: 8 * 255, found: count)
      }
      bytes += [type, units]
      bytes += data
    }
    return bytes
  }

  private var encoded: (type: UInt8, data: [UInt8]) {
    var data: [UInt8] = []
    switch self {
    case .sourceLinkLayerAddress(let address): return (Kind.sourceLinkLayerAddress, address.octets)
    case .targetLinkLayerAddress(let address): return (Kind.targetLinkLayerAddress, address.octets)
    case .prefixInformation(let prefix):
      data += [prefix.prefixLength, prefix.flags]
      data.appendBigEndian(prefix.validLifetime)
      data.appendBigEndian(prefix.preferredLifetime)
      data += [0, 0, 0, 0]
      return (Kind.prefixInformation, data + prefix.prefix.octets)
    case .redirectedHeader(let packet):
      data = [0, 0, 0, 0, 0, 0] + packet
      while (data.count + 2) % 8 != 0 { data.append(0) }
      return (Kind.redirectedHeader, data)
    case .mtu(let mtu):
      data += [0, 0]
      data.appendBigEndian(mtu)
      return (Kind.mtu, data)
    case .unknown(let type, let data): return (type, data)
    }
  }
}
