import Addresses
import Pair

/// Ends the process, which libFuzzer reports as a crash with its input, unless a condition holds.
@inline(__always)
func check(_ condition: Bool, _ rule: String, line: Int = #line) {
  if !condition { fatalError("\(rule) (line \(line))") }
}

/// Uses a value, so that computing it is not left out.
@inline(never)
@_optimize(none)
func use<Value>(_ value: Value) {}

/// Reads every byte of a span.
func read(_ bytes: RawSpan) {
  var sum: UInt8 = 0
  for offset in bytes.byteOffsets { sum &+= bytes.unsafeByte(offset) }
  use(sum)
}

extension RawSpan {
  /// A byte inside the span; one outside ends the process.
  func unsafeByte(_ offset: Int) -> UInt8 { unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

  /// A copy.
  var copy: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}

/// What a header writes into memory full of 0xA5; it may not write behind its own size.
func written(
  _ count: Int, _ write: (inout MutableRawSpan) throws(PacketError) -> Void
) throws(PacketError) -> [UInt8] {
  var memory = [UInt8](repeating: 0xA5, count: count + 8)
  do {
    var elements = memory.mutableSpan
    var bytes = unsafe elements.mutableBytes
    try write(&bytes)
  }
  check(memory[count...].allSatisfy { $0 == 0xA5 }, "a header writes behind its size")
  return Array(memory[..<count])
}

/// Expects that a header that was read writes the bytes that it was read from.
///
/// - Parameters:
///   - bytes: What it was read from; more may follow.
///   - count: The header's size, in bytes.
///   - write: Writes the header.
func expectRoundTrip(
  _ bytes: RawSpan, _ count: Int, _ write: (inout MutableRawSpan) throws(PacketError) -> Void
) {
  do throws(PacketError) {
    let again = try written(count, write)
    check(count <= bytes.byteCount, "a header is longer than what it was read from")
    for index in again.indices { check(again[index] == bytes.unsafeByte(index), "a header changes when written again") }
  } catch {
    fatalError("a header that was read cannot be written: \(error)")
  }
}

/// Expects that a checksum's verdict agrees with a plain sum of 16-bit words.
func expectVerdict(_ isRight: Bool, _ parts: [UInt8]..., rule: String) {
  check(isRight == (plainChecksum(parts.flatMap { $0 }) == 0), rule)
}

/// The internet's checksum, word by word.
func plainChecksum(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for index in stride(from: 0, to: bytes.count, by: 2) {
    sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
    sum = (sum & 0xFFFF) + sum >> 16
  }
  return ~UInt16(truncatingIfNeeded: sum)
}
