// Events and values as people read them, in few characters, with nothing in them that a terminal would obey.

extension Recording {
  /// One event for a reader: its number, its depth, what it is and what came of it.
  ///
  /// - Parameter n: The event's number.
  /// - Returns: One line; empty where there is no such event.
  public func line(_ n: Int) -> String {
    guard let event = self[n] else { return "" }
    let number = String(n)
    let depth = min(depth(of: event), 8)
    return String(repeating: " ", count: max(0, 5 - number.count)) + number + " "
      + String(repeating: "  ", count: depth) + escaped(event.description)
  }

  /// How many crossings an event is inside of.
  ///
  /// - Parameter event: The event.
  /// - Returns: 0 at the top.
  public func depth(of event: Event) -> Int { around(event).reduce(0) { count, _ in count + 1 } }
}

extension Recording.Event: CustomStringConvertible {
  /// `transport-1.write(data="ab") gives …`, shortened.
  public var description: String {
    var words = [invocation]
    switch outcome {
    case .returned(.null): break
    case .returned(let value): words.append("gives \(brief(value))")
    case .raised(let error): words.append("raises \(brief(.mapping(error)))")
    case .opened: words.append("never ended")
    }
    return words.joined(separator: " ")
  }

  /// The event without its outcome: what is known of it when it begins.
  var invocation: String {
    let arguments = args.entries.map { "\($0.key)=\(brief($0.value))" }.joined(separator: ", ")
    var words = ["\(member)(\(arguments))"]
    if let of { words.append("of \(of)") }
    if let phase { words.append("[turn \(turn.map(String.init) ?? "?"), \(phase)]") }
    return words.joined(separator: " ")
  }
}

/// A value in few characters.
func brief(_ value: TraceValue, limit: Int = 72) -> String {
  let text: String
  switch value {
  case .mapping(let fields):
    for key in ["ref", "new", "deferred", "port", "host"] {
      if let name = fields[key] { return brief(name, limit: limit) }
    }
    let parts = fields.entries.filter { $0.key != "message" }.map { "\($0.key): \(brief($0.value, limit: 40))" }
    text = "{" + parts.joined(separator: ", ") + "}"
  case .list(let items):
    text = "[" + items.prefix(limit).map { brief($0, limit: 40) }.joined(separator: ", ") + "]"
  case .bytes(let bytes):
    let shown = bytes.prefix(32).map { (32..<127).contains($0) && $0 != 34 ? String(UnicodeScalar($0)) : hex($0) }
    text = "\"" + shown.joined() + "\"" + (bytes.count > 32 ? "… (\(bytes.count) bytes)" : "")
  case .string(let string):
    text = "\"\(string)\""
  case .word(let word):
    text = word
  case .null: text = "null"
  case .bool(let bool): text = bool ? "true" : "false"
  case .int(let int): text = String(int)
  case .double(let double): text = CanonicalText.number(double)
  }
  return text.count <= limit ? text : String(text.prefix(limit - 1)) + "…"
}

private func hex(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return "\\x" + (digits.count < 2 ? "0" : "") + digits
}

/// Text from a trace, with what a terminal would obey made visible.
func escaped(_ text: String) -> String {
  var shown = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
      shown += "\\u{" + String(scalar.value, radix: 16) + "}"
    default:
      shown.unicodeScalars.append(scalar)
    }
  }
  return shown
}
