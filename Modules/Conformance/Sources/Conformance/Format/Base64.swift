/// Canonical base64 (RFC 4648 §4): padded, no line breaks, no dirty tail bits.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static let values: [UInt8] = {
    var table = [UInt8](repeating: 0xFF, count: 256)
    for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
    return table
  }()

  /// Appends the text of some bytes.
  static func append(_ data: [UInt8], to out: inout [UInt8]) {
    out.reserveCapacity(out.count + (data.count + 2) / 3 * 4)
    var index = 0
    while index < data.count {
      let left = data.count - index
      let a = UInt32(data[index])
      let b = left > 1 ? UInt32(data[index + 1]) : 0
      let c = left > 2 ? UInt32(data[index + 2]) : 0
      let word = a << 16 | b << 8 | c
      out.append(alphabet[Int(word >> 18)])
      out.append(alphabet[Int(word >> 12 & 63)])
      out.append(left > 1 ? alphabet[Int(word >> 6 & 63)] : UInt8(ascii: "="))
      out.append(left > 2 ? alphabet[Int(word & 63)] : UInt8(ascii: "="))
      index += 3
    }
  }

  /// The bytes of a text, nil where it is not the canonical text of any.
  static func decode(_ text: some RandomAccessCollection<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 4) else { return nil }
    let values = values
    var out: [UInt8] = []
    out.reserveCapacity(text.count / 4 * 3)
    var word: UInt32 = 0
    var count = 0
    var padding = 0
    for character in text {
      if character == UInt8(ascii: "=") {
        padding += 1
        word <<= 6
      } else {
        let value = values[Int(character)]
        guard padding == 0, value != 0xFF else { return nil }
        word = word << 6 | UInt32(value)
      }
      count += 1
      guard count.isMultiple(of: 4) else { continue }
      guard padding <= 2 else { return nil }
      let kept = 3 - padding
      guard padding == 0 || word & (padding == 1 ? 0xFF : 0xFFFF) == 0 else { return nil }
      for place in 0..<kept { out.append(UInt8(truncatingIfNeeded: word >> (16 - 8 * UInt32(place)))) }
      // Padding stands at the very end: a later character finds `padding` above 0 and is refused.
      word = 0
    }
    return out
  }
}
