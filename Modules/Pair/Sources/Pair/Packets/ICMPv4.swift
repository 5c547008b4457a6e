/// A control message of IPv4 in borrowed bytes, checked once.
public struct ICMPv4View: ~Escapable {
  private let bytes: RawSpan

  /// Looks at a message.
  ///
  /// - Parameter bytes: The whole message; it is to end where the IP packet ends.
  /// - Throws: ``PacketError/truncated(_:needed:found:)`` when the fields of its type are not there.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(PacketError) {
    let minimum = ICMPFields.Offset.body
    guard bytes.byteCount >= minimum else { throw .truncated(.icmpv4, needed: minimum, found: bytes.byteCount) }
    self.bytes = bytes
    guard headerByteCount <= bytes.byteCount else {
      throw .truncated(.icmpv4, needed: headerByteCount, found: bytes.byteCount)
    }
  }

  /// What kind of message it is.
  public var type: UInt8 { bytes.byte(ICMPFields.Offset.type) }
  /// More about the type.
  public var code: UInt8 { bytes.byte(ICMPFields.Offset.code) }
  /// The checksum as it stands.
  public var checksum: UInt16 { bytes.uint16(ICMPFields.Offset.checksum) }
  /// The four bytes behind the checksum, whose meaning depends on the type.
  public var restOfHeader: UInt32 { bytes.uint32(ICMPFields.Offset.restOfHeader) }
  /// What the message says.
  public var message: ICMPv4Message {
    let body = bytes.extracting(ICMPFields.Offset.body..<headerByteCount)
    return ICMPv4Message(type: type, code: code, restOfHeader: restOfHeader, body: body)
  }
  /// The size of the fields, in bytes: 8, or 20 for timestamps.
  public var headerByteCount: Int { ICMPFields.Offset.body + ICMPv4Message.bodyByteCount(type: type) }
  /// What follows the fields.
  public var payload: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(headerByteCount...) }
  }
  /// The start of the packet that an error message is about; nil for other messages.
  public var quotedPacket: RawSpan? {
    @_lifetime(copy self) get {
      switch type {
      case ICMPv4Message.Kind.destinationUnreachable, ICMPv4Message.Kind.timeExceeded,
        ICMPv4Message.Kind.parameterProblem:
        // Counted in words of four bytes.
        payload.quoted(announced: Int(restOfHeader >> 16 & 0xFF) * 4)
      case ICMPv4Message.Kind.sourceQuench, ICMPv4Message.Kind.redirect: payload
      default: nil
      }
    }
  }

  /// Checks the checksum.
  ///
  /// - Throws: ``PacketError/badChecksum(_:found:expected:)``.
  public func verifyChecksum() throws(PacketError) {
    try Checksum().verify(bytes, checksumAt: ICMPFields.Offset.checksum, layer: .icmpv4)
  }

  /// Copies the fields.
  var fields: ICMPFields { ICMPFields(bytes, bodyByteCount: headerByteCount - ICMPFields.Offset.body) }
}

/// The fields of a control message of IPv4, as a value.
public struct ICMPv4Header: Hashable, Sendable {
  /// The number of the messages in an IP header.
  public static let protocolNumber: UInt8 = 1

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
  public var message: ICMPv4Message {
    ICMPv4Message(type: type, code: code, restOfHeader: restOfHeader, body: fields.body.rawSpan)
  }

  /// Makes the fields of a message; reserved bits are 0.
  ///
  /// - Parameters:
  ///   - message: What the message says.
  ///   - checksum: The checksum; ``fillChecksum(payload:)`` computes it.
  /// - Throws: ``PacketError/malformed(_:field:found:)`` for a type with fields of its own that is given as any other.
  public init(_ message: ICMPv4Message, checksum: UInt16 = 0) throws(PacketError) {
    fields = message.fields
    fields.checksum = checksum
    guard fields.body.count == ICMPv4Message.bodyByteCount(type: type) else {
      throw .malformed(.icmpv4, field: .type, found: Int(type))
    }
  }

  /// Copies the fields of a message, reserved bits among them.
  ///
  /// - Parameter view: The message.
  public init(_ view: borrowing ICMPv4View) {
    fields = view.fields
  }

  /// Sets the checksum to the one that fits.
  ///
  /// - Parameter payload: What follows the fields.
  public mutating func fillChecksum(payload: RawSpan) {
    fields.fillChecksum(Checksum(), payload: payload)
  }

  /// Writes the fields.
  ///
  /// - Parameter bytes: Where they go; its first ``byteCount`` bytes are written.
  /// - Throws: ``PacketError/noRoom(_:needed:found:)``.
  public func write(into bytes: inout MutableRawSpan) throws(PacketError) {
    try fields.write(into: &bytes, layer: .icmpv4)
  }
}
