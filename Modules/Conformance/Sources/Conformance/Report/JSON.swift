/// A JSON value: what the tools print with `--json`, and what a worker answers.
///
/// Objects keep the order of their members, so that the same result gives the same bytes.
public indirect enum JSON: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number without a fraction.
  case int(Int)
  /// Another finite number.
  case double(Double)
  /// A string.
  case string(String)
  /// An array.
  case array([JSON])
  /// An object.
  case object([JSONMember])

  /// Makes an object of members, leaving out those whose value is `nil`.
  ///
  /// - Parameter members: Names with values, in the order in which they are to stand.
  public init(_ members: KeyValuePairs<String, JSON?>) {
    self = .object(members.compactMap { name, value in value.map { JSONMember(name: name, value: $0) } })
  }

  /// The value of an object's member; `nil` when this is no object or has no such member.
  ///
  /// - Parameter name: The member's name.
  public subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The text on one line, ASCII only: what is not printable ASCII is escaped, so that it can stand in any log.
  public var text: String {
    var text = ""
    write(into: &text)
    return text
  }

  private func write(into text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .int(let value): text += String(value)
    case .double(let value): text += value.isFinite ? "\(value)" : "null"
    case .string(let value): Self.write(value, into: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += ", " }
        value.write(into: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += ", " }
        Self.write(member.name, into: &text)
        text += ": "
        member.value.write(into: &text)
      }
      text += "}"
    }
  }

  private static func write(_ string: String, into text: inout String) {
    text += "\""
    for unit in string.utf16 {
      switch unit {
      case 0x22: text += "\\\""
      case 0x5C: text += "\\\\"
      case 0x0A: text += "\\n"
      case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    text += "\""
  }
}

/// One member of a JSON object.
public struct JSONMember: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Its value.
  public var value: JSON

  /// Makes a member.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - value: Its value.
  public init(name: String, value: JSON) {
    self.name = name
    self.value = value
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  /// Makes a string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Makes a number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// Makes a boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// The string, if this is one.
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  /// The whole number, if this is one.
  public var int: Int? { if case .int(let value) = self { value } else { nil } }
  /// The number, if this is one.
  public var double: Double? {
    switch self {
    case .double(let value): value
    case .int(let value): Double(value)
    default: nil
    }
  }
  /// The elements, if this is an array.
  public var array: [JSON]? { if case .array(let values) = self { values } else { nil } }
  /// The members, if this is an object.
  public var members: [JSONMember]? { if case .object(let members) = self { members } else { nil } }
}
