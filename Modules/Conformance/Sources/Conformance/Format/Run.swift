import Glibc

/// Bytes that repeat a few bytes up to a length: `{repeat: [!!binary "bGFsYQ==", 1048576]}`.
struct Run {
  /// Bytes of this length or more are written as a run, if they are one.
  static let threshold = 256
  /// The longest unit.
  static let longestUnit = 64

  /// What is repeated; not empty.
  let unit: [UInt8]
  /// How long the bytes are; the last unit may be cut.
  let length: Int

  /// Reads the two elements of a run, nil for a list that is none.
  init?(_ list: [TraceValue]) {
    guard list.count == 2, case .bytes(let unit) = list[0], (1...Self.longestUnit).contains(unit.count),
      case .int(let length) = list[1], length >= 1
    else { return nil }
    self.unit = unit
    self.length = length
  }

  /// The shortest unit of bytes that are written as a run, nil for others: it has to stand there four times at least.
  init?(of bytes: [UInt8]) {
    guard bytes.count >= Self.threshold else { return nil }
    let longest = min(Self.longestUnit, bytes.count / 4)
    // Bytes repeat after a period when they are equal with themselves moved by it.
    let found = unsafe bytes.withUnsafeBytes { bytes -> Int? in
      guard let base = bytes.baseAddress else { return nil }
      return (1...longest).first { unsafe memcmp(base, base + $0, bytes.count - $0) == 0 }
    }
    guard let period = found else { return nil }
    unit = Array(bytes.prefix(period))
    length = bytes.count
  }

  /// The bytes in full.
  var bytes: [UInt8] {
    if unit.count == 1 { return [UInt8](repeating: unit[0], count: length) }
    var bytes = Array(unit.prefix(length))
    bytes.reserveCapacity(length)
    // Twice as many each time, which ends with a whole number of units until the last cut.
    while bytes.count < length { bytes += bytes.prefix(length - bytes.count) }
    return bytes
  }
}
