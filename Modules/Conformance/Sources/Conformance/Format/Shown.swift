/// A value from a trace as it may stand in an error message: one line, ASCII, short.
func shown(_ value: TraceValue?, limit: Int = 40) -> String {
  switch value {
  case nil: "none"
  case .null: "null"
  case .bool(let value): value ? "true" : "false"
  case .int(let value): String(value)
  case .double(let value): CanonicalText.number(value)
  case .string(let text), .word(let text): shown(text, limit: limit)
  case .bytes(let bytes): "bytes " + shown(String(decoding: bytes.prefix(limit), as: UTF8.self), limit: limit)
  case .list: "a list"
  case .mapping: "a mapping"
  }
}

/// Text from a trace, quoted and escaped.
func shown(_ text: String, limit: Int = 40) -> String {
  let quoted = CanonicalText.quoted(String(text.unicodeScalars.prefix(limit)))
  return quoted.utf8.count <= limit ? quoted : String(quoted.prefix(limit - 3)) + "..."
}
