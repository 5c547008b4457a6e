// How the packets' views and headers reach their fields: numbers in network order at named offsets.

extension RawSpan {
  /// A byte at an offset that the caller's own check of the count has covered.
  @inlinable @inline(__always)
  func byte(_ offset: Int) -> UInt8 {
    assert(offset >= 0 && offset < byteCount)
    // Every view checks once, when it is made, that the bytes of its fixed fields are there.
    return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
  }

  /// A 16-bit number in network order, at an offset that the caller's own check of the count has covered.
  @inlinable @inline(__always)
  func uint16(_ offset: Int) -> UInt16 {
    assert(offset >= 0 && offset + 2 <= byteCount)
    // As for `byte`.
    return unsafe UInt16(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
  }

  /// A 32-bit number in network order, at an offset that the caller's own check of the count has covered.
  @inlinable @inline(__always)
  func uint32(_ offset: Int) -> UInt32 {
    assert(offset >= 0 && offset + 4 <= byteCount)
    // As for `byte`.
    return unsafe UInt32(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
  }
}

extension MutableRawSpan {
  /// Sets a byte.
  @inline(__always)
  mutating func setByte(_ offset: Int, _ value: UInt8) {
    storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
  }

  /// Sets a 16-bit number, in network order.
  @inline(__always)
  mutating func setUInt16(_ offset: Int, _ value: UInt16) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
  }

  /// Sets a 32-bit number, in network order.
  @inline(__always)
  mutating func setUInt32(_ offset: Int, _ value: UInt32) {
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
  }

  /// Sets a run of bytes.
  mutating func setBytes(_ offset: Int, _ bytes: [UInt8]) {
    for (index, byte) in bytes.enumerated() { setByte(offset + index, byte) }
  }
}

extension RawSpan {
  /// The bytes in an array of their own.
  package func copied() -> [UInt8] {
    // The count of the empty array, which all threads share, is not to be written.
    guard byteCount > 0 else { return [] }
    // Not `Array(buffer)`: where the array turns out to be unused, Swift 6.3's optimiser frees it before it is filled.
    return unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { memory, count in
      unsafe withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(memory).copyMemory(from: $0) }
      count = byteCount
    }
  }
}
