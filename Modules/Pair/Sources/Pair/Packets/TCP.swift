/// A TCP segment in borrowed bytes, checked once.
///
/// TCP has no length of its own: the bytes are to end where the IP packet ends.
public struct TCPView: ~Escapable {
  private let bytes: RawSpan

  /// Where the fields are.
  enum Offset {
    static let source = 0
    static let destination = 2
    static let sequenceNumber = 4
    static let acknowledgmentNumber = 8
    static let dataOffsetAndFlags = 12
    static let window = 14
    static let checksum = 16
    static let urgentPointer = 18
    static let options = 20
  }

  /// Looks at a segment.
  ///
  /// The options are not looked at: a segment with broken ones is a segment.
  ///
  /// - Parameter bytes: The header and the payload.
  /// - Throws: ``PacketError`` when the header is not there, or its data offset is less than 20 bytes.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(PacketError) {
    guard bytes.byteCount >= Offset.options else {
      throw .truncated(.tcp, needed: Offset.options, found: bytes.byteCount)
    }
    self.bytes = bytes
    let headerByteCount = self.headerByteCount
    guard headerByteCount >= Offset.options else {
      throw .malformed(.tcp, field: .headerLength, found: headerByteCount)
    }
    guard headerByteCount <= bytes.byteCount else {
      throw .truncated(.tcp, needed: headerByteCount, found: bytes.byteCount)
    }
  }

  /// The sender's port.
  public var sourcePort: UInt16 { bytes.uint16(Offset.source) }
  /// The receiver's port.
  public var destinationPort: UInt16 { bytes.uint16(Offset.destination) }
  /// The number of the first byte of the payload, or of the SYN.
  public var sequenceNumber: UInt32 { bytes.uint32(Offset.sequenceNumber) }
  /// The number of the next byte that is expected, where ``TCPFlags/ack`` is set.
  public var acknowledgmentNumber: UInt32 { bytes.uint32(Offset.acknowledgmentNumber) }
  /// The size of the header with its options, in bytes: what the data offset says in words of four.
  public var headerByteCount: Int { Int(bytes.byte(Offset.dataOffsetAndFlags) >> 4) * 4 }
  /// The flags, and the reserved bits before them.
  public var flags: TCPFlags { TCPFlags(rawValue: bytes.uint16(Offset.dataOffsetAndFlags)) }
  /// How many bytes the sender can take, before ``TCPOption/windowScale(_:)`` is applied.
  public var window: UInt16 { bytes.uint16(Offset.window) }
  /// The checksum as it stands.
  public var checksum: UInt16 { bytes.uint16(Offset.checksum) }
  /// Where urgent data end, where ``TCPFlags/urg`` is set.
  public var urgentPointer: UInt16 { bytes.uint16(Offset.urgentPointer) }
  /// The bytes of the options, padding included; at most 40.
  public var optionBytes: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(Offset.options..<headerByteCount) }
  }
  /// The options.
  public var options: OptionIterator {
    @_lifetime(copy self) get { OptionIterator(optionBytes, format: .tcp, layer: .tcp) }
  }
  /// The payload.
  public var payload: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(headerByteCount...) }
  }

  /// Checks the checksum.
  ///
  /// - Parameter header: What stands in the IP header beneath.
  /// - Throws: ``PacketError/badChecksum(_:found:expected:)``.
  public func verifyChecksum(_ header: PseudoHeader) throws(PacketError) {
    try header.checksum(protocol: TCPHeader.protocolNumber, length: bytes.byteCount)
      .verify(bytes, checksumAt: Offset.checksum, layer: .tcp)
  }
}

/// The header of a TCP segment, as a value.
public struct TCPHeader: Hashable, Sendable {
  /// The number of TCP in an IP header.
  public static let protocolNumber: UInt8 = 6
  /// How many bytes of options fit into a header.
  public static let maximumOptionByteCount = 40

  /// The sender's port.
  public var sourcePort: UInt16
  /// The receiver's port.
  public var destinationPort: UInt16
  /// The number of the first byte of the payload, or of the SYN.
  public var sequenceNumber: UInt32
  /// The number of the next byte that is expected, where ``TCPFlags/ack`` is set.
  public var acknowledgmentNumber: UInt32
  /// The flags, and the reserved bits before them.
  public var flags: TCPFlags
  /// How many bytes the sender can take, before ``TCPOption/windowScale(_:)`` is applied.
  public var window: UInt16
  /// The checksum.
  public var checksum: UInt16
  /// Where urgent data end, where ``TCPFlags/urg`` is set.
  public var urgentPointer: UInt16
  /// The bytes of the options, padding included; see ``optionBytes(_:)``.
  public var optionBytes: [UInt8]

  /// The size of the header with its options, in bytes.
  public var byteCount: Int { TCPView.Offset.options + optionBytes.count }

  /// Makes a header from its fields, as they are to stand there.
  ///
  /// - Parameters:
  ///   - sourcePort: The sender's port.
  ///   - destinationPort: The receiver's port.
  ///   - sequenceNumber: The number of the first byte of the payload, or of the SYN.
  ///   - acknowledgmentNumber: The number of the next byte that is expected.
  ///   - flags: The flags.
  ///   - window: How many bytes the sender can take.
  ///   - checksum: The checksum; ``fillChecksum(payload:over:)`` computes it.
  ///   - urgentPointer: Where urgent data end.
  ///   - optionBytes: The bytes of the options, a multiple of four and at most 40; see ``optionBytes(_:)``.
  public init(
    sourcePort: UInt16, destinationPort: UInt16, sequenceNumber: UInt32, acknowledgmentNumber: UInt32 = 0,
    flags: TCPFlags, window: UInt16, checksum: UInt16 = 0, urgentPointer: UInt16 = 0, optionBytes: [UInt8] = []
  ) {
    self.sourcePort = sourcePort
    self.destinationPort = destinationPort
    self.sequenceNumber = sequenceNumber
    self.acknowledgmentNumber = acknowledgmentNumber
    self.flags = flags
    self.window = window
    self.checksum = checksum
    self.urgentPointer = urgentPointer
    self.optionBytes = optionBytes
  }

  /// Copies the header of a segment.
  ///
  /// - Parameter view: The segment.
  public init(_ view: borrowing TCPView) {
    self.init(
      sourcePort: view.sourcePort, destinationPort: view.destinationPort, sequenceNumber: view.sequenceNumber,
      acknowledgmentNumber: view.acknowledgmentNumber, flags: view.flags, window: view.window, checksum: view.checksum,
      urgentPointer: view.urgentPointer, optionBytes: view.optionBytes.copied())
  }

  /// The bytes of options, padded to whole words of four bytes.
  ///
  /// - Parameter options: The options, in the order in which they are to stand.
  /// - Returns: The bytes.
  /// - Throws: ``PacketError/tooLarge(_:field:limit:found:)`` for more than 40 bytes.
  public static func optionBytes(_ options: [TCPOption]) throws(PacketError) -> [UInt8] {
    var bytes: [UInt8] = []
    for option in options { try option.append(to: &bytes) }
    while bytes.count % 4 != 0 { bytes.append(TCPOption.Kind.endOfOptionList) }
    try checkOptionBytes(bytes.count)
    return bytes
  }

  /// Sets the checksum to the one that fits.
  ///
  /// - Parameters:
  ///   - payload: The payload.
  ///   - header: What stands in the IP header beneath.
  /// - Throws: ``PacketError`` for option bytes that do not fit into a header.
  public mutating func fillChecksum(payload: RawSpan, over header: PseudoHeader) throws(PacketError) {
    checksum = 0
    var bytes = [UInt8](repeating: 0, count: byteCount)
    try bytes.withMutableBytes { (span) throws(PacketError) in try write(into: &span) }
    var sum = header.checksum(protocol: Self.protocolNumber, length: byteCount + payload.byteCount)
    sum.add(bytes.rawSpan)
    sum.add(payload)
    checksum = sum.value
  }

  /// Writes the header.
  ///
  /// - Parameter bytes: Where it goes; its first ``byteCount`` bytes are written.
  /// - Throws: ``PacketError`` when there is no room, or for option bytes that do not fit into a header.
  public func write(into bytes: inout MutableRawSpan) throws(PacketError) {
    try Self.checkOptionBytes(optionBytes.count)
    guard bytes.byteCount >= byteCount else { throw .noRoom(.tcp, needed: byteCount, found: bytes.byteCount) }
    bytes.setUInt16(TCPView.Offset.source, sourcePort)
    bytes.setUInt16(TCPView.Offset.destination, destinationPort)
    bytes.setUInt32(TCPView.Offset.sequenceNumber, sequenceNumber)
    bytes.setUInt32(TCPView.Offset.acknowledgmentNumber, acknowledgmentNumber)
    bytes.setUInt16(TCPView.Offset.dataOffsetAndFlags, UInt16(byteCount / 4) << 12 | flags.rawValue)
    bytes.setUInt16(TCPView.Offset.window, window)
    bytes.setUInt16(TCPView.Offset.checksum, checksum)
    bytes.setUInt16(TCPView.Offset.urgentPointer, urgentPointer)
    bytes.setBytes(TCPView.Offset.options, optionBytes)
  }

  private static func checkOptionBytes(_ count: Int) throws(PacketError) {
    guard count <= maximumOptionByteCount else {
      throw .tooLarge(.tcp, field: .option, limit: maximumOptionByteCount, found: count)
    }
    guard count % 4 == 0 else { throw .malformed(.tcp, field: .headerLength, found: TCPView.Offset.options + count) }
  }
}
