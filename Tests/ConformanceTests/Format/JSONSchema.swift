import Conformance

/// As much of JSON Schema as the schema of the format uses, over a trace's values.
struct JSONSchema {
  private let root: JSON

  init(_ text: String) throws {
    root = try JSON(parsing: text)
  }

  func accepts(_ value: TraceValue) -> Bool { accepts(value, root) }

  private func accepts(_ value: TraceValue, _ schema: JSON) -> Bool {
    guard case .object(let keywords) = schema else { return true }
    return keywords.allSatisfy { keyword in
      switch keyword.name {
      case "$ref": definition(keyword.value).map { accepts(value, $0) } ?? false
      case "anyOf": items(keyword.value).contains { accepts(value, $0) }
      case "not": !accepts(value, keyword.value)
      case "type": types(keyword.value).contains { Self.has(value, type: $0) }
      case "const": Self.same(value, keyword.value)
      case "pattern": value.text.map { Self.matches($0, keyword.value) } ?? true
      case "minimum": Self.number(keyword.value).map { low in value.double.map { $0 >= low } ?? true } ?? false
      case "maximum": Self.number(keyword.value).map { high in value.double.map { $0 <= high } ?? true } ?? false
      case "minItems": Self.number(keyword.value).map { least in Double(value.list?.count ?? .max) >= least } ?? false
      case "maxItems": Self.number(keyword.value).map { most in Double(value.list?.count ?? 0) <= most } ?? false
      case "minProperties":
        Self.number(keyword.value).map { least in Double(members(value)?.count ?? .max) >= least } ?? false
      case "items": value.list?.allSatisfy { accepts($0, keyword.value) } ?? true
      case "required": has(value, required: items(keyword.value))
      case "properties", "patternProperties", "additionalProperties": true  // judged together below
      default: keyword.name.hasPrefix("$") || keyword.name == "title" || keyword.name == "description"
      }
    } && acceptsProperties(value, schema)
  }

  private func acceptsProperties(_ value: TraceValue, _ schema: JSON) -> Bool {
    guard let members = members(value) else { return true }
    return members.allSatisfy { member in
      if let property = schema["properties"]?[member.key] { return accepts(member.value, property) }
      if schema["patternProperties"]?["^x-"] != nil, member.key.utf8.starts(with: "x-".utf8) { return true }
      switch schema["additionalProperties"] {
      case .bool(let isAllowed): return isAllowed
      case nil: return true
      case let other?: return accepts(member.value, other)
      }
    }
  }

  /// A mapping's members; bytes are an object with the key `base64`.
  private func members(_ value: TraceValue) -> [TraceMapping.Entry]? {
    switch value {
    case .mapping(let mapping): mapping.entries
    case .bytes: TraceMapping([("base64", "AA==")]).entries
    case .null, .bool, .int, .double, .string, .word, .list: nil
    }
  }

  private func definition(_ reference: JSON) -> JSON? {
    guard case .string(let path) = reference else { return nil }
    return root["$defs"]?[String(path.dropFirst("#/$defs/".count))]
  }

  private func items(_ value: JSON) -> [JSON] {
    if case .array(let items) = value { items } else { [] }
  }

  private func types(_ value: JSON) -> [String] {
    (items(value) + [value]).compactMap { if case .string(let name) = $0 { name } else { nil } }
  }

  private func has(_ value: TraceValue, required keys: [JSON]) -> Bool {
    guard let members = members(value) else { return true }
    return keys.allSatisfy { key in
      if case .string(let name) = key { members.contains { $0.key == name } } else { false }
    }
  }

  private static func has(_ value: TraceValue, type: String) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .bool), ("integer", .int), ("number", .int), ("number", .double),
      ("string", .string), ("string", .word), ("array", .list), ("object", .mapping), ("object", .bytes):
      true
    default: false
    }
  }

  private static func same(_ value: TraceValue, _ wanted: JSON) -> Bool {
    switch wanted {
    case .int(let number): value == .int(number)
    case .string(let text): value == .string(text)
    case .null, .bool, .double, .array, .object: false
    }
  }

  private static func number(_ value: JSON) -> Double? {
    switch value {
    case .int(let number): Double(number)
    case .double(let number): number
    case .null, .bool, .string, .array, .object: nil
    }
  }

  private static func matches(_ text: String, _ pattern: JSON) -> Bool {
    guard case .string(let source) = pattern, let regex = try? Regex(source) else { return false }
    return text.contains(regex)
  }
}
