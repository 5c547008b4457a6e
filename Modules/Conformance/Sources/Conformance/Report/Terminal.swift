/// Text that may come from a stranger's trace, made safe for a terminal or a log.
public enum Terminal {
  /// The text with everything that could steer a terminal, a log or a CI system written as an escape.
  ///
  /// Control characters, invisible and direction-changing characters, and what is not ASCII become `\n`, `\x1b`, `\u202e`
  /// and the like, so that one line stays one line and shows what it holds.
  ///
  /// - Parameter text: Any text.
  /// - Returns: Printable ASCII on one line.
  public static func escaped(_ text: String) -> String {
    var safe = ""
    safe.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0A: safe += "\\n"
      case 0x0D: safe += "\\r"
      case 0x09: safe += "\\t"
      case 0x20..<0x7F: safe.unicodeScalars.append(scalar)
      case 0..<0x100: safe += "\\x" + hexadecimal(scalar.value, digits: 2)
      case 0..<0x10000: safe += "\\u" + hexadecimal(scalar.value, digits: 4)
      default: safe += "\\U" + hexadecimal(scalar.value, digits: 8)
      }
    }
    return safe
  }

  /// Bytes as text: what is not printable ASCII is escaped as in a string literal.
  static func escaped(_ bytes: some Sequence<UInt8>) -> String {
    escaped(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })))
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}

/// The colours of a report, or none.
public struct Palette: Sendable {
  /// Whether to colour at all.
  public var isOn: Bool

  /// Makes a palette.
  ///
  /// - Parameter isOn: Whether to colour at all.
  public init(isOn: Bool) { self.isOn = isOn }

  /// Good news.
  public func good(_ text: String) -> String { wrap(text, "32") }
  /// Bad news.
  public func bad(_ text: String) -> String { wrap(text, "31") }
  /// Neither.
  public func faint(_ text: String) -> String { wrap(text, "2") }
  /// What stands out.
  public func strong(_ text: String) -> String { wrap(text, "1") }
  /// A name of the format's vocabulary.
  public func name(_ text: String) -> String { wrap(text, "36") }

  private func wrap(_ text: String, _ code: String) -> String {
    isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
