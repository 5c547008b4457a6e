extension RawSpan {
  /// The integer at an offset, as it lies there in the machine's own order.
  ///
  /// - Precondition: The whole integer is inside the span; the standard library checks it.
  func native<Integer: FixedWidthInteger & BitwiseCopyable>(_ type: Integer.Type, at offset: Int) -> Integer {
    // "Unsafe" because not every type is valid for every bit pattern; an integer is. The bounds are checked.
    unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: type)
  }

  /// The integer at an offset, written there with its highest byte first.
  ///
  /// - Precondition: The whole integer is inside the span; the standard library checks it.
  func bigEndian<Integer: FixedWidthInteger & BitwiseCopyable>(_ type: Integer.Type, at offset: Int) -> Integer {
    Integer(bigEndian: native(type, at: offset))
  }

  /// Throws unless there are exactly so many bytes.
  func requireCount(_ count: Int, of subject: AddressError.Subject) throws(AddressError) {
    guard byteCount == count else {
      throw AddressError(
        subject, expected: .bytes(count), found: .bytes(byteCount), position: Swift.min(byteCount, count))
    }
  }
}
