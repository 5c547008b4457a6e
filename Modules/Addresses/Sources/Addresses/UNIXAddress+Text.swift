extension UNIXAddress: TextualAddress {
  /// Reads the text form that `description` has.
  ///
  /// To make an address from a path as a user typed it, use `init(path:)`.
  ///
  /// - Parameter text: A path; `@` and an abstract name; or `*` for no name. A byte may stand as `\xNN`, a backslash as
  ///   `\\`; an escaped `@` or `*` at the beginning belongs to a path.
  /// - Throws: `AddressError` for a malformed escape, with its position in the text; for a name that is empty, too long or
  ///   has a zero byte in a path, with the position in the name.
  public init(_ text: String) throws(AddressError) {
    try self.init(utf8: text.utf8.span)
  }

  /// Reads the text form that `description` has from its UTF-8 bytes.
  ///
  /// - Parameter utf8: The text, as `init(_:)` wants it.
  /// - Throws: `AddressError`, as `init(_:)`.
  public init(utf8: Span<UInt8>) throws(AddressError) {
    if utf8.count == 1, utf8.has("*", at: 0) {
      self = .unnamed
    } else if utf8.has("@", at: 0) {
      try self.init(.abstract(try Self.unescape(utf8, from: 1)))
    } else {
      try self.init(.path(try Self.unescape(utf8, from: 0)))
    }
  }

  /// The name as ss(8) shows it: a path as it is, an abstract name after `@`, `*` for no name.
  ///
  /// Bytes other than visible ASCII and the space are written `\xNN`, a backslash `\\`; so is the first byte of a path
  /// where it would be taken for one of the other two kinds.
  public var description: String {
    switch name {
    case .unnamed: "*"
    case .abstract(let name): "@" + Self.escape(name[...])
    case .path(let path) where path.first == UInt8(ascii: "@") || path == [UInt8(ascii: "*")]:
      "\\x" + path[0].twoHexDigits + Self.escape(path.dropFirst())
    case .path(let path): Self.escape(path[...])
    }
  }

  private static func escape(_ bytes: ArraySlice<UInt8>) -> String {
    var text = ""
    for byte in bytes {
      if byte == UInt8(ascii: "\\") {
        text += "\\\\"
      } else if byte.isVisibleASCII || byte == UInt8(ascii: " ") {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "\\x" + byte.twoHexDigits
      }
    }
    return text
  }

  private static func unescape(_ text: Span<UInt8>, from start: Int) throws(AddressError) -> [UInt8] {
    var bytes: [UInt8] = []
    var position = start
    while let byte = text.byte(at: position) {
      position += 1
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      if text.has("\\", at: position) {
        bytes.append(byte)
        position += 1
        continue
      }
      guard text.has("x", at: position) else {
        throw AddressError(.unixName, expected: .escape, in: text, at: position)
      }
      var value: UInt8 = 0
      for place in (position + 1)...(position + 2) {
        guard let digit = text.byte(at: place)?.hexValue else {
          throw AddressError(.unixName, expected: .hexDigit, in: text, at: place)
        }
        value = value << 4 | digit
      }
      bytes.append(value)
      position += 3
    }
    return bytes
  }
}
