import Addresses

// How values put their bytes together, and lend them.

extension [UInt8] {
  /// The bytes, lent to be read.
  var rawSpan: RawSpan {
    // "Unsafe" because some types have bytes without a value; `UInt8` has none.
    @_lifetime(borrow self) get { unsafe span.bytes }
  }

  /// Appends a number in network order.
  mutating func appendBigEndian(_ value: UInt16) {
    append(UInt8(truncatingIfNeeded: value >> 8))
    append(UInt8(truncatingIfNeeded: value))
  }

  /// Appends a number in network order.
  mutating func appendBigEndian(_ value: UInt32) {
    appendBigEndian(UInt16(truncatingIfNeeded: value >> 16))
    appendBigEndian(UInt16(truncatingIfNeeded: value))
  }

  /// Lends the bytes to be written.
  mutating func withMutableBytes<Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    var span = mutableSpan
    // "Unsafe" because not every type may be given any bytes; `UInt8` may.
    var bytes = unsafe span.mutableBytes
    try body(&bytes)
  }
}

extension IPv6Address.Host {
  /// The octets in network order.
  var octets: [UInt8] {
    let bytes = bytes
    return bytes.indices.map { bytes[$0] }
  }
}

extension EthernetAddress {
  /// The octets in network order.
  var octets: [UInt8] {
    let bytes = bytes
    return bytes.indices.map { bytes[$0] }
  }
}
