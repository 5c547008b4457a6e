/// Why a text is no JSON.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The offset of the offending byte.
  public let offset: Int
  /// What should have been there.
  public let expected: String

  /// One line that says where and what.
  public var description: String { "byte \(offset): expected \(expected)" }
}

extension JSON {
  /// Reads one JSON value, and nothing after it.
  ///
  /// - Parameter text: The text.
  /// - Throws: ``JSONError`` when it is no JSON, or nests deeper than 64 values.
  public init(parsing text: String) throws(JSONError) {
    var parser = Parser(bytes: Array(text.utf8))
    self = try parser.value(depth: 0)
    parser.skipSpace()
    if parser.offset < parser.bytes.count { throw parser.error("the end") }
  }

  private struct Parser {
    let bytes: [UInt8]
    var offset = 0

    func error(_ expected: String) -> JSONError { JSONError(offset: offset, expected: expected) }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func skipSpace() {
      while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { offset += 1 }
    }

    mutating func take(_ character: Character) -> Bool {
      guard let byte = next, byte == character.asciiValue else { return false }
      offset += 1
      return true
    }

    mutating func expect(_ word: String) throws(JSONError) {
      guard bytes[offset...].starts(with: word.utf8) else { throw error(word) }
      offset += word.utf8.count
    }

    mutating func value(depth: Int) throws(JSONError) -> JSON {
      guard depth < 64 else { throw error("less nesting") }
      skipSpace()
      switch next {
      case UInt8(ascii: "{"): return try object(depth: depth)
      case UInt8(ascii: "["): return try array(depth: depth)
      case UInt8(ascii: "\""): return .string(try string())
      case UInt8(ascii: "t"):
        try expect("true")
        return true
      case UInt8(ascii: "f"):
        try expect("false")
        return false
      case UInt8(ascii: "n"):
        try expect("null")
        return .null
      default: return try number()
      }
    }

    mutating func object(depth: Int) throws(JSONError) -> JSON {
      offset += 1
      var members: [JSONMember] = []
      skipSpace()
      if take("}") { return .object(members) }
      repeat {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw error("a member's name") }
        let name = try string()
        skipSpace()
        guard take(":") else { throw error("a colon") }
        members.append(JSONMember(name: name, value: try value(depth: depth + 1)))
        skipSpace()
      } while take(",")
      guard take("}") else { throw error("a comma or the end of the object") }
      return .object(members)
    }

    mutating func array(depth: Int) throws(JSONError) -> JSON {
      offset += 1
      var values: [JSON] = []
      skipSpace()
      if take("]") { return .array(values) }
      repeat {
        values.append(try value(depth: depth + 1))
        skipSpace()
      } while take(",")
      guard take("]") else { throw error("a comma or the end of the array") }
      return .array(values)
    }

    mutating func number() throws(JSONError) -> JSON {
      let start = offset
      while let byte = next, (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte) {
        offset += 1
      }
      let digits = String(decoding: bytes[start..<offset], as: UTF8.self)
      if let whole = Int(digits) { return .int(whole) }
      if let number = Double(digits) { return .double(number) }
      offset = start
      throw error("a value")
    }

    mutating func string() throws(JSONError) -> String {
      offset += 1
      var units: [UInt16] = []
      var plain: [UInt8] = []
      func flushed(_ units: [UInt16], _ plain: [UInt8]) -> [UInt16] {
        plain.isEmpty ? units : units + Array(String(decoding: plain, as: UTF8.self).utf16)
      }
      while let byte = next {
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return String(decoding: flushed(units, plain), as: UTF16.self)
        case UInt8(ascii: "\\"):
          units = flushed(units, plain)
          plain = []
          units.append(try escape())
        case 0..<0x20: throw error("no control character in a string")
        default: plain.append(byte)
        }
      }
      throw error("the end of the string")
    }

    mutating func escape() throws(JSONError) -> UInt16 {
      guard let byte = next else { throw error("an escape") }
      offset += 1
      switch Character(Unicode.Scalar(byte)) {
      case "\"", "\\", "/": return UInt16(byte)
      case "b": return 8
      case "f": return 12
      case "n": return 10
      case "r": return 13
      case "t": return 9
      case "u":
        guard offset + 4 <= bytes.count,
          let unit = UInt16(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        else { throw error("four hexadecimal digits") }
        offset += 4
        return unit
      default: throw error("an escape")
      }
    }
  }
}
