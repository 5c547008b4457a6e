/// Scalars of the canonical form as text: words, doubles, quoted strings, previews of bytes.
enum CanonicalText {
  /// What YAML 1.1 loaders turn into a boolean or null, whatever the case.
  private static let reserved = Set(["true", "false", "null", "yes", "no", "on", "off"].map { folded($0.utf8) })

  /// How many characters of escaped data the comment behind a line shows at most.
  static let previewLength = 60

  /// Whether the text may stand plain.
  static func isWord(_ text: String) -> Bool {
    var first = true
    for byte in text.utf8 {
      guard first ? isWordStart(byte) : isWordByte(byte) else { return false }
      first = false
    }
    return !first && !isReserved(text.utf8)
  }

  static func isReserved(_ text: some Collection<UInt8>) -> Bool {
    (2...5).contains(text.count) && reserved.contains(folded(text))
  }

  /// A short text as one number, the same whatever the case of its letters; no other byte becomes a letter.
  private static func folded(_ text: some Collection<UInt8>) -> UInt64 {
    text.reduce(0) { $0 << 8 | UInt64($1 | 0x20) }
  }

  static func isWordStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    default: false
    }
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"): true
    default: isWordStart(byte)
    }
  }

  /// The double-quoted form.
  static func quoted(_ text: String) -> String {
    var out: [UInt8] = []
    appendQuoted(text, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  static func appendQuoted(_ text: String, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars { appendEscaped(scalar, to: &out) }
    out.append(UInt8(ascii: "\""))
  }

  /// One character as it stands between quotes.
  private static func appendEscaped(_ scalar: Unicode.Scalar, to out: inout [UInt8]) {
    let code = scalar.value
    switch code {
    case 0x22, 0x5C: out += [UInt8(ascii: "\\"), UInt8(truncatingIfNeeded: code)]
    case 0x0A: out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
    case 0x0D: out += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
    case 0x09: out += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
    case 0x20...0x7E: out.append(UInt8(truncatingIfNeeded: code))
    case ..<0x100: appendHex(code, "x", digits: 2, to: &out)
    case ..<0x10000: appendHex(code, "u", digits: 4, to: &out)
    default: appendHex(code, "U", digits: 8, to: &out)
    }
  }

  private static func appendHex(_ code: UInt32, _ letter: Unicode.Scalar, digits: Int, to out: inout [UInt8]) {
    out += [UInt8(ascii: "\\"), UInt8(ascii: letter)]
    for place in (0..<digits).reversed() {
      let digit = UInt8(truncatingIfNeeded: (code >> (4 * UInt32(place))) & 0xF)
      out.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
    }
  }

  /// A double in its shortest digits that read back as the same double, always with a point.
  static func number(_ value: Double) -> String {
    if value.isNaN { return ".nan" }
    if value.isInfinite { return value > 0 ? ".inf" : "-.inf" }
    let sign = value.sign == .minus ? "-" : ""
    if value == 0 { return sign + "0.0" }
    let (digits, point) = shortestDigits(value.magnitude)
    let count = digits.count
    // The decimal point stands behind `point` of the digits: exponents from -4 to 15 are written out.
    if point > 16 || point < -3 {
      let exponent = point - 1
      let magnitude = String(exponent.magnitude)
      let padded = magnitude.count < 2 ? "0" + magnitude : magnitude
      let fraction = count > 1 ? String(digits.dropFirst()) : "0"
      return "\(sign)\(digits.prefix(1)).\(fraction)e\(exponent < 0 ? "-" : "+")\(padded)"
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
    if point >= count { return sign + digits + String(repeating: "0", count: point - count) + ".0" }
    return sign + digits.prefix(point) + "." + digits.dropFirst(point)
  }

  /// The shortest decimal digits of a positive double, and how many of them stand before the decimal point.
  private static func shortestDigits(_ value: Double) -> (digits: String, point: Int) {
    var digits = ""
    var point: Int?
    var exponent = 0
    var negative = false
    var inExponent = false
    for byte in value.description.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if inExponent {
          exponent = exponent * 10 + Int(byte - UInt8(ascii: "0"))
        } else {
          digits.unicodeScalars.append(Unicode.Scalar(byte))
        }
      case UInt8(ascii: "."): point = digits.utf8.count
      case UInt8(ascii: "e"), UInt8(ascii: "E"): inExponent = true
      case UInt8(ascii: "-"): negative = true
      default: break
      }
    }
    var place = (point ?? digits.utf8.count) + (negative ? -exponent : exponent)
    let leading = digits.prefix { $0 == "0" }.count
    digits.removeFirst(leading)
    place -= leading
    while digits.last == "0" { digits.removeLast() }
    return (digits, place)
  }

  /// The comment that shows people what bytes hold: escaped text, cut at 60 characters, and the length.
  static func preview(_ data: [UInt8]) -> String {
    var out = Array("  # \"".utf8)
    let start = out.count
    var dots = ""
    for byte in data.prefix(previewLength + 1) {
      let end = out.count
      appendEscaped(Unicode.Scalar(byte), to: &out)
      if out.count - start > previewLength {
        out.removeSubrange(end...)
        dots = "..."
        break
      }
    }
    return "\(String(decoding: out, as: UTF8.self))\"\(dots) \(data.count) B"
  }
}
