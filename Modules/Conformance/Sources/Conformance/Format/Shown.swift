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

/// Text in printable ASCII, without quotes: a key of a trace can have anything in it.
func printable(_ text: String) -> String {
  text.utf8.allSatisfy { (0x20...0x7E).contains($0) } ? text : String(CanonicalText.quoted(text).dropFirst().dropLast())
}

/// The first keys of an event that is of no known kind.
func shownKeys(_ event: TraceEvent) -> String {
  let entries = event.fields.entries
  let keys = entries.prefix(8).map { CanonicalText.isWord($0.key) ? $0.key : shown($0.key) }
  return "the keys " + keys.joined(separator: ", ") + (entries.count > 8 ? ", ..." : "")
}
