import CYAML

/// What is YAML but not the canonical form: hand-edited lines and headers, through libyaml's events.
///
/// libyaml constructs nothing: its events are taken one by one, and whatever is outside the format's subset is refused
/// by name. The caller has checked the characters, the length and the depth of brackets before.
struct YAMLDocument {
  private let parser: YAMLEvents
  private let line: Int
  private let lines: Int
  private var budget: TraceBudget
  private var path: [String] = []
  private var depth = 0

  /// The only document of a text, and what is left of the budget.
  ///
  /// - Parameters:
  ///   - text: Printable ASCII and line feeds.
  ///   - line: The line of the file that the text starts on.
  ///   - budget: What is left of the trace's limits.
  /// - Returns: The value, and what is left of the limits after it.
  /// - Throws: `TraceError` for what is no YAML or outside the format's subset of it.
  static func read(
    _ text: [UInt8], line: Int, budget: TraceBudget
  ) throws(TraceError) -> (value: TraceValue, budget: TraceBudget) {
    let lines = (text.last == UInt8(ascii: "\n") ? text.dropLast() : text[...]).count { $0 == UInt8(ascii: "\n") } + 1
    var document = YAMLDocument(parser: YAMLEvents(text), line: line, lines: lines, budget: budget)
    let value = try document.read()
    return (value, document.budget)
  }

  /// The only document of a list beside traces, such as `kept.yaml`.
  ///
  /// - Parameter path: The file's path.
  /// - Returns: The value.
  /// - Throws: `TraceError` for a file that cannot be read, is too long or is outside the format's subset of YAML.
  static func list(path: String) throws(TraceError) -> TraceValue {
    var source = try TraceSource(path: path)
    var text: [UInt8] = []
    let limits = TraceLimits()
    while case let line = try source.line(limit: limits.line), !line.isEmpty {
      // A remark may have an apostrophe, which is no quote there. What reads the document counts the depth itself, too.
      if line.first(where: { $0 != UInt8(ascii: " ") }) == UInt8(ascii: "#") {
        text.append(UInt8(ascii: "\n"))
        continue
      }
      text += line
      guard text.count <= limits.line else {
        throw TraceError(.headerTooLong, expected: "at most \(limits.line) bytes", found: "more", file: path)
      }
    }
    do {
      try LexicalChecks.characters(text.filter { $0 != UInt8(ascii: "\n") }, line: 1)
      try LexicalChecks.depth(text[...], limit: limits.depth, line: 1)
      return try read(text, line: 1, budget: TraceBudget(limits)).value
    } catch {
      throw error.at(file: path, line: 1)
    }
  }

  private init(parser: YAMLEvents, line: Int, lines: Int, budget: TraceBudget) {
    self.parser = parser
    self.line = line
    self.lines = lines
    self.budget = budget
  }

  private mutating func read() throws(TraceError) -> TraceValue {
    guard case .streamStart = try next().kind else { throw error(.syntax, "a stream", "something else", nil) }
    let start = try next()
    guard case .documentStart(let hasDirectives) = start.kind else {
      throw error(.syntax, "a document", "nothing", start)
    }
    guard !hasDirectives else { throw error(.directive, "no directives", "a directive", start) }
    let value = try value(try next())
    let end = try next()
    guard case .documentEnd = end.kind else { throw error(.syntax, "one value", "more", end) }
    let after = try next()
    guard case .streamEnd = after.kind else { throw error(.syntax, "one document", "another one", after) }
    return value
  }

  private func next() throws(TraceError) -> YAMLEvents.Event {
    do {
      return try parser.next()
    } catch {
      throw self.error(.syntax, "YAML", error.problem, line: error.line, column: error.column)
    }
  }

  private var field: String {
    path.reduce(into: "") { field, part in field += part.hasPrefix("[") || field.isEmpty ? part : "." + part }
  }

  private func error(
    _ code: TraceError.Code, _ expected: String, _ found: String, _ event: YAMLEvents.Event?
  ) -> TraceError {
    error(code, expected, found, line: event?.line ?? 0, column: event?.column ?? -1)
  }

  /// An error at a place that counts from 0.
  ///
  /// libyaml finds what is missing at the end on a line that is not there: such an error is the last line's.
  private func error(
    _ code: TraceError.Code, _ expected: String, _ found: String, line place: Int, column: Int
  ) -> TraceError {
    let isInside = place < lines
    return TraceError(
      code, expected: expected, found: found, field: field, line: line + (isInside ? place : lines - 1),
      column: isInside ? column + 1 : 0)
  }

  private mutating func value(_ event: YAMLEvents.Event) throws(TraceError) -> TraceValue {
    switch event.kind {
    case .alias(let name):
      throw error(.alias, "a value", "the alias *\(name)", event)
    case .scalar(let scalar):
      try refuse(anchor: scalar.anchor, tag: scalar.isBinary ? nil : scalar.tag, event)
      return try self.scalar(scalar, event)
    case .listStart(let anchor, let tag):
      try refuse(anchor: anchor, tag: tag, event)
      return .list(try list(event))
    case .mappingStart(let anchor, let tag):
      try refuse(anchor: anchor, tag: tag, event)
      return try mapping(event)
    case .streamStart, .streamEnd, .documentStart, .documentEnd, .listEnd, .mappingEnd:
      throw error(.syntax, "a value", "nothing", event)
    }
  }

  private func refuse(anchor: String?, tag: String?, _ event: YAMLEvents.Event) throws(TraceError) {
    if let anchor { throw error(.anchor, "a value", "the anchor &\(anchor)", event) }
    if let tag { throw error(.tag, "no tag but !!binary on a string", "the tag \(shown(tag))", event) }
  }

  private mutating func enter(_ event: YAMLEvents.Event) throws(TraceError) {
    depth += 1
    if depth > budget.limits.depth {
      throw error(.tooDeep, "at most \(budget.limits.depth) levels of brackets", "more", event)
    }
  }

  private mutating func list(_ start: YAMLEvents.Event) throws(TraceError) -> [TraceValue] {
    try enter(start)
    var values: [TraceValue] = []
    while true {
      let event = try next()
      if case .listEnd = event.kind { break }
      path.append("[\(values.count)]")
      values.append(try value(event))
      path.removeLast()
    }
    depth -= 1
    return values
  }

  private mutating func mapping(_ start: YAMLEvents.Event) throws(TraceError) -> TraceValue {
    try enter(start)
    var builder = MappingBuilder()
    while true {
      let event = try next()
      if case .mappingEnd = event.kind { break }
      let key = try key(event)
      path.append(key)
      guard !builder.contains(key) else {
        throw error(.duplicateKey, "each key once", "\(shown(key)) again", event)
      }
      _ = builder.add(key, try value(try next()))
      path.removeLast()
    }
    depth -= 1
    let mapping = builder.mapping
    guard mapping.count == 1, case .list(let run)? = mapping["repeat"] else { return .mapping(mapping) }
    guard let run = Run(run) else {
      throw error(.run, "1 to \(Run.longestUnit) bytes and the length they are repeated to", "something else", start)
    }
    guard budget.take(run.length) else { throw tooLarge(run.length, start) }
    return .bytes(run.bytes)
  }

  private func tooLarge(_ size: Int, _ event: YAMLEvents.Event) -> TraceError {
    let limits = budget.limits
    return size > limits.value
      ? error(.valueTooLong, "at most \(limits.value) bytes in one value", String(size), event)
      : error(.traceTooLarge, "at most \(limits.total) bytes of values in a trace", "more", event)
  }

  private func key(_ event: YAMLEvents.Event) throws(TraceError) -> String {
    if case .alias(let name) = event.kind { throw error(.alias, "a key", "the alias *\(name)", event) }
    guard case .scalar(let scalar) = event.kind else {
      throw error(.key, "a string as key", "a list or mapping", event)
    }
    if let anchor = scalar.anchor { throw error(.anchor, "a key", "the anchor &\(anchor)", event) }
    if let tag = scalar.tag { throw error(.tag, "a key without a tag", "the tag \(shown(tag))", event) }
    try checkOneLine(scalar, event)
    let key = String(decoding: scalar.bytes, as: UTF8.self)
    if scalar.style == .plain {
      if key == "<<" { throw error(.mergeKey, "a key", "the merge key <<", event) }
      guard CanonicalText.isWord(key) else {
        throw error(.key, "a plain word or a quoted string as key", shown(key), event)
      }
    }
    guard scalar.bytes.count <= budget.limits.key else {
      throw error(.keyTooLong, "a key of at most \(budget.limits.key) bytes", "more", event)
    }
    return key
  }

  private func checkOneLine(_ scalar: YAMLEvents.Scalar, _ event: YAMLEvents.Event) throws(TraceError) {
    if scalar.style == .block || event.line != event.endLine {
      throw error(.multiLine, "a value on one line", "one over several", event)
    }
  }

  private mutating func scalar(_ scalar: YAMLEvents.Scalar, _ event: YAMLEvents.Event) throws(TraceError) -> TraceValue
  {
    try checkOneLine(scalar, event)
    if scalar.isBinary {
      guard scalar.style == .doubleQuoted else { throw error(.base64, "bytes in double quotes", "others", event) }
      guard let data = Base64.decode(scalar.bytes) else {
        throw error(.base64, "canonical base64", shown(String(decoding: scalar.bytes, as: UTF8.self)), event)
      }
      guard budget.take(data.count) else { throw tooLarge(data.count, event) }
      return .bytes(data)
    }
    let text = String(decoding: scalar.bytes, as: UTF8.self)
    guard scalar.style == .plain else {
      guard budget.take(scalar.bytes.count) else { throw tooLarge(scalar.bytes.count, event) }
      return .string(text)
    }
    switch text {
    case "null": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default: break
    }
    switch PlainNumber.classify(scalar.bytes[...]) {
    case .integer:
      guard let value = PlainNumber.parse(scalar.bytes[...]) else {
        throw error(.number, "an integer of 64 bits", shown(text), event)
      }
      return value
    case .double, .special:
      guard let value = PlainNumber.parse(scalar.bytes[...]) else {
        throw error(.number, "a number within a double's range", shown(text), event)
      }
      return value
    case .none:
      guard CanonicalText.isWord(text) else {
        throw error(
          .plain, "a word, a number, null, true, false or a quoted string", "plain \(shown(text))", event)
      }
      return .word(text)
    }
  }
}
