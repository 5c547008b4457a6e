/// The rules of behaviour that traces are to show: `rules.yaml` beside the traces.
///
///     format: skein-rules
///     version: 1
///     rules:
///       F34:
///         says: "A second loseConnection does nothing."
///         traces:
///           - {trace: "scenarios/write_after_lose.yaml", event: 24, shows: "call: transport-*.loseConnection"}
///       U1:
///         says: "A UDP port is bound to a literal address, and to nothing else."
///         none: {cause: not-built, why: "UDP is not built"}
///
/// A rule has traces that show it, or a reason why there is none. Each witness is an event that has to be what `shows` says, so that the catalogue cannot rot unseen.
public struct RuleCatalogue: Sendable {
  /// An event of a trace that shows a rule.
  public struct Witness: Hashable, Sendable {
    /// The trace, relative to the catalogue's folder.
    public let trace: String
    /// The event's number.
    public let event: Int
    /// What the event has to be: its keys from the kind on, as the trace has them, with `*` for any text; what follows may be left out.
    public let shows: String
  }

  /// Why no trace shows a rule.
  public enum Cause: String, Sendable, CaseIterable {
    /// An application cannot see it.
    case unseen
    /// It can be seen, but not by what a trace holds: time, the log, signals, a text for people.
    case unrecorded
    /// How it comes out is left open: by a freedom of the judge's, or because it is promised nowhere.
    case open
    /// It is a matter of one back end's inside.
    case backEnd = "back-end"
    /// It has no meaning outside of Python.
    case python
    /// What it is about is not built.
    case notBuilt = "not-built"
    /// No trace pins it down yet.
    case unpinned

    var words: String {
      switch self {
      case .unseen: "an application cannot see it"
      case .unrecorded: "a trace does not hold what it is about"
      case .open: "how it comes out is left open"
      case .backEnd: "one back end's inside"
      case .python: "it has no meaning outside of Python"
      case .notBuilt: "what it is about is not built"
      case .unpinned: "not pinned down yet"
      }
    }
  }

  /// What is known of a rule's traces.
  public enum Evidence: Hashable, Sendable {
    case traces([Witness])
    case none(Cause, why: String)
  }

  /// One rule.
  public struct Rule: Hashable, Sendable {
    /// Its short name: `F34`.
    public let id: String
    /// What it says.
    public let says: String
    /// The traces that show it, or why there are none.
    public let evidence: Evidence

    /// Its witnesses.
    public var witnesses: [Witness] { if case .traces(let witnesses) = evidence { witnesses } else { [] } }
  }

  /// The rules, in the order of the file.
  public let rules: [Rule]
  /// The file.
  public let path: String
  /// The folder that witnesses are relative to.
  public let folder: String

  /// The catalogue nearest above some traces.
  ///
  /// - Parameter files: The traces' paths.
  /// - Returns: The catalogue; nil where there is none.
  /// - Throws: `TraceError` for a file that cannot be read or breaks the form.
  public static func above(_ files: [String]) throws(TraceError) -> RuleCatalogue? {
    guard let path = Corpus.list("rules.yaml", above: files) else { return nil }
    return try RuleCatalogue(path: path)
  }

  /// Reads a catalogue.
  ///
  /// - Parameter path: The file's path.
  /// - Throws: `TraceError` for a file that cannot be read or breaks the form: file, line and field are named.
  public init(path: String) throws(TraceError) {
    self.path = path
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    folder = parts.isEmpty ? "." : parts.joined(separator: "/")
    let document = try YAMLDocument.list(path: path)
    do {
      rules = try Self.rules(document)
    } catch {
      throw error.at(file: path, line: 1)
    }
  }

  private static func rules(_ document: TraceValue) throws(TraceError) -> [Rule] {
    guard document["format"]?.text == "skein-rules" else {
      throw TraceError(.notATrace, expected: "skein-rules", found: shown(document["format"]), field: "format")
    }
    guard document["version"]?.int == 1 else {
      throw TraceError(.version, expected: "1", found: shown(document["version"]), field: "version")
    }
    guard let mapping = document["rules"]?.mapping, !mapping.isEmpty else {
      throw TraceError(.type, expected: "a mapping of rules", found: shown(document["rules"]), field: "rules")
    }
    var rules: [Rule] = []
    for entry in mapping.entries { rules.append(try rule(entry.key, entry.value)) }
    return rules
  }

  private static func rule(_ id: String, _ value: TraceValue) throws(TraceError) -> Rule {
    let field = "rules.\(id)"
    try check(value, field, known: ["says", "traces", "none"])
    let says = try text(value, "says", field)
    switch (value["traces"], value["none"]) {
    case (.list(let list)?, nil) where !list.isEmpty:
      var witnesses: [Witness] = []
      for (index, item) in list.enumerated() { witnesses.append(try witness(item, "\(field).traces[\(index)]")) }
      return Rule(id: id, says: says, evidence: .traces(witnesses))
    case (nil, let none?):
      try check(none, "\(field).none", known: ["cause", "why"])
      let word = try text(none, "cause", "\(field).none")
      guard let cause = Cause(rawValue: word) else {
        throw TraceError(
          .type, expected: Cause.allCases.map(\.rawValue).joined(separator: ", "), found: shown(word),
          field: "\(field).none.cause")
      }
      return Rule(id: id, says: says, evidence: .none(cause, why: try text(none, "why", "\(field).none")))
    case (let traces, _):
      throw TraceError(.type, expected: "a list of traces, or none", found: shown(traces), field: "\(field).traces")
    }
  }

  private static func witness(_ item: TraceValue, _ field: String) throws(TraceError) -> Witness {
    try check(item, field, known: ["trace", "event", "shows"])
    guard let event = item["event"]?.int else {
      throw TraceError(.type, expected: "an event's number", found: shown(item["event"]), field: "\(field).event")
    }
    return Witness(trace: try text(item, "trace", field), event: event, shows: try text(item, "shows", field))
  }

  private static func check(_ value: TraceValue, _ field: String, known: [String]) throws(TraceError) {
    guard let mapping = value.mapping else {
      throw TraceError(.type, expected: "a mapping", found: shown(value), field: field)
    }
    if let key = mapping.keys.first(where: { !known.contains($0) }) {
      throw TraceError(.unknownKey, expected: known.joined(separator: ", "), found: shown(key), field: field)
    }
  }

  private static func text(_ value: TraceValue, _ key: String, _ field: String) throws(TraceError) -> String {
    guard let text = value[key]?.text, !text.isEmpty else {
      throw TraceError(.missingKey, expected: "a text", found: shown(value[key]), field: "\(field).\(key)")
    }
    return text
  }
}
