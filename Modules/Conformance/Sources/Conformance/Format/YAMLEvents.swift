import CYAML

/// libyaml's events for one text, as Swift values.
///
/// A class, so that libyaml's parser stays at one address and is deleted with it. Safe to use: the pointers never leave
/// it, and what an event holds is copied before libyaml's event is deleted.
@safe final class YAMLEvents {
  /// How a scalar was written.
  enum Style {
    case plain, singleQuoted, doubleQuoted, block
  }

  /// A scalar as it was written.
  struct Scalar {
    let bytes: [UInt8]
    let style: Style
    let anchor: String?
    let tag: String?

    var isBinary: Bool { tag == "tag:yaml.org,2002:binary" }
  }

  /// One event with its place; lines and columns count from 0.
  struct Event {
    enum Kind {
      case streamStart, streamEnd, documentEnd, listEnd, mappingEnd
      case documentStart(hasDirectives: Bool)
      case alias(String)
      case scalar(Scalar)
      case listStart(anchor: String?, tag: String?)
      case mappingStart(anchor: String?, tag: String?)
    }

    let kind: Kind
    let line: Int
    let column: Int
    let endLine: Int
  }

  /// What libyaml refused, and where; lines and columns count from 0.
  struct Problem: Error {
    let problem: String
    let line: Int
    let column: Int
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let text: UnsafeMutableBufferPointer<UInt8>
  private let isReady: Bool

  /// A parser of the text, which is copied.
  init(_ bytes: [UInt8]) {
    // libyaml keeps pointers to its input and into its own structure, so both live on the heap until `deinit`.
    unsafe parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    unsafe text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    _ = unsafe text.initialize(from: bytes)
    isReady = unsafe yaml_parser_initialize(parser) == 1
    if isReady {
      unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
      unsafe yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }
  }

  deinit {
    if isReady { unsafe yaml_parser_delete(parser) }
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  /// The next event.
  ///
  /// - Throws: `Problem` where the text is no YAML, and after the end of the stream.
  func next() throws(Problem) -> Event {
    guard isReady else { throw Problem(problem: "no memory for the parser", line: 0, column: 0) }
    var event = unsafe yaml_event_t()
    let isParsed = unsafe yaml_parser_parse(parser, &event) == 1
    guard isParsed else {
      let mark = unsafe parser.pointee.problem_mark
      let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "something else"
      throw Problem(problem: problem, line: Int(clamping: mark.line), column: Int(clamping: mark.column))
    }
    defer { unsafe yaml_event_delete(&event) }
    return unsafe Event(
      kind: try Self.kind(event), line: Int(clamping: event.start_mark.line),
      column: Int(clamping: event.start_mark.column), endLine: Int(clamping: event.end_mark.line))
  }

  private static func kind(_ event: yaml_event_t) throws(Problem) -> Event.Kind {
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_DOCUMENT_START_EVENT:
      let start = unsafe event.data.document_start
      let hasTags = unsafe start.tag_directives.start != start.tag_directives.end
      return unsafe .documentStart(hasDirectives: start.version_directive != nil || hasTags)
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_SEQUENCE_END_EVENT: return .listEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_ALIAS_EVENT: return unsafe .alias(string(event.data.alias.anchor) ?? "")
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      return unsafe .listStart(anchor: string(start.anchor), tag: string(start.tag))
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      return unsafe .mappingStart(anchor: string(start.anchor), tag: string(start.tag))
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let bytes = unsafe Array(UnsafeBufferPointer(start: scalar.value, count: scalar.length))
      return unsafe .scalar(
        Scalar(bytes: bytes, style: style(scalar.style), anchor: string(scalar.anchor), tag: string(scalar.tag)))
    default: throw Problem(problem: "the end", line: 0, column: 0)
    }
  }

  private static func style(_ style: yaml_scalar_style_t) -> Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
    default: .plain
    }
  }

  private static func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    unsafe pointer.map { unsafe String(cString: $0) }
  }
}
