/// IPv6's fragment header, as a value.
public struct IPv6FragmentHeader: Hashable, Sendable {
  /// The size of the header, in bytes.
  public static let byteCount = 8
  /// The largest offset, in bytes.
  public static let maximumFragmentOffset = 0xFFF8

  /// What the fragmented packet continues with.
  public var nextHeader: IPProtocolNumber
  /// The reserved byte, which is sent as 0.
  public var reserved: UInt8
  /// Offset, two reserved bits and the flag, as they stand in the header.
  public var offsetAndFlags: UInt16
  /// What the fragments of one packet have in common.
  public var identification: UInt32

  /// Where the fragment's bytes belong, in bytes from the start of the fragmentable part.
  public var fragmentOffset: Int { Int(offsetAndFlags & 0xFFF8) }
  /// Whether other fragments follow this one.
  public var moreFragments: Bool { offsetAndFlags & 1 != 0 }

  /// Makes a header.
  ///
  /// - Parameters:
  ///   - nextHeader: What the fragmented packet continues with.
  ///   - fragmentOffset: Where the fragment's bytes belong, in bytes; a multiple of 8.
  ///   - moreFragments: Whether other fragments follow this one.
  ///   - identification: What the fragments of one packet have in common.
  /// - Throws: ``PacketError`` for an offset that is no multiple of 8, or over ``maximumFragmentOffset``.
  public init(
    nextHeader: IPProtocolNumber, fragmentOffset: Int, moreFragments: Bool, identification: UInt32
  ) throws(PacketError) {
    guard fragmentOffset >= 0, fragmentOffset % 8 == 0 else {
      throw .malformed(.ipv6Extension, field: .fragmentOffset, found: fragmentOffset)
    }
    guard fragmentOffset <= Self.maximumFragmentOffset else {
      throw .tooLarge(
        .ipv6Extension, field: .fragmentOffset, limit: Self.maximumFragmentOffset, found: fragmentOffset)
    }
    self.nextHeader = nextHeader
    self.reserved = 0
    self.offsetAndFlags = UInt16(fragmentOffset) | (moreFragments ? 1 : 0)
    self.identification = identification
  }

  /// Reads a header.
  ///
  /// - Parameter bytes: The header; more may follow.
  /// - Throws: ``PacketError/truncated(_:needed:found:)``.
  public init(_ bytes: RawSpan) throws(PacketError) {
    guard bytes.byteCount >= Self.byteCount else {
      throw .truncated(.ipv6Extension, needed: Self.byteCount, found: bytes.byteCount)
    }
    nextHeader = IPProtocolNumber(rawValue: bytes.byte(0))
    reserved = bytes.byte(1)
    offsetAndFlags = bytes.uint16(2)
    identification = bytes.uint32(4)
  }

  /// Writes the header.
  ///
  /// - Parameter bytes: Where it goes; its first 8 bytes are written.
  /// - Throws: ``PacketError/noRoom(_:needed:found:)``.
  public func write(into bytes: inout MutableRawSpan) throws(PacketError) {
    guard bytes.byteCount >= Self.byteCount else {
      throw .noRoom(.ipv6Extension, needed: Self.byteCount, found: bytes.byteCount)
    }
    bytes.setByte(0, nextHeader.rawValue)
    bytes.setByte(1, reserved)
    bytes.setUInt16(2, offsetAndFlags)
    bytes.setUInt32(4, identification)
  }
}
