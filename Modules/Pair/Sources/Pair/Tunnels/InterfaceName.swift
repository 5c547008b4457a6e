/// The name of a network interface: bytes, because no encoding is laid down for it.
public struct InterfaceName: Hashable, Sendable {
  /// The bytes.
  public var bytes: [UInt8]

  /// Makes a name from bytes, as they are.
  ///
  /// - Parameter bytes: The bytes.
  public init(bytes: [UInt8]) { self.bytes = bytes }
}

extension InterfaceName: ExpressibleByStringLiteral {
  /// Makes a name from text, in UTF-8.
  ///
  /// - Parameter value: The text.
  public init(stringLiteral value: String) { bytes = Array(value.utf8) }

  /// Makes a name from text, in UTF-8.
  ///
  /// - Parameter text: The text.
  public init(_ text: String) { bytes = Array(text.utf8) }
}

extension InterfaceName: CustomStringConvertible {
  /// The name for people: printable ASCII as it is, every other byte as `\x` and two digits.
  public var description: String {
    var text = ""
    for byte in bytes {
      if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\\") {
        text.append(Character(Unicode.Scalar(byte)))
      } else {
        let digits = String(byte, radix: 16)
        text += "\\x" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return text
  }
}
