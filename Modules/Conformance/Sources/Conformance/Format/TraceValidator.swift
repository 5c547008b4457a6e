/// Judges a whole trace: syntax through the reader, then every rule that needs more than one line to see.
///
/// Takes the header and the events of one trace in order, and throws at the first broken rule. Memory grows with the
/// number of objects that the trace introduces, not with its events.
public struct TraceValidator {
  /// Whether the trace has features that this vocabulary does not know: what is unknown may belong to them.
  private let isLenient: Bool
  private var nesting: Nesting
  private var introduced: Set<String> = []
  private var lost = 0
  /// Whether another spelling of the same data is refused.
  private let demandsCanonicalForm: Bool

  private init(_ header: TraceHeader, limits: TraceLimits, demandsCanonicalForm: Bool) {
    self.demandsCanonicalForm = demandsCanonicalForm
    isLenient = (header.fields["features"]?.list ?? []).contains { feature in
      feature.text.map(Vocabulary.features.contains) != true
    }
    nesting = Nesting(limit: limits.nesting)
  }

  /// Reads and judges the trace at a path.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - limits: How much to take in at most.
  ///   - demandsCanonicalForm: Whether another spelling of the same data is refused: a person who edits a trace may spell it
  ///     otherwise than a writer would.
  /// - Returns: How many events it has.
  /// - Throws: `TraceError` at the first broken rule.
  @discardableResult
  public static func validate(
    path: String, limits: TraceLimits = TraceLimits(), demandsCanonicalForm: Bool = true
  ) throws(TraceError) -> Int {
    try validate(TraceReader(path: path, limits: limits), limits, demandsCanonicalForm)
  }

  /// Judges a trace in memory.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - name: What errors call it.
  ///   - limits: How much to take in at most.
  ///   - demandsCanonicalForm: Whether another spelling of the same data is refused: a person who edits a trace may spell it
  ///     otherwise than a writer would.
  /// - Returns: How many events it has.
  /// - Throws: `TraceError` at the first broken rule.
  @discardableResult
  public static func validate(
    bytes: [UInt8], name: String = "", limits: TraceLimits = TraceLimits(), demandsCanonicalForm: Bool = true
  ) throws(TraceError) -> Int {
    try validate(TraceReader(bytes: bytes, name: name, limits: limits), limits, demandsCanonicalForm)
  }

  private static func validate(
    _ reader: consuming TraceReader, _ limits: TraceLimits, _ demandsCanonicalForm: Bool
  ) throws(TraceError) -> Int {
    var validator = TraceValidator(reader.header, limits: limits, demandsCanonicalForm: demandsCanonicalForm)
    do {
      try validator.header(reader.header, text: reader.headerText)
    } catch {
      let key = String(error.field.prefix { $0 != "." && $0 != "[" })
      throw error.at(file: reader.file, line: reader.headerLine(key))
    }
    while let event = try reader.next() {
      do {
        try validator.event(event, text: reader.text)
      } catch {
        throw error.at(file: reader.file, line: reader.line)
      }
    }
    return validator.nesting.count
  }

  private func header(_ header: TraceHeader, text: [UInt8]) throws(TraceError) {
    for entry in header.fields.entries {
      try checkKey(entry.key, Vocabulary.header, "")
      if let type = Vocabulary.header[entry.key] { try check(entry.value, type, entry.key) }
    }
    try checkRequired(header.fields, Vocabulary.header, "")
    for (index, value) in (header.fields["pcaps"]?.list ?? []).enumerated() {
      let name = value.text ?? ""
      if name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 }) || ["", ".", ".."].contains(name) {
        throw TraceError(
          .type, expected: "the plain name of a file", found: shown(name), field: "pcaps[\(index)]")
      }
    }
    try checkCanonical(text, try TraceEmitter.header(header))
  }

  private mutating func event(_ event: TraceEvent, text: [UInt8]) throws(TraceError) {
    let (kind, key) = event.kindAndKey
    if kind == .eof {
      try eof(event)
    } else {
      if kind == .other, !isLenient, !event.fields.entries.contains(where: { $0.key.isExtensionKey }) {
        throw TraceError(
          .unknownKind, expected: "an event of a known kind",
          found: shownKeys(event))
      }
      let step = try nesting.step(event, allowsUnknown: isLenient)
      try keys(event, kind, key)
      if kind != .other { try meaning(event, kind, key, step) }
    }
    try checkCanonical(text, try TraceEmitter.line(event) + [UInt8(ascii: "\n")])
  }

  private func keys(_ event: TraceEvent, _ kind: TraceEvent.Kind, _ key: String) throws(TraceError) {
    let own = kind == .end ? Self.endKeys : Vocabulary.kind(named: key)?.keys ?? []
    for entry in event.fields.entries {
      guard own.contains(entry.key) || (kind != .end && Vocabulary.common.contains(entry.key)) else {
        guard entry.key.isExtensionKey || isLenient else {
          throw TraceError(
            .unknownKey, expected: "a key of the kind \(key)", found: shown(entry.key), field: entry.key)
        }
        // A key that the format has is of its type wherever it stands.
        if let type = Vocabulary.event[entry.key] { try check(entry.value, type, entry.key) }
        continue
      }
      if let type = Vocabulary.event[entry.key] { try check(entry.value, type, entry.key) }
    }
    if event["gives"] != nil, event["raises"] != nil {
      throw TraceError(.outcome, expected: "gives or raises", found: "both", field: "raises")
    }
  }

  private static let endKeys: Set<String> = ["end", "at", "gives", "raises", "unexpressible", "repeat"]

  private mutating func meaning(
    _ event: TraceEvent, _ kind: TraceEvent.Kind, _ key: String, _ step: Nesting.Step
  ) throws(TraceError) {
    if kind == .back, case .began(_, _, let parent, _) = step, nesting.isDirectlyInLoop(event, parent: parent) {
      for key in ["turn", "phase"] where event[key] == nil {
        throw TraceError(
          .missingKey, expected: "the \(key) of a callback inside the loop", found: "none", field: key)
      }
    }
    if let phase = event.phase, !Vocabulary.phases.contains(phase) {
      throw TraceError(
        .vocabulary, expected: "one of " + Vocabulary.phases.joined(separator: ", "), found: shown(phase),
        field: "phase")
    }
    if let side = Vocabulary.Side(kind) { try member(event, side) }
    for cause in event.after where !(1..<max(nesting.count, 1)).contains(cause) {
      throw TraceError(
        .cause, expected: "the number of an earlier event", found: String(cause), field: "after")
    }
    if let of = event.of { try refer(of, "of") }
    switch kind {
    case .drop: try refer(event["drop"]?.text ?? "", "drop")
    case .check: try statement(event["check"]?.mapping ?? [:])
    case .log:
      if !isLenient, let what = event["log"]?["what"]?.text, !Vocabulary.logs.contains(where: { $0.what == what }) {
        throw TraceError(
          .vocabulary, expected: "one of " + Vocabulary.logs.map(\.what).joined(separator: ", "), found: shown(what),
          field: "log.what")
      }
    case .lost:
      let (sum, overflow) = lost.addingReportingOverflow(event["lost"]?.int ?? 0)
      lost = overflow ? .max : sum
    case .call, .back, .get, .set, .io, .peer, .fault, .clock, .note, .end, .eof, .other: break
    }
    // Arguments are no form, whatever they are called.
    for entry in event.args.entries { try references(entry.value, Self.join("args", entry.key)) }
    for key in ["to", "gives", "raises", "log"] {
      if let value = event[key] { try references(value, key) }
    }
  }

  /// What a `check` states, and of which object.
  private func statement(_ check: TraceMapping) throws(TraceError) {
    let key = check["provides"] == nil ? "released" : "object"
    guard let name = check[key]?.text else {
      throw TraceError(.missingKey, expected: "the key \(key)", found: "none", field: "check.\(key)")
    }
    try refer(name, "check.\(key)")
    if !isLenient, let provided = check["provides"]?.text, !Vocabulary.provided.contains(provided) {
      throw TraceError(
        .vocabulary, expected: "one of " + Vocabulary.provided.sorted().joined(separator: ", "),
        found: shown(provided), field: "check.provides")
    }
  }

  private func member(_ event: TraceEvent, _ side: Vocabulary.Side) throws(TraceError) {
    let target = event.target ?? ""
    let kind = Vocabulary.kind(ofObject: target)
    if kind != target, !Self.implied.contains(kind) { try refer(target, side.rawValue) }
    if isLenient { return }
    guard let member = Vocabulary.member(of: kind, side: side, name: event.method ?? "") else {
      let isKnown = Vocabulary.members.contains { $0.kind == kind && $0.side == side }
      throw TraceError(
        .vocabulary,
        expected: isKnown ? "a \(side.rawValue) that the vocabulary has" : "a kind of object that the vocabulary has",
        found: shown(event.name ?? ""), field: side.rawValue)
    }
    for entry in event.args.entries where !member.arguments.contains(entry.key) && !entry.key.isExtensionKey {
      let names = member.arguments.isEmpty ? "no arguments" : member.arguments.joined(separator: ", ")
      throw TraceError(.vocabulary, expected: names, found: shown(entry.key), field: "args.\(entry.key)")
    }
  }

  private func eof(_ event: TraceEvent) throws(TraceError) {
    for entry in event.fields.entries where entry.key != "eof" && !entry.key.isExtensionKey {
      throw TraceError(.unknownKey, expected: "eof alone", found: shown(entry.key), field: entry.key)
    }
    guard let eof = event["eof"] else { return }
    try check(eof, .record("eof"), "eof")
    let (least, most) = nesting.open
    let open = eof["open"]?.int ?? 0
    if eof["events"]?.int != nesting.count {
      throw TraceError(.count, expected: String(nesting.count), found: shown(eof["events"]), field: "eof.events")
    }
    if open < least || open > most {
      throw TraceError(
        .count, expected: least == most ? String(least) : "\(least) to \(most)", found: String(open), field: "eof.open")
    }
    if eof["lost"]?.int != lost {
      throw TraceError(.count, expected: String(lost), found: shown(eof["lost"]), field: "eof.lost")
    }
  }
}

// MARK: - Types

extension TraceValidator {
  /// How many elements the lists of these forms have.
  private static let lengths: [String: [Int]] = [
    "method": [2], "ipv4": [2], "ipv6": [2, 4], "hostname": [2], "cut": [3],
  ]

  private func checkKey(_ key: String, _ table: Vocabulary.Fields, _ path: String) throws(TraceError) {
    guard table[key] == nil, !key.isExtensionKey, !isLenient else { return }
    let names =
      table.all.count <= 8 ? table.all.map(\.key).joined(separator: ", ") : "a key that the format has"
    throw TraceError(.unknownKey, expected: names, found: shown(key), field: Self.join(path, key))
  }

  private func checkRequired(
    _ mapping: TraceMapping, _ table: Vocabulary.Fields, _ path: String
  ) throws(TraceError) {
    for field in table.all where field.required && mapping[field.key] == nil {
      throw TraceError(
        .missingKey, expected: "the key \(field.key)", found: "none", field: Self.join(path, field.key))
    }
  }

  private func checkFields(_ mapping: TraceMapping, _ table: Vocabulary.Fields, _ path: String) throws(TraceError) {
    for entry in mapping.entries {
      try checkKey(entry.key, table, path)
      if let type = table[entry.key] { try check(entry.value, type, Self.join(path, entry.key)) }
    }
    try checkRequired(mapping, table, path)
  }

  private func check(_ value: TraceValue, _ type: Vocabulary.ValueType, _ path: String) throws(TraceError) {
    switch type {
    case .any: try checkAny(value, path)
    case .list(let element):
      guard case .list(let values) = value else { throw Self.wrong("a list", value, path) }
      for (index, value) in values.enumerated() { try check(value, element.type, "\(path)[\(index)]") }
    case .record(let name):
      guard case .mapping(let mapping) = value else { throw Self.wrong("a mapping", value, path) }
      try checkFields(mapping, Vocabulary.records[name] ?? .none, path)
      if name == "error" { try checkFamily(mapping, path) }
    case .args, .kwargs:
      guard case .mapping(let mapping) = value else { throw Self.wrong("a mapping of arguments", value, path) }
      for entry in mapping.entries {
        let isKwargs = type == .args && entry.key == "kwargs"
        try check(entry.value, isKwargs ? .kwargs : .any, Self.join(path, entry.key))
      }
    case .integer: if value.int == nil { throw Self.wrong("an integer", value, path) }
    case .number: if value.double == nil { throw Self.wrong("a number", value, path) }
    case .bool: if value.bool == nil { throw Self.wrong("true or false", value, path) }
    case .text: if value.text == nil { throw Self.wrong("a string", value, path) }
    case .word: if value.text == nil { throw Self.wrong("a word", value, path) }
    case .name:
      guard let text = value.text else { throw Self.wrong("a word", value, path) }
      guard Self.isName(text) else { throw Self.wrong("an object's name, such as transport-1", value, path) }
    case .member:
      guard let text = value.text else { throw Self.wrong("a word", value, path) }
      guard Self.isMember(text) else {
        throw Self.wrong("an object and its member, such as transport-1.write", value, path)
      }
    case .errno:
      guard let text = value.text else { throw Self.wrong("a word", value, path) }
      guard Self.isErrno(text) else { throw Self.wrong("the name of an errno, such as ECONNREFUSED", value, path) }
    case .unknown: break
    }
  }

  private func checkAny(_ value: TraceValue, _ path: String) throws(TraceError) {
    switch value {
    case .list(let values):
      for (index, value) in values.enumerated() { try checkAny(value, "\(path)[\(index)]") }
    case .mapping(let mapping):
      guard let form = Vocabulary.form(of: mapping), let table = Vocabulary.fields(ofForm: form) else {
        if isLenient || (!mapping.isEmpty && mapping.entries.allSatisfy { $0.key.isExtensionKey }) { return }
        throw TraceError(
          .unknownForm, expected: "a form of value that the format has", found: "a mapping", field: path)
      }
      try checkFields(mapping, table, path)
      if let lengths = Self.lengths[form], let list = mapping[form]?.list, !lengths.contains(list.count) {
        throw TraceError(
          .type, expected: lengths.map(String.init).joined(separator: " or ") + " elements", found: String(list.count),
          field: Self.join(path, form))
      }
      if form == "error" { try checkFamily(mapping, path) }
      try checkInterfaces(mapping, path)
    case .null, .bool, .int, .double, .string, .word, .bytes: break
    }
  }

  private func checkFamily(_ mapping: TraceMapping, _ path: String) throws(TraceError) {
    guard !isLenient, let family = mapping["error"]?.text, !Vocabulary.familyNames.contains(family) else { return }
    throw TraceError(
      .vocabulary, expected: "a family of errors that the vocabulary has", found: shown(family),
      field: Self.join(path, "error"))
  }

  private func checkInterfaces(_ mapping: TraceMapping, _ path: String) throws(TraceError) {
    guard !isLenient else { return }
    for (index, name) in (mapping["implements"]?.list ?? []).enumerated() {
      guard let text = name.text, !Vocabulary.interfaceNames.contains(text) else { continue }
      throw TraceError(
        .vocabulary, expected: "an interface that the vocabulary has", found: shown(text),
        field: "\(Self.join(path, "implements"))[\(index)]")
    }
  }

  private static func join(_ path: String, _ key: String) -> String {
    path.isEmpty ? key : "\(path).\(key)"
  }

  private static func wrong(_ expected: String, _ value: TraceValue, _ path: String) -> TraceError {
    TraceError(.type, expected: expected, found: shown(value), field: path)
  }

  /// Whether the text is a kind, a dash and a number from 1.
  private static func isName(_ text: String) -> Bool {
    guard CanonicalText.isWord(text), let dash = text.utf8.lastIndex(of: UInt8(ascii: "-")) else { return false }
    let number = text.utf8[text.utf8.index(after: dash)...]
    guard let first = number.first, (0x31...0x39).contains(first), dash != text.utf8.startIndex else { return false }
    return number.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Whether the text is two or more parts with dots between them, each starting with a letter.
  private static func isMember(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count >= 2
      && parts.allSatisfy { part in
        part.first.map(CanonicalText.isWordStart) == true && part.allSatisfy(CanonicalText.isWordByte)
      }
  }

  private static func isErrno(_ text: String) -> Bool {
    let bytes = text.utf8
    return bytes.first == UInt8(ascii: "E") && bytes.count > 1
      && bytes.dropFirst().allSatisfy {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || (0x30...0x39).contains($0)
      }
  }
}

// MARK: - References

extension TraceValidator {
  /// Kinds of objects that are there without an introduction.
  private static let implied: Set<String> = ["reactor", "peer"]

  private func refer(_ name: String, _ path: String) throws(TraceError) {
    guard !introduced.contains(name), !Self.implied.contains(Vocabulary.kind(ofObject: name)) else { return }
    throw TraceError(
      .reference, expected: "an object that was introduced before", found: shown(name), field: path)
  }

  private mutating func references(_ value: TraceValue, _ path: String) throws(TraceError) {
    switch value {
    case .list(let values):
      for (index, value) in values.enumerated() { try references(value, "\(path)[\(index)]") }
    case .mapping(let mapping):
      try reference(mapping, path)
      for entry in mapping.entries { try references(entry.value, Self.join(path, entry.key)) }
    case .null, .bool, .int, .double, .string, .word, .bytes: break
    }
  }

  private mutating func reference(_ mapping: TraceMapping, _ path: String) throws(TraceError) {
    let form = Vocabulary.form(of: mapping)
    switch form {
    case "new":
      let name = mapping["new"]?.text ?? ""
      let isImplied = Self.implied.contains(Vocabulary.kind(ofObject: name))
      guard !isImplied, introduced.insert(name).inserted else {
        throw TraceError(.introducedTwice, expected: "a new name", found: shown(name), field: Self.join(path, "new"))
      }
    case "ref": try refer(mapping["ref"]?.text ?? "", Self.join(path, "ref"))
    case "deferred": introduced.insert(mapping["deferred"]?.text ?? "")
    case "fd": introduced.insert(mapping["fd"]?.text ?? "")
    case "method": try refer(mapping["method"]?.list?.first?.text ?? "", Self.join(path, "method"))
    default:
      guard mapping["error"] != nil, let raised = mapping["raised"]?.int else { return }
      guard (1...max(nesting.count, 1)).contains(raised) else {
        throw TraceError(
          .cause, expected: "the number of an earlier event", found: String(raised), field: Self.join(path, "raised"))
      }
    }
  }
}

// MARK: - Canonical form

extension TraceValidator {
  private func checkCanonical(_ text: [UInt8], _ canonical: [UInt8]) throws(TraceError) {
    guard demandsCanonicalForm, text != canonical else { return }
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let wanted = canonical.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, (line, want)) in zip(lines, wanted).enumerated() where line != want {
      let common = zip(line, want).prefix { $0 == $1 }.count
      throw TraceError(
        .notCanonical,
        expected: "the canonical form: " + shown(String(decoding: want.dropFirst(common).prefix(21), as: UTF8.self)),
        found: shown(String(decoding: line.dropFirst(common).prefix(21), as: UTF8.self)),
        line: lines.count > 2 ? index + 1 : 0, column: common + 1)
    }
    throw TraceError(.notCanonical, expected: "the canonical form", found: "another number of lines")
  }
}
