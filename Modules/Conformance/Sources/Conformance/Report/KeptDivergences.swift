import Pair

/// The divergences that are kept on purpose: `kept.yaml` beside the traces.
///
///     format: skein-kept
///     version: 1
///     kept:
///       - case: "twisted/test_tcp/TCPPort/closePeerOnEMFILE"
///         reactor: poll            # left out: on every back end
///         profile: correct         # left out: as Twisted does it
///         event: 14
///         allowed: {kind: "outcome", seen: "transport-1.getHost raised attribute"}
///         reason: "Twisted reads a descriptor that it has closed itself."
///
/// An entry allows one difference of one case, at one event, of one kind, with one outcome. An entry whose case agrees after all is unneeded, one whose case differs otherwise is changed, and one whose case
/// is nowhere among the traces beside the list is stale: each of these fails the run.
public struct KeptDivergences: Sendable {
  /// One entry of the list.
  public struct Entry: Hashable, Sendable {
    /// The case.
    public var name: String
    /// The back end; `nil` for every one.
    public var backEnd: String?
    /// The profile that it is about: how closely the layers of tunnels follow Twisted.
    public var profile = PairProfile.twistedCompatible
    /// The recorded event at which it differs; `nil` where the recording has none.
    public var event: Int?
    /// The kind of difference that is allowed.
    public var kind: String
    /// What is allowed to happen, as the report tells it.
    public var seen: String
    /// Why it is kept.
    public var reason: String

    /// The entry in a few words.
    var place: String {
      name + (backEnd.map { " on \($0)" } ?? "") + (event.map { ", event \($0)" } ?? "")
    }
  }

  /// The entries, in the order of the file.
  public var entries: [Entry]
  /// The folder of the list, whose traces its entries are about; `nil` for an empty list.
  private var folder: String?
  private var matched: Set<Entry> = []
  private var judged: Set<Entry> = []
  private var changed: Set<Entry> = []

  /// A list without entries.
  public init() {
    entries = []
  }

  /// Reads the list for some traces: the named file, or the `kept.yaml` nearest above the first trace.
  ///
  /// - Parameters:
  ///   - files: The traces' paths.
  ///   - path: The list's path, if one was named.
  /// - Returns: The list; an empty one where there is no file.
  /// - Throws: `TraceError` for a file that cannot be read or breaks the form.
  public static func forTraces(_ files: [String], named path: String?) throws(TraceError) -> KeptDivergences {
    if let path { return try KeptDivergences(path: path) }
    if let path = Corpus.list("kept.yaml", above: files) { return try KeptDivergences(path: path) }
    return KeptDivergences()
  }

  /// Reads a list.
  ///
  /// - Parameter path: The file's path.
  /// - Throws: `TraceError` for a file that cannot be read or breaks the form: file, line and field are named.
  public init(path: String) throws(TraceError) {
    let document = try YAMLDocument.list(path: path)
    do {
      try self.init(document)
    } catch {
      throw error.at(file: path, line: 1)
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    folder = parts.isEmpty ? "." : parts.joined(separator: "/")
  }

  private init(_ document: TraceValue) throws(TraceError) {
    guard document["format"]?.text == "skein-kept" else {
      throw TraceError(.notATrace, expected: "skein-kept", found: shown(document["format"]), field: "format")
    }
    guard document["version"]?.int == 1 else {
      throw TraceError(.version, expected: "1", found: shown(document["version"]), field: "version")
    }
    guard let list = document["kept"]?.list else {
      throw TraceError(.type, expected: "a list", found: shown(document["kept"]), field: "kept")
    }
    entries = []
    for (index, item) in list.enumerated() { entries.append(try Self.entry(item, field: "kept[\(index)]")) }
  }

  private static func entry(_ item: TraceValue, field: String) throws(TraceError) -> Entry {
    func text(_ value: TraceValue?, _ key: String) throws(TraceError) -> String {
      guard let text = value?.text, !text.isEmpty else {
        throw TraceError(.missingKey, expected: "a text", found: shown(value), field: "\(field).\(key)")
      }
      return text
    }
    let known: Set<String> = ["case", "reactor", "profile", "event", "allowed", "reason"]
    if let key = item.mapping?.keys.first(where: { !known.contains($0) }) {
      throw TraceError(
        .unknownKey, expected: known.sorted().joined(separator: ", "), found: shown(key), field: field)
    }
    let profile = item["profile"]?.text ?? PairProfile.twistedCompatible.rawValue
    guard let profile = PairProfile(rawValue: profile) else {
      throw TraceError(
        .type, expected: PairProfile.allCases.map(\.rawValue).joined(separator: " or "), found: profile,
        field: "\(field).profile")
    }
    return Entry(
      name: try text(item["case"], "case"), backEnd: item["reactor"]?.text, profile: profile, event: item["event"]?.int,
      kind: try text(item["allowed"]?["kind"], "allowed.kind"),
      seen: try text(item["allowed"]?["seen"], "allowed.seen"),
      reason: try text(item["reason"], "reason"))
  }

  /// Judges a result against the list, and notes what it says about the entries.
  ///
  /// - Parameter result: A result; a divergence that an entry allows becomes kept.
  /// - Returns: The result, changed or not.
  public mutating func apply(to result: CaseResult) -> CaseResult {
    let about = entries.filter {
      $0.name == result.name && ($0.backEnd ?? result.backEnd) == result.backEnd && $0.profile == result.profile
    }
    guard !about.isEmpty else { return result }
    switch result.verdict {
    case .agrees:
      judged.formUnion(about)
      return result
    case .diverged(let divergence):
      judged.formUnion(about)
      let allowed = about.first {
        $0.event == divergence.event && $0.kind == divergence.kind && $0.seen == divergence.seen
      }
      guard let allowed else {
        changed.formUnion(about)
        return result
      }
      matched.insert(allowed)
      var kept = result
      kept.verdict = .kept(allowed.reason)
      return kept
    case .crashed, .hung:
      changed.formUnion(about)
      return result
    case .kept, .notRun, .unreadable: return result
    }
  }

  /// What is wrong with the list after a run, a sentence each.
  ///
  /// - Parameters:
  ///   - files: The traces that were run.
  ///   - names: The cases that were run.
  /// - Returns: The sentences, in the order of the list.
  public func faults(afterRunning files: [String], names: Set<String>) -> [String] {
    let isWhole = folder.flatMap { try? Corpus.traces(named: [$0]) }.map { Set(files).isSuperset(of: $0) } ?? false
    return entries.compactMap { entry in
      if changed.contains(entry) {
        return "changed: \(entry.place) now differs otherwise than \(entry.kind): \(entry.seen)"
      }
      if judged.contains(entry), !matched.contains(entry) { return "unneeded: \(entry.place) agrees" }
      if isWhole, !names.contains(entry.name) { return "stale: there is no case \(entry.name)" }
      return nil
    }
  }
}
