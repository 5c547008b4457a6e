/// A value of a trace: what YAML's safe subset can say.
///
/// Equality is strict in types (`false` is not 0, 1 is not 1.0), with two exceptions: a plain word equals the quoted
/// string of the same characters, and a mapping's order does not matter.
public enum TraceValue: Sendable {
  /// Nothing.
  case null
  /// True or false.
  case bool(Bool)
  /// A whole number within 64 bits.
  case int(Int)
  /// A double, infinities and not-a-number included.
  case double(Double)
  /// A string. The writer quotes it or not by where it stands.
  case string(String)
  /// A string that stood plain, without quotes, in the file.
  case word(String)
  /// Bytes; a run of one byte is given expanded.
  case bytes([UInt8])
  /// A list.
  case list([TraceValue])
  /// A mapping, in the order of the file.
  case mapping(TraceMapping)
}

extension TraceValue {
  /// The characters of a string or word, nil for other values.
  public var text: String? {
    switch self {
    case .string(let text), .word(let text): text
    case .null, .bool, .int, .double, .bytes, .list, .mapping: nil
    }
  }

  /// The whole number, nil for other values.
  public var int: Int? {
    if case .int(let value) = self { value } else { nil }
  }

  /// The number as a double, whole or not, nil for other values.
  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    case .null, .bool, .string, .word, .bytes, .list, .mapping: nil
    }
  }

  /// The boolean, nil for other values.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The bytes, nil for other values.
  public var bytes: [UInt8]? {
    if case .bytes(let value) = self { value } else { nil }
  }

  /// The list, nil for other values.
  public var list: [TraceValue]? {
    if case .list(let value) = self { value } else { nil }
  }

  /// The mapping, nil for other values.
  public var mapping: TraceMapping? {
    if case .mapping(let value) = self { value } else { nil }
  }

  /// The value of a mapping's key, nil for other values and other keys.
  ///
  /// - Parameter key: The key.
  public subscript(key: String) -> TraceValue? { mapping?[key] }

  /// The form of a mapping that stands for something: `ref`, `new`, `error`; nil for other values.
  public var form: String? { mapping.flatMap(Vocabulary.form(of:)) }
}

extension TraceValue: Hashable {
  /// Whether two values are the same, as the type's description says.
  public static func == (a: TraceValue, b: TraceValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.double(let a), .double(let b)): a == b || (a.isNaN && b.isNaN)
    case (.bytes(let a), .bytes(let b)): a[...].isSame(as: b[...])
    case (.list(let a), .list(let b)): a == b
    case (.mapping(let a), .mapping(let b)): a == b
    case (.string(let a), .string(let b)), (.string(let a), .word(let b)), (.word(let a), .string(let b)),
      (.word(let a), .word(let b)):
      a.isSame(as: b)
    case (.null, _), (.bool, _), (.int, _), (.double, _), (.string, _), (.word, _), (.bytes, _), (.list, _),
      (.mapping, _):
      false
    }
  }

  /// Hashes so that equal values have equal hashes.
  ///
  /// - Parameter hasher: The hasher to feed.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: hasher.combine(0)
    case .bool(let value): hasher.combine(value)
    case .int(let value): hasher.combine(value)
    case .double(let value): hasher.combine(value.isNaN ? .infinity : value)
    case .string(let text), .word(let text): hasher.combine(text)
    case .bytes(let value): hasher.combine(value)
    case .list(let value): hasher.combine(value)
    case .mapping(let value): hasher.combine(value)
    }
  }
}

extension TraceValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A double.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral elements: TraceValue...) { self = .list(elements) }
  /// A mapping; of two equal keys the later wins.
  public init(dictionaryLiteral elements: (String, TraceValue)...) { self = .mapping(TraceMapping(elements)) }
}
