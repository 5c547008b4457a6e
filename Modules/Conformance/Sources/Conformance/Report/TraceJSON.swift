extension TraceValue {
  /// The value as JSON; bytes become `{"bytes": "<hexadecimal>"}`, because JSON has none.
  public var json: JSON {
    switch self {
    case .null: .null
    case .bool(let value): .bool(value)
    case .int(let value): .int(value)
    case .double(let value): .double(value)
    case .string(let text), .word(let text): .string(text)
    case .bytes(let bytes): JSON(["bytes": .string(Self.hexadecimal(bytes))])
    case .list(let values): .array(values.map(\.json))
    case .mapping(let mapping): mapping.json
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension TraceMapping {
  /// The mapping as a JSON object, in its order.
  public var json: JSON { .object(entries.map { JSONMember(name: $0.key, value: $0.value.json) }) }
}
