import Addresses

/// A control message of IPv6 in borrowed bytes, checked once.
public struct ICMPv6View: ~Escapable {
  private let bytes: RawSpan

  /// Looks at a message.
  ///
  /// Options and records are not looked at: a message with broken ones is a message.
  ///
  /// - Parameter bytes: The whole message; it is to end where the IP packet ends.
  /// - Throws: ``PacketError/truncated(_:needed:found:)`` when the fields of its type are not there.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(PacketError) {
    let minimum = ICMPFields.Offset.body
    guard bytes.byteCount >= minimum else { throw .truncated(.icmpv6, needed: minimum, found: bytes.byteCount) }
    self.bytes = bytes
    guard headerByteCount <= bytes.byteCount else {
      throw .truncated(.icmpv6, needed: headerByteCount, found: bytes.byteCount)
    }
  }

  /// What kind of message it is; errors are below 128.
  public var type: UInt8 { bytes.byte(ICMPFields.Offset.type) }
  /// More about the type.
  public var code: UInt8 { bytes.byte(ICMPFields.Offset.code) }
  /// The checksum as it stands.
  public var checksum: UInt16 { bytes.uint16(ICMPFields.Offset.checksum) }
  /// The four bytes behind the checksum, whose meaning depends on the type.
  public var restOfHeader: UInt32 { bytes.uint32(ICMPFields.Offset.restOfHeader) }
  /// What the message says.
  public var message: ICMPv6Message {
    let body = bytes.extracting(ICMPFields.Offset.body..<headerByteCount)
    return ICMPv6Message(type: type, code: code, restOfHeader: restOfHeader, body: body)
  }
  /// The size of the fields that the type always has, in bytes; 8 at least.
  public var headerByteCount: Int {
    ICMPFields.Offset.body + ICMPv6Message.bodyByteCount(type: type, of: bytes.byteCount)
  }
  /// What follows the fields: data, options, sources, records, or a quoted packet.
  public var payload: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(headerByteCount...) }
  }
  /// The start of the packet that an error message is about; nil for other messages.
  ///
  /// What a redirect is about stands in an option.
  public var quotedPacket: RawSpan? {
    @_lifetime(copy self) get {
      switch type {
      case ICMPv6Message.Kind.destinationUnreachable, ICMPv6Message.Kind.timeExceeded:
        // Counted in words of eight bytes.
        payload.quoted(announced: Int(restOfHeader >> 24) * 8)
      case ICMPv6Message.Kind.packetTooBig, ICMPv6Message.Kind.parameterProblem: payload
      default: nil
      }
    }
  }
  /// The options of a message of neighbour discovery; nil for other messages.
  public var options: OptionIterator? {
    @_lifetime(copy self) get {
      switch type {
      case ICMPv6Message.Kind.routerSolicitation...ICMPv6Message.Kind.redirect:
        OptionIterator(payload, format: .neighborDiscovery, layer: .icmpv6)
      default: nil
      }
    }
  }
  /// The sources that a query of version 2 asks about; nil for other messages.
  public var sources: IPv6HostIterator? {
    @_lifetime(copy self) get {
      guard case .multicastListenerQueryV2(let query) = message else { return nil }
      return IPv6HostIterator(payload, count: Int(query.sourceCount))
    }
  }
  /// The records of a report of version 2; nil for other messages.
  public var multicastRecords: MulticastRecordIterator? {
    @_lifetime(copy self) get {
      guard case .multicastListenerReportV2(let count) = message else { return nil }
      return MulticastRecordIterator(payload, count: Int(count))
    }
  }

  /// Checks the checksum.
  ///
  /// - Parameter header: What stands in the IP header beneath.
  /// - Throws: ``PacketError/badChecksum(_:found:expected:)``.
  public func verifyChecksum(_ header: PseudoHeader) throws(PacketError) {
    try header.checksum(protocol: ICMPv6Header.protocolNumber, length: bytes.byteCount)
      .verify(bytes, checksumAt: ICMPFields.Offset.checksum, layer: .icmpv6)
  }

  /// Copies the fields.
  var fields: ICMPFields { ICMPFields(bytes, bodyByteCount: headerByteCount - ICMPFields.Offset.body) }
}

/// The fields of a control message of IPv6, as a value.
public struct ICMPv6Header: Hashable, Sendable {
  /// The number of the messages in an IP header.
  public static let protocolNumber: UInt8 = 58

  private var fields: ICMPFields

  /// What kind of message it is.
  public var type: UInt8 { fields.type }
  /// More about the type.
  public var code: UInt8 {
    get { fields.code }
    set { fields.code = newValue }
  }
  /// The checksum.
  public var checksum: UInt16 {
    get { fields.checksum }
    set { fields.checksum = newValue }
  }
  /// The four bytes behind the checksum, whose meaning depends on the type.
  public var restOfHeader: UInt32 {
    get { fields.restOfHeader }
    set { fields.restOfHeader = newValue }
  }
  /// The size of the fields, in bytes.
  public var byteCount: Int { fields.byteCount }
  /// What the message says.
  public var message: ICMPv6Message {
    ICMPv6Message(type: type, code: code, restOfHeader: restOfHeader, body: fields.body.rawSpan)
  }

  /// Makes the fields of a message; reserved bits are 0.
  ///
  /// - Parameters:
  ///   - message: What the message says.
  ///   - checksum: The checksum; ``fillChecksum(payload:over:)`` computes it.
  /// - Throws: ``PacketError/malformed(_:field:found:)`` for a type with fields of its own that is given as any other.
  public init(_ message: ICMPv6Message, checksum: UInt16 = 0) throws(PacketError) {
    fields = message.fields
    fields.checksum = checksum
    guard fields.body.count == ICMPv6Message.bodyByteCount(type: type, of: byteCount) else {
      throw .malformed(.icmpv6, field: .type, found: Int(type))
    }
  }

  /// Copies the fields of a message, reserved bits among them.
  ///
  /// - Parameter view: The message.
  public init(_ view: borrowing ICMPv6View) {
    fields = view.fields
  }

  /// Sets the checksum to the one that fits.
  ///
  /// - Parameters:
  ///   - payload: What follows the fields.
  ///   - header: What stands in the IP header beneath.
  public mutating func fillChecksum(payload: RawSpan, over header: PseudoHeader) {
    let length = byteCount + payload.byteCount
    fields.fillChecksum(header.checksum(protocol: Self.protocolNumber, length: length), payload: payload)
  }

  /// Writes the fields.
  ///
  /// - Parameter bytes: Where they go; its first ``byteCount`` bytes are written.
  /// - Throws: ``PacketError/noRoom(_:needed:found:)``.
  public func write(into bytes: inout MutableRawSpan) throws(PacketError) {
    try fields.write(into: &bytes, layer: .icmpv6)
  }
}
