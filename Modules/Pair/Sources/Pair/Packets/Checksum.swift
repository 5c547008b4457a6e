import Addresses

/// The internet's checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words.
///
/// Parts may be added one after the other; a part of odd length ends the sum, as the last byte is padded with zero.
public struct Checksum: Hashable, Sendable {
  // Words are added as they lie in memory, and folded and swapped at the end: the sum does not depend on byte order.
  private var sum: UInt64
  // How many bytes are added at once.
  private static var step: Int { 32 }

  /// Begins with nothing.
  public init() {
    sum = 0
  }

  /// Adds bytes.
  ///
  /// - Parameter bytes: The bytes; where their number is odd, nothing may be added after them.
  public mutating func add(_ bytes: RawSpan) {
    let count = bytes.byteCount
    var offset = 0
    var rest: UInt64 = 0
    while offset &+ Self.step <= count {
      // Each lane takes two words a step, and has room for those of 2^15 steps.
      let end = min(count, offset &+ Self.step << 15)
      var first = SIMD4<UInt32>.zero
      var second = SIMD4<UInt32>.zero
      while offset &+ Self.step <= end {
        // `offset + 32 <= count` was just checked.
        let a = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: SIMD4<UInt32>.self)
        let b = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset &+ 16, as: SIMD4<UInt32>.self)
        first &+= (a & 0xFFFF) &+ (a &>> 16)
        second &+= (b & 0xFFFF) &+ (b &>> 16)
        offset &+= Self.step
      }
      for lane in 0..<4 { rest &+= UInt64(first[lane]) &+ UInt64(second[lane]) }
    }
    while offset &+ 2 <= count {
      rest &+= UInt64(unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
      offset &+= 2
    }
    if offset < count { rest &+= UInt64(UInt16(bytes.byte(offset)).littleEndian) }
    sum &+= rest
  }

  /// Adds one 16-bit word.
  ///
  /// - Parameter word: The word, as a number.
  @inline(__always)
  public mutating func add(_ word: UInt16) {
    sum &+= UInt64(word.bigEndian)
  }

  /// Adds one 32-bit word.
  ///
  /// - Parameter word: The word, as a number.
  @inline(__always)
  public mutating func add(_ word: UInt32) {
    add(UInt16(truncatingIfNeeded: word >> 16))
    add(UInt16(truncatingIfNeeded: word))
  }

  /// Adds one 64-bit word.
  ///
  /// - Parameter word: The word, as a number.
  @inline(__always)
  public mutating func add(_ word: UInt64) {
    add(UInt32(truncatingIfNeeded: word >> 32))
    add(UInt32(truncatingIfNeeded: word))
  }

  /// The checksum of what was added; 0 when what was added has its own, right checksum in it.
  @inline(__always)
  public var value: UInt16 {
    ~UInt16(truncatingIfNeeded: Self.fold(sum)).bigEndian
  }

  @inline(__always)
  private static func fold(_ sum: UInt64) -> UInt64 {
    var folded = (sum & 0xFFFF_FFFF) &+ (sum >> 32)
    folded = (folded & 0xFFFF) &+ (folded >> 16)
    folded = (folded & 0xFFFF) &+ (folded >> 16)
    return (folded & 0xFFFF) &+ (folded >> 16)
  }
}

extension Checksum {
  /// The checksum of bytes.
  ///
  /// - Parameter bytes: The bytes.
  /// - Returns: The checksum; 0 when the bytes have their own, right checksum in them.
  @inline(__always)
  public static func of(_ bytes: RawSpan) -> UInt16 {
    var checksum = Checksum()
    checksum.add(bytes)
    return checksum.value
  }
}
