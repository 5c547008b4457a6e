/// Events and values in few characters, for people.
enum EventText {
  /// `transport-1.write(data="ab") gives ...`, without its number.
  static func line(_ event: TraceEvent) -> String {
    var words: [String] = []
    switch event.kind {
    case .call, .back, .get, .set, .io, .peer, .fault:
      let arrow = event.kind == .call ? "" : event.kind == .back ? "" : "\(event.kind) "
      words.append("\(arrow)\(event.name ?? "")" + arguments(event))
    default:
      words.append(event.fields.entries.map { "\($0.key) \(brief($0.value))" }.joined(separator: " "))
      return words[0]
    }
    if let of = event.of { words.append("of \(of)") }
    if let times = event.times { words.append("× \(times)") }
    if let to = event["to"] { words.append("to \(brief(to))") }
    if let given = event.gives { words.append("gives \(brief(given))") }
    if let raised = event.raises { words.append("raises \(brief(.mapping(raised)))") }
    return words.joined(separator: " ")
  }

  private static func arguments(_ event: TraceEvent) -> String {
    guard event.kind == .call || event.kind == .back || !event.args.isEmpty else { return "" }
    return "(" + event.args.entries.map { "\($0.key)=\(brief($0.value))" }.joined(separator: ", ") + ")"
  }

  /// A value in few characters.
  static func brief(_ value: TraceValue, limit: Int = 60) -> String {
    let text: String
    switch value {
    case .null: text = "null"
    case .bool(let value): text = value ? "true" : "false"
    case .int(let value): text = String(value)
    case .double(let value): text = CanonicalText.number(value)
    case .string(let string), .word(let string): text = "\"\(string)\""
    case .bytes(let bytes):
      let start = Terminal.escaped(bytes.prefix(32))
      text = bytes.count <= 32 ? "b\"\(start)\"" : "b\"\(start)\"... (\(bytes.count) bytes)"
    case .list(let values): text = "[" + values.map { brief($0, limit: 30) }.joined(separator: ", ") + "]"
    case .mapping(let mapping): text = brief(mapping)
    }
    return text.count <= limit ? text : text.prefix(limit - 3) + "..."
  }

  private static func brief(_ mapping: TraceMapping) -> String {
    for key in ["ref", "new", "port", "host", "scope"] {
      if let name = mapping[key]?.text { return name }
    }
    if let name = mapping["deferred"]?.text {
      let fired = mapping["fired"].map { " fired \(brief($0, limit: 30))" } ?? ""
      let failed = mapping["failed"].map { " failed \(brief($0, limit: 30))" } ?? ""
      return name + fired + failed
    }
    if let name = mapping["error"]?.text {
      return name + ["class", "errno"].compactMap { mapping[$0]?.text }.map { " \($0)" }.joined()
    }
    for key in ["ipv4", "ipv6"] {
      guard let parts = mapping[key]?.list, parts.count >= 2 else { continue }
      func plain(_ value: TraceValue) -> String { value.text ?? brief(value, limit: 30) }
      return key == "ipv4" ? "\(plain(parts[0])):\(plain(parts[1]))" : "[\(plain(parts[0]))]:\(plain(parts[1]))"
    }
    return "{"
      + mapping.entries.filter { $0.key != "message" }.map { "\($0.key): \(brief($0.value, limit: 30))" }
      .joined(separator: ", ") + "}"
  }
}
