extension Span<UInt8> {
  /// The byte at an offset, or nil where there is none.
  func byte(at offset: Int) -> UInt8? {
    (0..<count).contains(offset) ? self[offset] : nil
  }

  /// Whether this ASCII character is at an offset.
  func has(_ character: Unicode.Scalar, at offset: Int) -> Bool {
    byte(at: offset) == UInt8(ascii: character)
  }
}

extension UInt8 {
  /// The value of an ASCII decimal digit.
  var decimalValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    default: nil
    }
  }

  /// The value of an ASCII hexadecimal digit of either case.
  var hexValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Whether this is an ASCII character with a shape of its own: no space, no control character.
  var isVisibleASCII: Bool { (0x21...0x7E).contains(self) }

  /// Two lower-case hexadecimal digits.
  var twoHexDigits: String {
    (self < 0x10 ? "0" : "") + String(self, radix: 16)
  }
}

extension String {
  /// Makes a string of the bytes from an offset on, which the caller has found to be ASCII.
  init(ascii bytes: Span<UInt8>, from start: Int) {
    self.init()
    for offset in start..<bytes.count {
      unicodeScalars.append(Unicode.Scalar(bytes[offset]))
    }
  }
}
