import Glibc

/// Bytes without end that look alike nowhere near: what is sent, and compared with what arrives.
enum Pattern {
  /// A prime, so that no power of two repeats them.
  private static let period = 65_537

  /// Two periods, so that a run may begin anywhere in the first.
  private static let table: [UInt8] = {
    let one = (0..<period).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    return one + one
  }()

  /// Some bytes from a place on, at most a period.
  static func bytes(at place: Int, count: Int) -> ArraySlice<UInt8> {
    let start = place % period
    return table[start..<start + count]
  }

  /// Whether bytes are those from a place on.
  static func matches(_ data: RawSpan, at place: Int) -> Bool {
    // Used inside the closures only, where span and array hold the bytes.
    unsafe data.withUnsafeBytes { data in
      unsafe bytes(at: place, count: data.count).withUnsafeBytes { expected in
        guard let one = data.baseAddress, let other = expected.baseAddress else { return true }
        return unsafe memcmp(one, other, data.count) == 0
      }
    }
  }
}
