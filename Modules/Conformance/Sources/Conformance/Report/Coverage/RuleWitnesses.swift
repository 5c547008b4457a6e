extension RuleCatalogue {
  /// A witness that does not show what it should, in a sentence that names file, rule and field.
  public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The catalogue.
    public let file: String
    /// The rule and the field: `F34.traces[0].event`.
    public let field: String
    /// What was expected.
    public let expected: String
    /// What was found.
    public let found: String

    /// One line, as other errors of files have it.
    public var description: String { "\(file): rules.\(field): expected \(expected), found \(found)" }
  }

  /// Looks each witness up.
  ///
  /// - Returns: What is wrong, in the order of the file; nothing where every witness shows what it should.
  public func faults() -> [Fault] {
    var faults: [Fault] = []
    var texts: [String: [String]?] = [:]
    for rule in rules {
      for (index, witness) in rule.witnesses.enumerated() {
        func fault(_ field: String, _ expected: String, _ found: String) {
          faults.append(
            Fault(file: path, field: "\(rule.id).traces[\(index)].\(field)", expected: expected, found: found))
        }
        if texts[witness.trace] == nil { texts[witness.trace] = .some(Self.texts(of: "\(folder)/\(witness.trace)")) }
        guard let events = texts[witness.trace] ?? nil else {
          fault("trace", "a trace that can be read", shown(witness.trace))
          continue
        }
        guard events.indices.contains(witness.event - 1) else {
          fault("event", "1 to \(events.count)", String(witness.event))
          continue
        }
        let text = events[witness.event - 1]
        if !Self.matches(text, witness.shows) {
          fault("shows", shown(witness.shows, limit: 120), shown(text, limit: 120))
        }
      }
    }
    return faults
  }

  /// The events of a trace as patterns have them, nil where it cannot be read.
  private static func texts(of path: String) -> [String]? {
    guard let trace = try? TraceFile(path: path), let tree = try? trace.tree() else { return nil }
    return tree.crossings.map { text($0.event) }
  }

  /// An event's keys from the kind on, outcome included, as its line has them; in front of them the phase.
  static func text(_ event: TraceEvent) -> String {
    var copy = event
    for key in ["n", "in", "turn", "after", "thread", "at", "packets", "pcap"] { copy.fields[key] = nil }
    guard let line = try? TraceEmitter.line(copy, hasPreview: false) else { return "" }
    return String(decoding: line.dropFirst("--- {".utf8.count).dropLast(), as: UTF8.self)
  }

  /// Whether a pattern fits an event's text: all of it, or its first keys; a pattern that names no phase fits in any.
  static func matches(_ text: String, _ pattern: String) -> Bool {
    var text = text[...]
    if text.hasPrefix("phase: "), !pattern.hasPrefix("phase: "), let comma = text.firstIndex(of: ",") {
      text = text[comma...].dropFirst(2)
    }
    return fits(Array(text.utf8), Array(pattern.utf8)) || fits(Array(text.utf8), Array((pattern + ", *").utf8))
  }

  /// Whether a pattern with `*` for any text, the empty one included, fits a whole text: in time that grows with the product of both lengths.
  private static func fits(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (place, part) = (0, 0)
    var star: (part: Int, place: Int)?
    while place < text.count {
      if part < pattern.count, pattern[part] == UInt8(ascii: "*") {
        star = (part, place)
        part += 1
      } else if part < pattern.count, pattern[part] == text[place] {
        place += 1
        part += 1
      } else if let last = star {
        star = (last.part, last.place + 1)
        (place, part) = (last.place + 1, last.part + 1)
      } else {
        return false
      }
    }
    return pattern[part...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
