import Glibc

extension String {
  /// Whether both are the same text to the byte.
  ///
  /// Swift's own equality goes by what people see: to it an accented letter and the letter with an accent behind it are one.
  ///
  /// - Parameter other: The other text.
  /// - Returns: True when they are.
  func isSame(as other: String) -> Bool { self == other && utf8.elementsEqual(other.utf8) }

  /// Whether this is a key that the format leaves to others: `x-` and whatever follows.
  var isExtensionKey: Bool { utf8.starts(with: "x-".utf8) }
}

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
