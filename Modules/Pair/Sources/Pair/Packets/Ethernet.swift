import Addresses

/// An Ethernet frame in borrowed bytes, checked once, with its VLAN tags.
///
/// The frame is as a tap device gives it: without the preamble and without the checksum at its end. Where the type field is
/// a length (IEEE 802.3), what stands behind that length is not part of the payload.
public struct EthernetView: ~Escapable {
  @usableFromInline let bytes: RawSpan
  @usableFromInline let headerCount: Int

  /// Where the fields are.
  @usableFromInline
  enum Offset {
    @inlinable static var destination: Int { 0 }
    @inlinable static var source: Int { 6 }
    @inlinable static var type: Int { 12 }
    @inlinable static var payload: Int { 14 }
  }

  /// Looks at a frame.
  ///
  /// - Parameter bytes: The frame.
  /// - Throws: ``PacketError`` when the header, a tag or the announced length is not there, when there are more than
  ///   ``EthernetHeader/maximumTags`` tags, or when the type field is neither a type nor a length.
  @inline(__always)
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(PacketError) {
    guard bytes.byteCount >= Offset.payload else {
      throw .truncated(.ethernet, needed: Offset.payload, found: bytes.byteCount)
    }
    let type = bytes.uint16(Offset.type)
    if type >= EtherType.leastType, !EtherType(rawValue: type).isVLAN {
      self.bytes = bytes
      headerCount = Offset.payload
    } else {
      headerCount = try Self.checkTags(bytes)
      let end = try Self.checkLength(bytes, headerCount: headerCount)
      self.bytes = bytes.extracting(0..<end)
    }
  }

  /// Looks at a frame that was checked before.
  ///
  /// - Parameters:
  ///   - bytes: The frame.
  ///   - headerCount: The length of the header with the tags that are to be seen.
  @inlinable @inline(__always)
  @_lifetime(copy bytes)
  init(checked bytes: RawSpan, headerCount: Int) {
    self.bytes = bytes
    self.headerCount = headerCount
  }

  /// The length of the header with all tags that are there as a whole, at most as many as are allowed.
  ///
  /// - Parameter bytes: At least the 14 bytes of an untagged header.
  /// - Returns: The length, in bytes; the type before it is a tag's when tags are cut or too many.
  static func headerCount(of bytes: RawSpan) -> Int {
    var count = Offset.payload
    while EtherType(rawValue: bytes.uint16(count - 2)).isVLAN, count < EthernetHeader.maximumByteCount,
      count + VLANTag.byteCount <= bytes.byteCount
    {
      count += VLANTag.byteCount
    }
    return count
  }

  private static func checkTags(_ bytes: RawSpan) throws(PacketError) -> Int {
    let count = headerCount(of: bytes)
    guard EtherType(rawValue: bytes.uint16(count - 2)).isVLAN else { return count }
    if count == EthernetHeader.maximumByteCount {
      let limit = EthernetHeader.maximumTags
      throw .tooLarge(.vlan, field: .tagCount, limit: limit, found: limit + 1)
    }
    throw .truncated(.vlan, needed: VLANTag.byteCount, found: bytes.byteCount - count)
  }

  private static func checkLength(_ bytes: RawSpan, headerCount: Int) throws(PacketError) -> Int {
    let type = EtherType(rawValue: bytes.uint16(headerCount - 2))
    guard type.rawValue < EtherType.leastType else { return bytes.byteCount }
    guard let length = type.length else { throw .malformed(.ethernet, field: .type, found: Int(type.rawValue)) }
    guard headerCount + length <= bytes.byteCount else {
      throw .truncated(.ethernet, needed: headerCount + length, found: bytes.byteCount)
    }
    return headerCount + length
  }

  /// The receiver's address.
  @inlinable @inline(__always)
  public var destination: EthernetAddress { bytes.ethernetAddress(Offset.destination) }
  /// The sender's address.
  @inlinable @inline(__always)
  public var source: EthernetAddress { bytes.ethernetAddress(Offset.source) }
  /// The tags, the outermost first.
  public var vlans: VLANTags {
    @_lifetime(copy self) get { VLANTags(checked: bytes.extracting(Offset.type..<(headerCount - 2))) }
  }
  /// What the frame carries, behind all tags; a length in an IEEE 802.3 frame.
  @inlinable @inline(__always)
  public var type: EtherType { EtherType(rawValue: bytes.uint16(headerCount - 2)) }
  /// The length of the header with its tags, in bytes.
  @inlinable @inline(__always)
  public var headerByteCount: Int { headerCount }
  /// Where the payload ends.
  @inline(__always)
  var end: Int { bytes.byteCount }
  /// The payload, with whatever padding the sender gave it.
  public var payload: RawSpan {
    @inlinable @inline(__always) @_lifetime(copy self) get { bytes.extracting(headerCount...) }
  }
}

/// The header of an Ethernet frame with its tags, as a value.
public struct EthernetHeader: Hashable, Sendable {
  /// The greatest number of tags that is read or written.
  public static let maximumTags = 8
  /// The greatest size of a header, in bytes.
  static let maximumByteCount = EthernetView.Offset.payload + maximumTags * VLANTag.byteCount

  /// The receiver's address.
  public var destination: EthernetAddress
  /// The sender's address.
  public var source: EthernetAddress
  /// The tags, the outermost first.
  public var tags: [VLANTag]
  /// What the frame carries, behind all tags; a length in an IEEE 802.3 frame.
  public var type: EtherType

  /// Makes a header from its fields, as they are to stand there.
  ///
  /// - Parameters:
  ///   - destination: The receiver's address.
  ///   - source: The sender's address.
  ///   - tags: The tags, the outermost first.
  ///   - type: What the frame carries.
  public init(destination: EthernetAddress, source: EthernetAddress, tags: [VLANTag] = [], type: EtherType) {
    self.destination = destination
    self.source = source
    self.tags = tags
    self.type = type
  }

  /// Copies the header of a frame.
  ///
  /// - Parameter view: The frame.
  public init(_ view: borrowing EthernetView) {
    var tags: [VLANTag] = []
    var vlans = view.vlans
    while let tag = vlans.next() { tags.append(tag) }
    self.init(destination: view.destination, source: view.source, tags: tags, type: view.type)
  }

  /// The size of the header with its tags, in bytes.
  public var byteCount: Int { EthernetView.Offset.payload + tags.count * VLANTag.byteCount }

  /// Writes the header.
  ///
  /// - Parameter bytes: Where it goes; its first ``byteCount`` bytes are written.
  /// - Throws: ``PacketError/noRoom(_:needed:found:)``, or ``PacketError/tooLarge(_:field:limit:found:)`` for too many tags.
  public func write(into bytes: inout MutableRawSpan) throws(PacketError) {
    guard tags.count <= Self.maximumTags else {
      throw .tooLarge(.vlan, field: .tagCount, limit: Self.maximumTags, found: tags.count)
    }
    guard bytes.byteCount >= byteCount else {
      throw .noRoom(.ethernet, needed: byteCount, found: bytes.byteCount)
    }
    bytes.setEthernetAddress(EthernetView.Offset.destination, destination)
    bytes.setEthernetAddress(EthernetView.Offset.source, source)
    var offset = EthernetView.Offset.type
    for tag in tags {
      bytes.setUInt16(offset, tag.type.rawValue)
      bytes.setUInt16(offset + 2, tag.control)
      offset += VLANTag.byteCount
    }
    bytes.setUInt16(offset, type.rawValue)
  }
}

extension RawSpan {
  /// An Ethernet address at an offset that the caller's own check of the count has covered.
  @inlinable @inline(__always)
  func ethernetAddress(_ offset: Int) -> EthernetAddress {
    EthernetAddress(bits: UInt64(uint16(offset)) << 32 | UInt64(uint32(offset + 2)))
  }
}

extension MutableRawSpan {
  /// Sets an Ethernet address.
  mutating func setEthernetAddress(_ offset: Int, _ address: EthernetAddress) {
    let octets = address.bytes
    for index in octets.indices { setByte(offset + index, octets[index]) }
  }
}
