import Pair

@testable import Conformance

/// Limits that an input of a few kilobytes can reach.
let traceLimits = {
  var limits = TraceLimits()
  limits.line = 4 << 10
  limits.header = 2 << 10
  limits.events = 500
  limits.nesting = 50
  limits.value = 16 << 10
  limits.total = 64 << 10
  return limits
}()

private let newline = UInt8(ascii: "\n")
private let start = Array("--- ".utf8)

/// Reads each line as an event by the strict scanner and by libyaml: what the scanner takes, libyaml reads alike.
func fuzzScanner(_ bytes: RawSpan) {
  for line in bytes.copy.split(separator: newline) {
    let body = line.starts(with: start) ? Array(line) : start + line
    do throws(TraceError) {
      try LexicalChecks.characters(body, line: 1)
    } catch {
      checkMessage(error)
      continue
    }
    let budget = TraceBudget(traceLimits)
    var scanner = LineScanner(body, from: start.count, budget: budget)
    let scanned = scanner.scan()
    if let scanned { check(scanned.budget.spent <= traceLimits.total, "the scanner takes in more than allowed") }
    do throws(TraceError) {
      try LexicalChecks.depth(body[...], limit: traceLimits.depth, line: 1)
      let (value, rest) = try YAMLDocument.read(body, line: 1, budget: budget)
      check(rest.spent <= traceLimits.total, "libyaml's reader takes in more than allowed")
      guard let scanned else { continue }
      check(isSame(scanned.value, value), "the scanner and libyaml read a line differently")
      check(scanned.budget.spent == rest.spent, "the scanner and libyaml count a line differently")
    } catch {
      check(scanned == nil, "the scanner takes what libyaml does not: \(error)")
      checkMessage(error)
    }
  }
}

/// Reads a file of any bytes: a trace, or an error with its place.
///
/// Written canonically and read again it is the same, and each of its lines says the same where the scanner hands it over to
/// libyaml.
func fuzzReader(_ bytes: RawSpan) {
  let copy = bytes.copy
  let file: TraceFile
  do throws(TraceError) {
    file = try TraceFile(bytes: copy, name: "input", limits: traceLimits, allowsTruncated: true)
  } catch {
    checkPlace(error, in: copy)
    return
  }
  check(file.events.count <= traceLimits.events, "more events than allowed")
  checkLoosened(file, copy)
  // A header with nothing behind it may be cut.
  guard !file.events.isEmpty || !file.isTruncated, let canonical = rewritten(file) else { return }
  do throws(TraceError) {
    var limits = traceLimits
    // An escape is longer than what it stands for.
    (limits.line, limits.header) = (64 << 10, 64 << 10)
    let again = try TraceFile(bytes: canonical, limits: limits, allowsTruncated: true)
    check(rewritten(again) == canonical, "a trace changes when it is written twice")
    check(again.end == file.end && again.header == file.header, "a trace changes when it is written")
  } catch {
    fatalError("a trace that was written cannot be read: \(error)")
  }
}

/// Judges a file of any bytes: always the same verdict, with a place, and the canonical form of what is valid is itself.
func fuzzValidator(_ bytes: RawSpan) {
  let copy = bytes.copy
  let verdict = validated(copy)
  check(verdict == validated(copy), "a verdict changes")
  switch verdict {
  case .failure(let error):
    checkPlace(error, in: copy)
    if error.code == .notCanonical { return }
    // What else is wrong comes first, or behind another spelling.
    let other = Result { () throws(TraceError) in
      try TraceValidator.validate(bytes: copy, name: "input", limits: traceLimits, demandsCanonicalForm: false)
    }
    check(other == verdict, "a verdict depends on whether the canonical form is demanded")
  case .success(let count):
    guard let file = try? TraceFile(bytes: copy, limits: traceLimits) else {
      fatalError("a valid trace cannot be read")
    }
    check(file.events.count { $0.event.end == nil } == count, "a valid trace has another number of events")
    guard let tree = try? file.tree() else {
      // Events of another feature are valid, and nothing that a tree can have.
      check(!Vocabulary.features.isSuperset(of: file.header.features), "a valid trace does not nest")
      return
    }
    for (n, crossing) in zip(1..., tree.crossings) { check(crossing.n == n, "events are not numbered in order") }
    check((try? Recording(file)) != nil, "a valid trace cannot be judged")
    for line in TraceText().lines(file.header) { checkPrinted(line) }
    TraceText().write(tree, isComplete: true) { checkPrinted($0) }
    use(file.events.map { $0.event.fields.json.text })
  }
}

private func validated(_ bytes: [UInt8]) -> Result<Int, TraceError> {
  Result { () throws(TraceError) in try TraceValidator.validate(bytes: bytes, name: "input", limits: traceLimits) }
}

/// The canonical form, nil for values that have none.
private func rewritten(_ file: TraceFile) -> [UInt8]? {
  let sink = MemorySink()
  do throws(TraceError) {
    try file.write(to: sink)
  } catch {
    check(error.code == .type, "a trace cannot be written: \(error)")
    return nil
  }
  return sink.bytes
}

/// Expects the same of a file whose header and events are spelled in a way that only libyaml reads.
private func checkLoosened(_ file: TraceFile, _ bytes: [UInt8]) {
  var loosened = Array("#\n".utf8)
  for line in bytes.split(separator: newline, omittingEmptySubsequences: false) {
    loosened += (line.starts(with: start) ? Array("---  ".utf8) + line.dropFirst(start.count) : line) + [newline]
  }
  loosened.removeLast()
  // Where only the limits differ there is nothing to compare.
  var limits = traceLimits
  limits.line += 1
  limits.header += 2
  do throws(TraceError) {
    let other = try TraceFile(bytes: loosened, name: "input", limits: limits, allowsTruncated: true)
    check(isSame(.mapping(other.header.fields), .mapping(file.header.fields)), "a header depends on who reads it")
    check(other.events.count == file.events.count, "who reads a trace decides how long it is")
    for (one, another) in zip(file.events, other.events) {
      check(another.line == one.line + 1, "a line's number depends on who reads it")
      check(isSame(.mapping(one.event.fields), .mapping(another.event.fields)), "an event depends on who reads it")
    }
    check(other.end == file.end, "the end depends on who reads it")
  } catch {
    fatalError("the scanner reads what libyaml does not: \(error)")
  }
}

/// Whether two values are the same to the bit, order of keys and kind of string included.
func isSame(_ one: TraceValue, _ other: TraceValue) -> Bool {
  switch (one, other) {
  case (.null, .null): true
  case (.bool(let a), .bool(let b)): a == b
  case (.int(let a), .int(let b)): a == b
  case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
  case (.string(let a), .string(let b)), (.word(let a), .word(let b)): a.utf8.elementsEqual(b.utf8)
  case (.bytes(let a), .bytes(let b)): a == b
  case (.list(let a), .list(let b)): a.count == b.count && zip(a, b).allSatisfy(isSame)
  case (.mapping(let a), .mapping(let b)):
    a.count == b.count
      && zip(a.entries, b.entries).allSatisfy { $0.key.utf8.elementsEqual($1.key.utf8) && isSame($0.value, $1.value) }
  default: false
  }
}

/// Expects an error that names a line of the input, in one short line that is safe to print.
private func checkPlace(_ error: TraceError, in bytes: [UInt8]) {
  let lines = bytes.count { $0 == newline } + 1
  check((1...lines).contains(error.line), "an error on line \(error.line) of \(lines)")
  check(error.file == "input", "an error without its file")
  checkMessage(error)
}

private func checkMessage(_ error: TraceError) {
  let text = error.description.utf8
  check(text.count < 2_000, "an error of \(text.count) bytes")
  check(text.allSatisfy { (0x20...0x7E).contains($0) }, "an error that is not printable")
}

private func checkPrinted(_ line: String) {
  check(line.unicodeScalars.allSatisfy { !$0.properties.generalCategory.isControl }, "a line with control characters")
}

extension Unicode.GeneralCategory {
  fileprivate var isControl: Bool { self == .control || self == .surrogate }
}
