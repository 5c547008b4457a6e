/// The canonical text of values, events and headers.
struct TraceEmitter {
  private var out: [UInt8] = []
  private var comment = ""
  private var path: [String] = []

  /// The canonical line of an event, without its newline, and with the preview of its bytes unless that is left out.
  ///
  /// - Throws: `type` for a string that would have to stand plain and is no word.
  static func line(_ event: TraceEvent, hasPreview: Bool = true) throws(TraceError) -> [UInt8] {
    var emitter = TraceEmitter()
    emitter.append("--- ")
    let order = argumentOrder(event)
    try emitter.fields(event.fields, Vocabulary.event) { (emitter, entry, type) throws(TraceError) in
      if type == .args, case .mapping(let arguments) = entry.value {
        try emitter.arguments(arguments, allowsKwargs: true, order: order)
      } else {
        try emitter.value(entry.value, type)
      }
    }
    if hasPreview { emitter.append(emitter.comment) }
    return emitter.out
  }

  /// The canonical header: a line a key, newlines included.
  ///
  /// - Throws: `type` for a string that would have to stand plain and is no word.
  static func header(_ header: TraceHeader) throws(TraceError) -> [UInt8] {
    var emitter = TraceEmitter()
    for entry in ordered(header.fields, Vocabulary.header.place(of:)) {
      emitter.key(entry.key)
      emitter.path.append(entry.key)
      try emitter.value(entry.value, Vocabulary.header[entry.key] ?? .unknown)
      emitter.path.removeLast()
      emitter.append("\n")
    }
    return emitter.out
  }

  /// The names of a member's arguments in the interface's order, empty where the vocabulary does not know the member.
  private static func argumentOrder(_ event: TraceEvent) -> [String] {
    guard let side = Vocabulary.Side(event.kindAndKey.kind), let target = event.target, let method = event.method else {
      return []
    }
    let kind = Vocabulary.kind(ofObject: target)
    return Vocabulary.member(of: kind, side: side, name: method)?.arguments ?? []
  }

  /// The known keys in the order of their places, then the others in their own.
  private static func ordered(
    _ mapping: TraceMapping, _ place: (String) -> Int?
  ) -> [TraceMapping.Entry] {
    let places = mapping.entries.map { place($0.key) ?? .max }
    if zip(places, places.dropFirst()).allSatisfy({ $0 <= $1 }) { return mapping.entries }
    return places.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { mapping.entries[$0] }
  }

  private mutating func append(_ text: String) {
    out.append(contentsOf: text.utf8)
  }

  private mutating func key(_ key: String) {
    if CanonicalText.isWord(key) { append(key) } else { CanonicalText.appendQuoted(key, to: &out) }
    append(": ")
  }

  private mutating func fields(
    _ mapping: TraceMapping, _ table: Vocabulary.Fields,
    _ emit: (inout TraceEmitter, TraceMapping.Entry, Vocabulary.ValueType) throws(TraceError) -> Void
  ) throws(TraceError) {
    try entries(Self.ordered(mapping, table.place(of:))) { (emitter, entry) throws(TraceError) in
      try emit(&emitter, entry, table[entry.key] ?? .unknown)
    }
  }

  private mutating func entries(
    _ entries: [TraceMapping.Entry], _ emit: (inout TraceEmitter, TraceMapping.Entry) throws(TraceError) -> Void
  ) throws(TraceError) {
    append("{")
    for (index, entry) in entries.enumerated() {
      if index > 0 { append(", ") }
      key(entry.key)
      path.append(entry.key)
      try emit(&self, entry)
      path.removeLast()
    }
    append("}")
  }

  private mutating func arguments(
    _ mapping: TraceMapping, allowsKwargs: Bool, order: [String]
  ) throws(TraceError) {
    try entries(Self.ordered(mapping, order.firstIndex(of:))) { (emitter, entry) throws(TraceError) in
      try emitter.value(entry.value, allowsKwargs && entry.key == "kwargs" ? .kwargs : .any)
    }
  }

  private mutating func value(_ value: TraceValue, _ type: Vocabulary.ValueType) throws(TraceError) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .int(let value): append(String(value))
    case .double(let value): append(CanonicalText.number(value))
    case .string(let text): try string(text, type)
    case .word(let text):
      if type == .unknown { append(text) } else { try string(text, type) }
    case .bytes(let bytes): binary(bytes)
    case .list(let values): try list(values, type)
    case .mapping(let mapping): try self.mapping(mapping, type)
    }
  }

  private mutating func string(_ text: String, _ type: Vocabulary.ValueType) throws(TraceError) {
    guard type.isPlain else { return CanonicalText.appendQuoted(text, to: &out) }
    guard CanonicalText.isWord(text) else {
      let field = path.reduce(into: "") { field, part in
        field += part.hasPrefix("[") || field.isEmpty ? part : "." + part
      }
      throw TraceError(.type, expected: "a plain word", found: shown(text), field: field)
    }
    append(text)
  }

  private mutating func binary(_ bytes: [UInt8]) {
    if comment.isEmpty { comment = CanonicalText.preview(bytes) }
    if let run = Run(of: bytes) {
      append("{repeat: [!!binary \"")
      Base64.append(run.unit, to: &out)
      append("\", \(run.length)]}")
    } else {
      append("!!binary \"")
      Base64.append(bytes, to: &out)
      append("\"")
    }
  }

  private mutating func list(_ values: [TraceValue], _ type: Vocabulary.ValueType) throws(TraceError) {
    let element: Vocabulary.ValueType
    switch type {
    case .list(let inner): element = inner.type
    case .unknown: element = .unknown
    case .integer, .number, .bool, .text, .word, .name, .member, .errno, .any, .args, .kwargs, .record: element = .any
    }
    append("[")
    for (index, value) in values.enumerated() {
      if index > 0 { append(", ") }
      path.append("[\(index)]")
      try self.value(value, element)
      path.removeLast()
    }
    append("]")
  }

  private mutating func mapping(_ mapping: TraceMapping, _ type: Vocabulary.ValueType) throws(TraceError) {
    let table: Vocabulary.Fields
    switch type {
    case .args: return try arguments(mapping, allowsKwargs: true, order: [])
    case .kwargs: return try arguments(mapping, allowsKwargs: false, order: [])
    case .record(let name): table = Vocabulary.records[name] ?? .none
    case .unknown: table = .none
    case .any, .integer, .number, .bool, .text, .word, .name, .member, .errno, .list:
      table = Vocabulary.form(of: mapping).flatMap(Vocabulary.fields(ofForm:)) ?? .none
    }
    try fields(mapping, table) { (emitter, entry, type) throws(TraceError) in try emitter.value(entry.value, type) }
  }
}

extension Vocabulary.Side {
  /// The side that a kind of event crosses, nil for kinds that name no member.
  init?(_ kind: TraceEvent.Kind) {
    switch kind {
    case .call: self = .call
    case .back: self = .back
    case .get: self = .get
    case .set: self = .set
    case .io: self = .io
    case .peer: self = .peer
    case .fault: self = .fault
    case .clock, .log, .note, .drop, .check, .lost, .end, .eof, .other: return nil
    }
  }
}
