import Addresses

/// A UDP datagram in borrowed bytes, checked once.
///
/// What stands behind the length that the header announces is not part of it.
public struct UDPView: ~Escapable {
  @usableFromInline let bytes: RawSpan

  /// Where the fields are.
  @usableFromInline
  enum Offset {
    @inlinable static var source: Int { 0 }
    @inlinable static var destination: Int { 2 }
    @inlinable static var length: Int { 4 }
    @inlinable static var checksum: Int { 6 }
    @inlinable static var payload: Int { 8 }
  }

  /// Looks at a datagram.
  ///
  /// - Parameter bytes: The header and what follows; more than the announced length may be there.
  /// - Throws: ``PacketError`` when the header or the announced length is not there, or the length is less than the header's.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(PacketError) {
    guard bytes.byteCount >= Offset.payload else {
      throw .truncated(.udp, needed: Offset.payload, found: bytes.byteCount)
    }
    let length = Int(bytes.uint16(Offset.length))
    guard length >= Offset.payload else { throw .malformed(.udp, field: .length, found: length) }
    guard length <= bytes.byteCount else { throw .truncated(.udp, needed: length, found: bytes.byteCount) }
    self.bytes = bytes.extracting(0..<length)
  }

  /// Looks at a datagram that was checked before.
  ///
  /// - Parameter bytes: Exactly the header and the payload.
  @inlinable @inline(__always)
  @_lifetime(copy bytes)
  init(checked bytes: RawSpan) {
    self.bytes = bytes
  }

  /// The sender's port.
  @inlinable @inline(__always)
  public var sourcePort: UInt16 { bytes.uint16(Offset.source) }
  /// The receiver's port.
  @inlinable @inline(__always)
  public var destinationPort: UInt16 { bytes.uint16(Offset.destination) }
  /// The length of header and payload, in bytes.
  @inlinable @inline(__always)
  public var length: UInt16 { bytes.uint16(Offset.length) }
  /// The checksum as it stands; 0 for none.
  @inlinable @inline(__always)
  public var checksum: UInt16 { bytes.uint16(Offset.checksum) }
  /// The payload.
  public var payload: RawSpan {
    @inlinable @inline(__always) @_lifetime(copy self) get { bytes.extracting(Offset.payload...) }
  }

  /// Checks the checksum.
  ///
  /// - Parameter header: What stands in the IP header beneath. Over IPv4 a checksum of 0 means none, and passes.
  /// - Throws: ``PacketError/badChecksum(_:found:expected:)``.
  public func verifyChecksum(_ header: PseudoHeader) throws(PacketError) {
    let found = checksum
    if found == 0, case .ipv4 = header { return }
    var sum = header.checksum(protocol: UDPHeader.protocolNumber, length: bytes.byteCount)
    sum.add(bytes)
    guard sum.value != 0 else { return }
    var expected = header.checksum(protocol: UDPHeader.protocolNumber, length: bytes.byteCount)
    expected.add(bytes.extracting(0..<Offset.checksum))
    expected.add(payload)
    throw .badChecksum(.udp, found: found, expected: UDPHeader.sent(expected.value))
  }
}

/// The header of a UDP datagram, as a value.
public struct UDPHeader: Hashable, Sendable {
  /// The number of UDP in an IP header.
  public static let protocolNumber: UInt8 = 17
  /// The size of the header, in bytes.
  public static let byteCount = 8

  /// The sender's port.
  public var sourcePort: UInt16
  /// The receiver's port.
  public var destinationPort: UInt16
  /// The length of header and payload, in bytes.
  public var length: UInt16
  /// The checksum; 0 for none.
  public var checksum: UInt16

  /// Makes a header from its fields, as they are to stand there.
  ///
  /// - Parameters:
  ///   - sourcePort: The sender's port.
  ///   - destinationPort: The receiver's port.
  ///   - length: The length of header and payload, in bytes.
  ///   - checksum: The checksum; 0 for none.
  public init(sourcePort: UInt16, destinationPort: UInt16, length: UInt16, checksum: UInt16) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.length = length
    self.checksum = checksum
  }

  /// Makes the header of a payload, with the length and the checksum that fit it.
  ///
  /// - Parameters:
  ///   - sourcePort: The sender's port.
  ///   - destinationPort: The receiver's port.
  ///   - payload: The payload.
  ///   - header: What stands in the IP header beneath.
  /// - Throws: ``PacketError/tooLarge(_:field:limit:found:)`` for a payload of more than 65,527 bytes.
  public init(
    sourcePort: UInt16, destinationPort: UInt16, payload: RawSpan, over header: PseudoHeader
  ) throws(PacketError) {
    let count = Self.byteCount + payload.byteCount
    guard let length = UInt16(exactly: count) else {
      throw .tooLarge(.udp, field: .length, limit: Int(UInt16.max), found: count)
    }
    self.init(sourcePort: sourcePort, destinationPort: destinationPort, length: length, checksum: 0)
    fillChecksum(payload: payload, over: header)
  }

  /// Sets the checksum to what fits the other fields and a payload.
  ///
  /// - Parameters:
  ///   - payload: The payload.
  ///   - header: What stands in the IP header beneath.
  public mutating func fillChecksum(payload: RawSpan, over header: PseudoHeader) {
    var sum = header.checksum(protocol: Self.protocolNumber, length: Self.byteCount + payload.byteCount)
    sum.add(sourcePort)
    sum.add(destinationPort)
    sum.add(length)
    sum.add(payload)
    checksum = Self.sent(sum.value)
  }

  /// Copies the header of a datagram.
  ///
  /// - Parameter view: The datagram.
  public init(_ view: borrowing UDPView) {
    self.init(
      sourcePort: view.sourcePort, destinationPort: view.destinationPort, length: view.length, checksum: view.checksum)
  }

  /// Writes the header.
  ///
  /// - Parameter bytes: Where it goes; its first 8 bytes are written.
  /// - Throws: ``PacketError/noRoom(_:needed:found:)``.
  public func write(into bytes: inout MutableRawSpan) throws(PacketError) {
    guard bytes.byteCount >= Self.byteCount else {
      throw .noRoom(.udp, needed: Self.byteCount, found: bytes.byteCount)
    }
    bytes.setUInt16(UDPView.Offset.source, sourcePort)
    bytes.setUInt16(UDPView.Offset.destination, destinationPort)
    bytes.setUInt16(UDPView.Offset.length, length)
    bytes.setUInt16(UDPView.Offset.checksum, checksum)
  }

  /// A computed checksum as it is sent: 0 would mean none, and is sent as 0xFFFF.
  static func sent(_ checksum: UInt16) -> UInt16 { checksum == 0 ? 0xFFFF : checksum }
}
