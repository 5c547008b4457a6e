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
