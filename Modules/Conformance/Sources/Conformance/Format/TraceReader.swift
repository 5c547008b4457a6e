/// Reads a trace, streaming: a line at a time, each through the strict scanner or, failing that, through libyaml.
///
/// The header is read when the reader is made. Then `next` gives each event in the order of the file, the `eof` event
/// last. A file that ends before its `eof` throws `truncated` once every event before the cut was given. Memory is bounded
/// by the limits, whatever the file holds.
public struct TraceReader: ~Copyable {
  /// The header.
  public private(set) var header = TraceHeader([:])
  /// The line of the event that `next` gave last, from 1.
  public private(set) var line = 0
  /// The bytes of that line, newline included.
  private(set) var text: [UInt8] = []
  /// The bytes of the header.
  private(set) var headerText: [UInt8] = []
  /// The file's name, for errors.
  public let file: String

  private var source: TraceSource
  private let limits: TraceLimits
  private var budget: TraceBudget
  private var ahead: [UInt8]?
  private var events = 0
  private var size = 0
  private var isFinished = false

  /// Opens a file and reads its header.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - limits: How much to take in at most.
  /// - Throws: `TraceError`: `unreadable` where the file cannot be opened, `not-a-trace` for other files, `version` for one
  ///   that is too new.
  public init(path: String, limits: TraceLimits = TraceLimits()) throws(TraceError) {
    try self.init(TraceSource(path: path), file: path, limits: limits)
  }

  /// Reads from memory.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What errors call it.
  ///   - limits: How much to take in at most.
  /// - Throws: `TraceError`: `not-a-trace` for other files, `version` for one that is too new.
  public init(bytes: [UInt8], name: String = "", limits: TraceLimits = TraceLimits()) throws(TraceError) {
    try self.init(TraceSource(bytes: bytes), file: name, limits: limits)
  }

  private init(_ source: consuming TraceSource, file: String, limits: TraceLimits) throws(TraceError) {
    self.source = source
    self.file = file
    self.limits = limits
    budget = TraceBudget(limits)
    do {
      try readHeader()
    } catch {
      throw error.at(file: file, line: max(line, 1))
    }
  }

  /// The next event, nil after the `eof` event.
  ///
  /// - Returns: The event; its line is in `line`.
  /// - Throws: `TraceError`: where the file breaks the format, or ends before its `eof`. Nothing can be read after.
  public mutating func next() throws(TraceError) -> TraceEvent? {
    guard !isFinished else { return nil }
    do {
      return try nextEvent()
    } catch {
      isFinished = true
      throw error.at(file: file, line: line)
    }
  }

  private mutating func nextLine() throws(TraceError) -> [UInt8] {
    if let next = ahead {
      ahead = nil
      return next
    }
    let next = try source.line(limit: limits.line)
    line += 1
    size += next.count
    if size > limits.file {
      throw TraceError(
        .traceTooLarge, expected: "a file of at most \(limits.file) bytes", found: "a larger one", line: line)
    }
    if next.count - (next.last == UInt8(ascii: "\n") ? 1 : 0) > limits.line {
      throw TraceError(
        .lineTooLong, expected: "a line of at most \(limits.line) bytes", found: "a longer one", line: line)
    }
    return next
  }

  private mutating func nextEvent() throws(TraceError) -> TraceEvent? {
    while true {
      let next = try nextLine()
      guard !next.isEmpty else { throw Self.truncated(line) }
      let isWhole = next.last == UInt8(ascii: "\n")
      guard !LexicalChecks.isBlank(isWhole ? next.dropLast() : next[...]) else { continue }
      let event = try event(next, isWhole: isWhole)
      text = next
      if event["eof"] != nil {
        isFinished = true
        try expectNothingMore()
        return event
      }
      guard isWhole else { throw Self.truncated(line) }
      events += 1
      guard events <= limits.events else {
        throw TraceError(.tooManyEvents, expected: "at most \(limits.events) events", found: "more")
      }
      return event
    }
  }

  private static func truncated(_ line: Int) -> TraceError {
    TraceError(.truncated, expected: "an eof event", found: "the end of the file", field: "eof", line: line)
  }

  /// Whether only blank lines and comments follow the `eof` event.
  private mutating func expectNothingMore() throws(TraceError) {
    let place = line
    while true {
      let next = try nextLine()
      guard !next.isEmpty else { break }
      let body = next.last == UInt8(ascii: "\n") ? Array(next.dropLast()) : next
      guard LexicalChecks.isBlank(body) else {
        throw TraceError(.afterEOF, expected: "nothing after the eof event", found: "more", line: line)
      }
    }
    line = place
  }

  private static let start = Array("--- ".utf8)

  private mutating func event(_ text: [UInt8], isWhole: Bool) throws(TraceError) -> TraceEvent {
    let end = text.count - (isWhole ? 1 : 0)
    if text.starts(with: Self.start) {
      // What is canonical has no character that is refused.
      var scanner = LineScanner(text, from: Self.start.count, to: end, budget: budget)
      if let scanned = scanner.scan() {
        budget = scanned.budget
        return try event(scanned.value)
      }
    }
    let body = Array(text[..<end])
    try LexicalChecks.characters(body, line: line)
    guard body.starts(with: Self.start) else {
      if !isWhole, Self.start.starts(with: body) { throw Self.truncated(line) }
      throw TraceError(
        body.first == UInt8(ascii: "%") ? .directive : .syntax, expected: "an event that starts with '--- {'",
        found: shown(String(decoding: body, as: UTF8.self)), line: line, column: 1)
    }
    let value: TraceValue
    do {
      try LexicalChecks.depth(body[...], limit: limits.depth, line: line)
      (value, budget) = try YAMLDocument.read(body, line: line, budget: budget)
    } catch {
      throw isWhole ? error : Self.truncated(line)
    }
    return try event(value)
  }

  private func event(_ value: TraceValue) throws(TraceError) -> TraceEvent {
    guard case .mapping(let mapping) = value else {
      throw TraceError(.type, expected: "an event, a mapping", found: shown(value), line: line)
    }
    return TraceEvent(mapping)
  }
}

// MARK: - The header

extension TraceReader {
  private mutating func readHeader() throws(TraceError) {
    try readHeaderText()
    let mapping: TraceMapping
    if let canonical = canonicalHeader() {
      mapping = canonical
    } else {
      budget = TraceBudget(limits)
      for (index, text) in headerText.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .enumerated()
      {
        try LexicalChecks.depth(text, limit: limits.depth, line: index + 1)
      }
      let value: TraceValue
      (value, budget) = try YAMLDocument.read(headerText, line: 1, budget: budget)
      guard case .mapping(let fields) = value else {
        throw TraceError(.type, expected: "a header of keys and values", found: shown(value), line: 1)
      }
      mapping = fields
    }
    try check(mapping)
    header = TraceHeader(mapping)
  }

  private mutating func readHeaderText() throws(TraceError) {
    let limit = limits.header
    var next = try source.line(limit: limit)
    line = 1
    size = next.count
    if let found = LexicalChecks.otherFile(next) { throw Self.notATrace(found, 1) }
    var isRecognised = false
    while !LexicalChecks.isMarker(next) {
      let isWhole = next.last == UInt8(ascii: "\n")
      if next.isEmpty || (!isWhole && next.count <= limit) {
        if isRecognised || next.starts(with: "format:".utf8) { throw Self.truncated(line) }
        throw Self.notATrace("something else", 1)
      }
      let body = isWhole ? next.dropLast() : next[...]
      if !isRecognised, !LexicalChecks.isBlank(body) {
        guard body.starts(with: "format:".utf8) else { throw Self.notATrace("something else", line) }
        isRecognised = true
      }
      guard headerText.count + next.count <= limit else {
        throw TraceError(.headerTooLong, expected: "a header of at most \(limit) bytes", found: "more", line: line)
      }
      try LexicalChecks.characters(body, line: line)
      if body.first == UInt8(ascii: "%") {
        throw TraceError(.directive, expected: "no directives", found: "a directive", line: line, column: 1)
      }
      headerText += next
      next = try nextLine()
    }
    guard isRecognised else { throw Self.notATrace("no header", 1) }
    ahead = next
  }

  private static func notATrace(_ found: String, _ line: Int) -> TraceError {
    TraceError(.notATrace, expected: "format: skein-trace", found: found, line: line)
  }

  /// The header where each line is a key and a canonical value, nil otherwise.
  private mutating func canonicalHeader() -> TraceMapping? {
    var builder = MappingBuilder()
    for text in headerText.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
      let key = text.prefix { CanonicalText.isWordByte($0) && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "-") }
      guard let first = key.first, CanonicalText.isWordStart(first),
        text.dropFirst(key.count).starts(with: ": ".utf8)
      else { return nil }
      var scanner = LineScanner(Array(text), from: key.count + 2, budget: budget)
      guard let scanned = scanner.scan(), builder.add(String(decoding: key, as: UTF8.self), scanned.value) else {
        return nil
      }
      budget = scanned.budget
    }
    return builder.mapping
  }

  /// The line on which a key of the header stands, 1 where it does not.
  func headerLine(_ key: String) -> Int {
    let wanted = Array((key + ":").utf8)
    let lines = headerText.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return (lines.firstIndex { $0.starts(with: wanted) } ?? 0) + 1
  }

  private func check(_ header: TraceMapping) throws(TraceError) {
    guard header["format"]?.text == "skein-trace" else {
      throw TraceError(
        .notATrace, expected: "skein-trace", found: shown(header["format"] ?? .null), field: "format",
        line: headerLine("format"))
    }
    guard let version = header["version"]?.int, version >= 1 else {
      throw TraceError(
        .version, expected: "the version of the format, an integer", found: shown(header["version"] ?? .null),
        field: "version", line: headerLine("version"))
    }
    guard version <= Vocabulary.version else {
      throw TraceError(
        .version, expected: "version \(Vocabulary.version): a newer tool is needed", found: String(version),
        field: "version", line: headerLine("version"))
    }
    let required: [TraceValue] =
      switch header["requires"] {
      case nil: []
      case .list(let features): features
      case let other?: [other]
      }
    for feature in required where feature.text.map(Vocabulary.features.contains) != true {
      throw TraceError(
        .requires, expected: "features that this tool knows: " + Vocabulary.features.sorted().joined(separator: ", "),
        found: shown(feature), field: "requires", line: headerLine("requires"))
    }
  }
}
