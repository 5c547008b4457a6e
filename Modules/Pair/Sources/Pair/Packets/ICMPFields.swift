/// What the control messages of both versions have: 8 bytes in the same places, and then what the type says.
struct ICMPFields: Hashable, Sendable {
  /// Where the fields are.
  enum Offset {
    static let type = 0
    static let code = 1
    static let checksum = 2
    static let restOfHeader = 4
    static let body = 8
  }

  var type: UInt8
  var code: UInt8
  var checksum: UInt16 = 0
  var restOfHeader: UInt32
  /// The fields behind the 8 bytes.
  var body: [UInt8]

  init(_ type: UInt8, code: UInt8 = 0, rest: UInt32 = 0, body: [UInt8] = []) {
    self.type = type
    self.code = code
    self.restOfHeader = rest
    self.body = body
  }

  init(_ type: UInt8, code: UInt8 = 0, halves: (UInt16, UInt16), body: [UInt8] = []) {
    self.init(type, code: code, rest: UInt32(halves.0) << 16 | UInt32(halves.1), body: body)
  }

  /// Copies the fields of a message that has them.
  init(_ bytes: RawSpan, bodyByteCount: Int) {
    self.init(
      bytes.byte(Offset.type), code: bytes.byte(Offset.code), rest: bytes.uint32(Offset.restOfHeader),
      body: bytes.extracting(Offset.body..<(Offset.body + bodyByteCount)).copied())
    checksum = bytes.uint16(Offset.checksum)
  }

  var byteCount: Int { Offset.body + body.count }

  func write(into bytes: inout MutableRawSpan, layer: PacketLayer) throws(PacketError) {
    guard bytes.byteCount >= byteCount else { throw .noRoom(layer, needed: byteCount, found: bytes.byteCount) }
    bytes.setByte(Offset.type, type)
    bytes.setByte(Offset.code, code)
    bytes.setUInt16(Offset.checksum, checksum)
    bytes.setUInt32(Offset.restOfHeader, restOfHeader)
    bytes.setBytes(Offset.body, body)
  }

  /// Sets the checksum to the one that fits, after what was added beneath it.
  mutating func fillChecksum(_ beneath: Checksum, payload: RawSpan) {
    var sum = beneath
    sum.add(UInt16(type) << 8 | UInt16(code))
    sum.add(restOfHeader)
    // Bodies have an even number of bytes, so that the payload may be added behind.
    sum.add(body.rawSpan)
    sum.add(payload)
    checksum = sum.value
  }
}

extension RawSpan {
  /// The packet that an error message quotes: as many bytes as the message says (RFC 4884), or all, where it says 0 or more
  /// than there are.
  @_lifetime(copy self)
  func quoted(announced byteCount: Int) -> RawSpan {
    byteCount == 0 ? self : extracting(first: byteCount)
  }
}
