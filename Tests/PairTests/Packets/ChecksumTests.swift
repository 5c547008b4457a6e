import Pair
import Testing

/// The checksum's definition, word by word.
private func plain(_ bytes: [UInt8]) -> UInt16 {
  var sum: UInt32 = 0
  for index in stride(from: 0, to: bytes.count, by: 2) {
    sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
    sum = (sum & 0xFFFF) + sum >> 16
  }
  return ~UInt16(sum)
}

@Suite struct ChecksumTests {
  @Test(arguments: 0...130) func `a checksum is the sum of its words, whatever their number`(count: Int) {
    for first in [0, 1, 0xFF] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: first == 0xFF ? first : first + $0 * 37) }
      #expect(Checksum.of(bytes.span.bytes) == plain(bytes))
    }
  }

  @Test func `a checksum of more bytes than are summed up in one go is right`() {
    for count in [(32 << 15) - 1, 32 << 15, (32 << 15) + 33] {
      let bytes = [UInt8](repeating: 0xFE, count: count)
      #expect(Checksum.of(bytes.span.bytes) == plain(bytes))
    }
  }
}
