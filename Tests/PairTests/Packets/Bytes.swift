extension Array where Element == UInt8 {
  /// Copies bytes.
  init(_ bytes: RawSpan) {
    self = bytes.withUnsafeBytes { Array($0) }
  }

  /// Lends the bytes to be written.
  mutating func withMutableRawSpan<R, E: Error>(_ body: (inout MutableRawSpan) throws(E) -> R) throws(E) -> R {
    var span = mutableSpan
    var bytes = span.mutableBytes
    return try body(&bytes)
  }
}

/// Bytes from a literal, which alone would be one of `Int`.
func bytes(_ bytes: [UInt8]) -> [UInt8] { bytes }

extension Array where Element == UInt8 {
  /// Bytes written as hexadecimal digits; blanks may stand between bytes.
  init(hex text: String) {
    let digits = text.filter { $0 != " " && $0 != "\n" }.map { UInt8($0.hexDigitValue!) }
    precondition(digits.count % 2 == 0)
    self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  /// What a header writes into memory full of 0xA5, where a byte that nobody wrote shows.
  ///
  /// - Parameters:
  ///   - count: How many bytes the header has; there is room for more.
  ///   - body: Writes.
  /// - Throws: What `body` throws; ``WrittenTooFar`` when it wrote behind the end.
  init<E: Error>(written count: Int, _ body: (inout MutableRawSpan) throws(E) -> Void) throws {
    var memory = [UInt8](repeating: 0xA5, count: count + 4)
    try memory.withMutableRawSpan(body)
    guard memory[count...].allSatisfy({ $0 == 0xA5 }) else { throw WrittenTooFar() }
    self = Array(memory[..<count])
  }
}

/// A header wrote behind its end.
struct WrittenTooFar: Error {}

/// All that differ from bytes in one of the first bits.
///
/// - Parameters:
///   - bytes: The bytes.
///   - count: How many of them are corrupted.
/// - Returns: One array a bit.
func everyFlip(of bytes: [UInt8], first count: Int) -> [[UInt8]] {
  (0..<count * 8).map { bit in
    var flipped = bytes
    flipped[bit / 8] ^= 1 << (bit % 8)
    return flipped
  }
}
