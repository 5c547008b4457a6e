import Glibc

extension ArraySlice<UInt8> {
  /// Whether both hold the same bytes.
  ///
  /// Megabytes are compared by the machine, in a debug build as well.
  ///
  /// - Parameter other: The other bytes.
  /// - Returns: True when they do.
  func isSame(as other: ArraySlice<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return unsafe withUnsafeBytes { (one) in
      // Both stay where they are for the length of this call.
      unsafe other.withUnsafeBytes { (another) in
        guard let a = one.baseAddress, let b = another.baseAddress else { return true }
        return unsafe a == b || memcmp(a, b, one.count) == 0
      }
    }
  }
}
