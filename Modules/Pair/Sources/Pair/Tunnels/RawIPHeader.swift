import Addresses

/// The fields of an IP header, as they are handed up with the payload.
///
/// Mirrors `twisted.pair.ip.IPHeader`, and the fourteen arguments of `IRawDatagramProtocol.datagramReceived`.
public struct RawIPHeader: Hashable, Sendable {
  /// The size of a header without options, in bytes.
  public static let byteCount = 20

  /// Whom the packet is from.
  public var source: HeaderValue
  /// Whom it is for.
  public var destination: HeaderValue
  /// The number of what it carries.
  public var protocolNumber: Int
  /// The version; as Twisted reads it, the second half of the first byte.
  public var version: Int
  /// The length of the header in bytes; as Twisted reads it, from the first half of the first byte.
  public var headerLength: Int
  /// The type of service.
  public var typeOfService: Int
  /// The length of the whole packet in bytes, as the header tells it.
  public var totalLength: Int
  /// The number that a packet's fragments share.
  public var fragmentID: Int
  /// The place of a fragment, in units of 8 bytes.
  public var fragmentOffset: Int
  /// Whether it must not be fragmented.
  public var dontFragment: Bool
  /// Whether more fragments follow.
  public var moreFragments: Bool
  /// How many more hops it may take.
  public var timeToLive: Int

  /// Makes a header from its fields.
  ///
  /// - Parameters:
  ///   - source: Whom the packet is from.
  ///   - destination: Whom it is for.
  ///   - protocolNumber: The number of what it carries.
  ///   - version: The version.
  ///   - headerLength: The length of the header, in bytes.
  ///   - typeOfService: The type of service.
  ///   - totalLength: The length of the whole packet, in bytes.
  ///   - fragmentID: The number that a packet's fragments share.
  ///   - fragmentOffset: The place of a fragment, in units of 8 bytes.
  ///   - dontFragment: Whether it must not be fragmented.
  ///   - moreFragments: Whether more fragments follow.
  ///   - timeToLive: How many more hops it may take.
  public init(
    source: HeaderValue, destination: HeaderValue, protocolNumber: Int, version: Int, headerLength: Int,
    typeOfService: Int, totalLength: Int, fragmentID: Int, fragmentOffset: Int, dontFragment: Bool,
    moreFragments: Bool, timeToLive: Int
  ) {
    self.source = source
    self.destination = destination
    self.protocolNumber = protocolNumber
    self.version = version
    self.headerLength = headerLength
    self.typeOfService = typeOfService
    self.totalLength = totalLength
    self.fragmentID = fragmentID
    self.fragmentOffset = fragmentOffset
    self.dontFragment = dontFragment
    self.moreFragments = moreFragments
    self.timeToLive = timeToLive
  }

  /// Reads a header as Twisted does: version and header length exchanged, nothing checked but that 20 bytes are there.
  ///
  /// - Parameter data: The packet.
  /// - Throws: ``TunnelError/shortPacket(needed:found:)`` for less than 20 bytes.
  public init(_ data: RawSpan) throws(TunnelError) {
    guard data.byteCount >= Self.byteCount else {
      throw .shortPacket(needed: Self.byteCount, found: data.byteCount)
    }
    self.init(fields: data, version: Int(data.byte(0) & 0x0F), headerLength: Int(data.byte(0) >> 4) * 4)
  }

  /// Reads the header of an IPv4 packet as the standard has it.
  ///
  /// - Parameter data: The packet; more than its total length may be there.
  /// - Throws: ``PacketError`` for another version, lengths that do not fit, or a bad checksum.
  public init(checking data: RawSpan) throws(PacketError) {
    guard data.byteCount >= Self.byteCount else {
      throw .truncated(.ipv4, needed: Self.byteCount, found: data.byteCount)
    }
    self.init(fields: data, version: Int(data.byte(0) >> 4), headerLength: Int(data.byte(0) & 0x0F) * 4)
    guard version == 4 else { throw .malformed(.ipv4, field: .version, found: version) }
    guard headerLength >= Self.byteCount else { throw .malformed(.ipv4, field: .headerLength, found: headerLength) }
    guard totalLength >= headerLength else { throw .malformed(.ipv4, field: .length, found: totalLength) }
    guard totalLength <= data.byteCount else {
      throw .truncated(.ipv4, needed: totalLength, found: data.byteCount)
    }
    let checksum = Checksum.of(data.extracting(0..<headerLength))
    guard checksum == 0 else {
      let found = data.uint16(10)
      var expected = Checksum()
      expected.add(data.extracting(0..<10))
      expected.add(data.extracting(12..<headerLength))
      throw .badChecksum(.ipv4, found: found, expected: expected.value)
    }
  }

  private init(fields data: RawSpan, version: Int, headerLength: Int) {
    let fragment = data.uint16(6)
    self.init(
      source: .host(IPv4Address.Host(bits: data.uint32(12))),
      destination: .host(IPv4Address.Host(bits: data.uint32(16))), protocolNumber: Int(data.byte(9)),
      version: version, headerLength: headerLength, typeOfService: Int(data.byte(1)),
      totalLength: Int(data.uint16(2)), fragmentID: Int(data.uint16(4)), fragmentOffset: Int(fragment & 0x1FFF),
      dontFragment: fragment & 0x4000 != 0, moreFragments: fragment & 0x2000 != 0, timeToLive: Int(data.byte(8)))
  }
}
