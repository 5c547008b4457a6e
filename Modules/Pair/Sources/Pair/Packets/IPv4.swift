import Addresses

/// An IPv4 packet in borrowed bytes, checked once.
///
/// What stands behind the total length, such as the padding of a short Ethernet frame, is not part of it.
public struct IPv4View: ~Escapable {
  @usableFromInline let bytes: RawSpan

  /// Where the fields are.
  @usableFromInline
  enum Offset {
    @inlinable static var versionAndLength: Int { 0 }
    @inlinable static var typeOfService: Int { 1 }
    @inlinable static var totalLength: Int { 2 }
    @inlinable static var identification: Int { 4 }
    @inlinable static var fragment: Int { 6 }
    @inlinable static var timeToLive: Int { 8 }
    @inlinable static var protocolNumber: Int { 9 }
    @inlinable static var checksum: Int { 10 }
    @inlinable static var source: Int { 12 }
    @inlinable static var destination: Int { 16 }
    @inlinable static var options: Int { 20 }
  }

  /// Looks at a packet.
  ///
  /// - Parameter bytes: The packet; more than the total length may be there.
  /// - Throws: ``PacketError`` when the header or the total length is not there, or the version or a length cannot be.
  @inline(__always)
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(PacketError) {
    let found = bytes.byteCount
    guard found >= Offset.options else { throw .truncated(.ipv4, needed: Offset.options, found: found) }
    let first = bytes.byte(Offset.versionAndLength)
    guard first >> 4 == 4 else { throw .malformed(.ipv4, field: .version, found: Int(first >> 4)) }
    let header = Int(first & 0xF) &* 4
    guard header >= Offset.options else { throw .malformed(.ipv4, field: .headerLength, found: header) }
    let total = Int(bytes.uint16(Offset.totalLength))
    guard total >= header else {
      // A header that is cut off is told as such, whatever the total length says.
      if found < header { throw .truncated(.ipv4, needed: header, found: found) }
      throw .malformed(.ipv4, field: .length, found: total)
    }
    guard total <= found else { throw .truncated(.ipv4, needed: total, found: found) }
    self.bytes = bytes.extracting(0..<total)
  }

  /// Looks at a packet that was checked before.
  ///
  /// - Parameter bytes: Exactly the packet.
  @inlinable @inline(__always)
  @_lifetime(copy bytes)
  init(checked bytes: RawSpan) {
    self.bytes = bytes
  }

  /// The length of the header with its options, in bytes.
  @inlinable @inline(__always)
  public var headerByteCount: Int { Int(bytes.byte(Offset.versionAndLength) & 0xF) &* 4 }
  /// The type of service: differentiated services above, congestion notification in the two lowest bits.
  @inlinable @inline(__always)
  public var typeOfService: UInt8 { bytes.byte(Offset.typeOfService) }
  /// The differentiated services code point, 0...63.
  public var dscp: UInt8 { typeOfService >> 2 }
  /// The explicit congestion notification, 0...3.
  public var ecn: UInt8 { typeOfService & 3 }
  /// The length of header and payload, in bytes.
  @inlinable @inline(__always)
  public var totalLength: UInt16 { bytes.uint16(Offset.totalLength) }
  /// What tells the fragments of one datagram from another's.
  @inlinable @inline(__always)
  public var identification: UInt16 { bytes.uint16(Offset.identification) }
  /// The flag that is reserved, and should not be set.
  public var reservedFlag: Bool { fragmentWord & 0x8000 != 0 }
  /// Whether the packet must not be fragmented.
  public var dontFragment: Bool { fragmentWord & 0x4000 != 0 }
  /// Whether fragments follow.
  public var moreFragments: Bool { fragmentWord & 0x2000 != 0 }
  /// The place of the payload in the whole datagram, in units of 8 bytes.
  public var fragmentOffset: UInt16 { fragmentWord & 0x1FFF }
  /// Whether the packet is a part of a datagram.
  @inlinable @inline(__always)
  public var isFragment: Bool { fragmentWord & 0x3FFF != 0 }
  /// How many routers the packet may still pass.
  @inlinable @inline(__always)
  public var timeToLive: UInt8 { bytes.byte(Offset.timeToLive) }
  /// What the packet carries.
  @inlinable @inline(__always)
  public var protocolNumber: IPProtocolNumber { IPProtocolNumber(rawValue: bytes.byte(Offset.protocolNumber)) }
  /// The checksum of the header as it stands.
  @inlinable @inline(__always)
  public var checksum: UInt16 { bytes.uint16(Offset.checksum) }
  /// The sender.
  @inlinable @inline(__always)
  public var source: IPv4Address.Host { IPv4Address.Host(bits: bytes.uint32(Offset.source)) }
  /// The receiver.
  @inlinable @inline(__always)
  public var destination: IPv4Address.Host { IPv4Address.Host(bits: bytes.uint32(Offset.destination)) }
  /// The options, read one after the other.
  public var options: IPv4Options {
    @_lifetime(copy self) get { IPv4Options(optionBytes) }
  }
  /// The options' bytes with their padding.
  public var optionBytes: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(Offset.options..<headerByteCount) }
  }
  /// The header's bytes, with the options.
  public var headerBytes: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(0..<headerByteCount) }
  }
  /// The payload.
  public var payload: RawSpan {
    @inlinable @inline(__always) @_lifetime(copy self) get { bytes.extracting(headerByteCount...) }
  }
  /// What the checksums of UDP and TCP add.
  @inlinable @inline(__always)
  public var pseudoHeader: PseudoHeader { .ipv4(source: source, destination: destination) }

  @inlinable @inline(__always)
  var fragmentWord: UInt16 { bytes.uint16(Offset.fragment) }

  /// Whether the checksum fits the header.
  @usableFromInline
  var hasGoodChecksum: Bool {
    // The order of bytes does not matter to a sum that is to come out as all ones.
    var sum: UInt64 = 0
    var offset = 0
    repeat {
      sum &+= UInt64(bytes.uint32(offset))
      offset &+= 4
    } while offset < headerByteCount
    sum = (sum & 0xFFFF_FFFF) &+ (sum >> 32)
    sum = (sum & 0xFFFF) &+ (sum >> 16)
    sum = (sum & 0xFFFF) &+ (sum >> 16)
    return sum == 0xFFFF
  }

  /// Checks the header's checksum.
  ///
  /// - Throws: ``PacketError/badChecksum(_:found:expected:)``.
  public func verifyChecksum() throws(PacketError) {
    guard !hasGoodChecksum else { return }
    throw .badChecksum(.ipv4, found: checksum, expected: IPv4Header(self).computedChecksum)
  }
}

/// The header of an IPv4 packet, as a value.
public struct IPv4Header: Hashable, Sendable {
  /// The size of a header without options, in bytes.
  public static let minimumByteCount = 20
  /// The greatest size of all options, in bytes.
  public static let maximumOptionByteCount = 40

  /// The type of service: differentiated services above, congestion notification in the two lowest bits.
  public var typeOfService: UInt8
  /// The length of header and payload, in bytes.
  public var totalLength: UInt16
  /// What tells the fragments of one datagram from another's.
  public var identification: UInt16
  /// The flag that is reserved, and should not be set.
  public var reservedFlag: Bool
  /// Whether the packet must not be fragmented.
  public var dontFragment: Bool
  /// Whether fragments follow.
  public var moreFragments: Bool
  /// The place of the payload in the whole datagram, in units of 8 bytes: 0...8191.
  public var fragmentOffset: UInt16
  /// How many routers the packet may still pass.
  public var timeToLive: UInt8
  /// What the packet carries.
  public var protocolNumber: IPProtocolNumber
  /// The checksum of the header.
  public var checksum: UInt16
  /// The sender.
  public var source: IPv4Address.Host
  /// The receiver.
  public var destination: IPv4Address.Host
  /// The options' bytes with their padding: a multiple of 4, at most 40.
  public var options: [UInt8]

  /// Makes a header from its fields, as they are to stand there.
  ///
  /// - Parameters:
  ///   - typeOfService: The type of service.
  ///   - totalLength: The length of header and payload, in bytes.
  ///   - identification: What tells the fragments of one datagram from another's.
  ///   - reservedFlag: The flag that is reserved.
  ///   - dontFragment: Whether the packet must not be fragmented.
  ///   - moreFragments: Whether fragments follow.
  ///   - fragmentOffset: The place of the payload in the whole datagram, in units of 8 bytes.
  ///   - timeToLive: How many routers the packet may pass.
  ///   - protocolNumber: What the packet carries.
  ///   - checksum: The checksum of the header.
  ///   - source: The sender.
  ///   - destination: The receiver.
  ///   - options: The options' bytes with their padding.
  public init(
    typeOfService: UInt8 = 0, totalLength: UInt16 = 0, identification: UInt16 = 0, reservedFlag: Bool = false,
    dontFragment: Bool = false, moreFragments: Bool = false, fragmentOffset: UInt16 = 0, timeToLive: UInt8 = 64,
    protocolNumber: IPProtocolNumber, checksum: UInt16 = 0, source: IPv4Address.Host, destination: IPv4Address.Host,
    options: [UInt8] = []
  ) {
    self.typeOfService = typeOfService
    self.totalLength = totalLength
    self.identification = identification
    self.reservedFlag = reservedFlag
    self.dontFragment = dontFragment
    self.moreFragments = moreFragments
    self.fragmentOffset = fragmentOffset
    self.timeToLive = timeToLive
    self.protocolNumber = protocolNumber
    self.checksum = checksum
    self.source = source
    self.destination = destination
    self.options = options
  }

  /// Copies the header of a packet.
  ///
  /// - Parameter view: The packet.
  public init(_ view: borrowing IPv4View) {
    self.init(
      typeOfService: view.typeOfService, totalLength: view.totalLength, identification: view.identification,
      reservedFlag: view.reservedFlag, dontFragment: view.dontFragment, moreFragments: view.moreFragments,
      fragmentOffset: view.fragmentOffset, timeToLive: view.timeToLive, protocolNumber: view.protocolNumber,
      checksum: view.checksum, source: view.source, destination: view.destination,
      options: view.optionBytes.copied())
  }

  /// The size of the header with its options, in bytes.
  public var byteCount: Int { Self.minimumByteCount + options.count }

  /// Sets the total length to what fits a payload.
  ///
  /// - Parameter count: The size of the payload, in bytes.
  /// - Throws: ``PacketError/tooLarge(_:field:limit:found:)`` when header and payload have more than 65,535 bytes.
  public mutating func setTotalLength(payload count: Int) throws(PacketError) {
    let (sum, overflow) = byteCount.addingReportingOverflow(count)
    guard !overflow, let length = UInt16(exactly: sum) else {
      throw .tooLarge(.ipv4, field: .length, limit: Int(UInt16.max), found: overflow ? count : sum)
    }
    totalLength = length
  }

  /// The checksum that fits the other fields.
  public var computedChecksum: UInt16 {
    var sum = Checksum()
    sum.add(firstWord)
    sum.add(totalLength)
    sum.add(identification)
    sum.add(fragmentWord)
    sum.add(UInt16(timeToLive) << 8 | UInt16(protocolNumber.rawValue))
    sum.add(source.bits)
    sum.add(destination.bits)
    sum.add(options.rawSpan)
    return sum.value
  }

  private var firstWord: UInt16 {
    0x4000 | UInt16(truncatingIfNeeded: byteCount / 4 & 0xF) << 8 | UInt16(typeOfService)
  }

  private var fragmentWord: UInt16 {
    (reservedFlag ? 0x8000 : 0) | (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | fragmentOffset & 0x1FFF
  }

  /// Writes the header.
  ///
  /// - Parameter bytes: Where it goes; its first ``byteCount`` bytes are written.
  /// - Throws: ``PacketError/noRoom(_:needed:found:)``; ``PacketError/tooLarge(_:field:limit:found:)`` for a place or
  ///   options that do not fit their fields; ``PacketError/malformed(_:field:found:)`` for options of a length that is not
  ///   a multiple of 4.
  public func write(into bytes: inout MutableRawSpan) throws(PacketError) {
    guard options.count <= Self.maximumOptionByteCount else {
      throw .tooLarge(.ipv4, field: .options, limit: Self.maximumOptionByteCount, found: options.count)
    }
    guard options.count % 4 == 0 else { throw .malformed(.ipv4, field: .options, found: options.count) }
    guard fragmentOffset <= 0x1FFF else {
      throw .tooLarge(.ipv4, field: .fragmentOffset, limit: 0x1FFF, found: Int(fragmentOffset))
    }
    guard bytes.byteCount >= byteCount else { throw .noRoom(.ipv4, needed: byteCount, found: bytes.byteCount) }
    bytes.setUInt16(IPv4View.Offset.versionAndLength, firstWord)
    bytes.setUInt16(IPv4View.Offset.totalLength, totalLength)
    bytes.setUInt16(IPv4View.Offset.identification, identification)
    bytes.setUInt16(IPv4View.Offset.fragment, fragmentWord)
    bytes.setByte(IPv4View.Offset.timeToLive, timeToLive)
    bytes.setByte(IPv4View.Offset.protocolNumber, protocolNumber.rawValue)
    bytes.setUInt16(IPv4View.Offset.checksum, checksum)
    bytes.setUInt32(IPv4View.Offset.source, source.bits)
    bytes.setUInt32(IPv4View.Offset.destination, destination.bits)
    bytes.setBytes(IPv4View.Offset.options, options)
  }
}
