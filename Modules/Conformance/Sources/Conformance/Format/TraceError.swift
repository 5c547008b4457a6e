/// A trace that breaks a rule of the format: where, what was expected, what was found.
///
/// The code is the short name of the broken rule, the same in every implementation of the format.
public struct TraceError: Error, Hashable, Sendable {
  /// The rules of the format by their short names.
  public enum Code: String, Sendable, CaseIterable {
    case unreadable
    case notATrace = "not-a-trace"
    case version, requires
    case truncated
    case afterEOF = "after-eof"
    case notASCII = "not-ascii"
    case character, directive, syntax, alias, anchor, tag
    case mergeKey = "merge-key"
    case duplicateKey = "duplicate-key"
    case multiLine = "multi-line"
    case plain, key, number, escape, base64, run
    case lineTooLong = "line-too-long"
    case headerTooLong = "header-too-long"
    case keyTooLong = "key-too-long"
    case valueTooLong = "value-too-long"
    case traceTooLarge = "trace-too-large"
    case tooDeep = "too-deep"
    case tooManyEvents = "too-many-events"
    case type, outcome, order, parent, nesting, cause, reference, vocabulary, count
    case missingKey = "missing-key"
    case unknownKey = "unknown-key"
    case unknownKind = "unknown-kind"
    case unknownForm = "unknown-form"
    case introducedTwice = "introduced-twice"
    case notCanonical = "not-canonical"
  }

  /// Which rule is broken.
  public var code: Code
  /// The file, as it was named to the reader; empty for memory.
  public var file: String
  /// The line, from 1; 0 where none is known.
  public var line: Int
  /// The column, from 1; 0 for the whole line.
  public var column: Int
  /// The path inside the event, such as `args.data` or `gives.ipv4[1]`; empty for the event itself.
  public var field: String
  /// What should have been there.
  public var expected: String
  /// What was there.
  public var found: String

  /// An error; its place may be filled in later, by whoever knows it.
  ///
  /// - Parameters:
  ///   - code: Which rule is broken.
  ///   - expected: What should have been there.
  ///   - found: What was there.
  ///   - field: The path inside the event.
  ///   - line: The line, from 1; 0 where it is not known yet.
  ///   - column: The column, from 1; 0 for the whole line.
  ///   - file: The file; empty where it is not known yet.
  public init(
    _ code: Code, expected: String, found: String, field: String = "", line: Int = 0, column: Int = 0,
    file: String = ""
  ) {
    self.code = code
    self.file = file
    self.line = line
    self.column = column
    self.field = field
    self.expected = expected
    self.found = found
  }

  /// The same error, with its place filled in where it was not known yet.
  ///
  /// - Parameters:
  ///   - file: The file's name.
  ///   - line: The line, from 1.
  /// - Returns: The completed error.
  public func at(file: String, line: Int) -> TraceError {
    var copy = self
    if copy.file.isEmpty { copy.file = file }
    if copy.line == 0 { copy.line = line }
    return copy
  }
}

extension TraceError: CustomStringConvertible {
  /// One line: `file:line:column: field: expected X, found Y [code]`.
  public var description: String {
    var text = file
    for part in [line, column] where part != 0 { text += (text.isEmpty ? "" : ":") + String(part) }
    text += text.isEmpty ? "" : ": "
    if !field.isEmpty { text += printable(field) + ": " }
    return text + "expected \(expected), found \(found) [\(code.rawValue)]"
  }
}
