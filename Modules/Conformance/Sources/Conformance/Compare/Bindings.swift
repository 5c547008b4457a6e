/// Everything that has one name in the recording and another in the run, bound one-to-one, and a journal so that a trial can
/// be undone.
struct Bindings: Sendable {
  /// What is bound.
  enum Table: Int, CaseIterable, Sendable {
    case object, port, host, scope, descriptor

    fileprivate var noun: String {
      switch self {
      case .object: "object"
      case .port: "port"
      case .host: "host"
      case .scope: "scope"
      case .descriptor: "descriptor"
      }
    }
  }

  /// A mapping with a second value for no name, and one value for no two names.
  private struct OneToOne: Sendable {
    var live: [TraceValue: TraceValue] = [:]
    var recorded: [TraceValue: TraceValue] = [:]
  }

  private var tables = Array(repeating: OneToOne(), count: Table.allCases.count)
  private var journal: [(table: Table, name: TraceValue, value: TraceValue)] = []
  /// Recorded number of each live event that was matched: what `raised` refers to.
  var events: [Int: Int] = [:]

  /// Binds a recorded name to a live value; gives the conflict, in words, when that cannot be.
  mutating func bind(_ table: Table, _ name: TraceValue, to value: TraceValue) -> String? {
    let bound = tables[table.rawValue]
    func brief(_ value: TraceValue) -> String { EventText.brief(value) }
    if let other = bound.live[name] {
      return other == value ? nil : "\(table.noun) \(brief(name)) is \(brief(other)), not \(brief(value))"
    }
    if let other = bound.recorded[value] {
      return "\(table.noun) \(brief(value)) is \(brief(other)) already, so it cannot be \(brief(name))"
    }
    tables[table.rawValue].live[name] = value
    tables[table.rawValue].recorded[value] = name
    journal.append((table, name, value))
    return nil
  }

  /// Binds a recorded object to a live one; gives the conflict, in words, when that cannot be.
  mutating func bind(object name: String, to value: String) -> String? {
    bind(.object, .word(name), to: .word(value))
  }

  /// A place to come back to with `undo`.
  var mark: Int { journal.count }

  /// Takes back every binding made since a mark.
  mutating func undo(to mark: Int) {
    while journal.count > mark, let (table, name, value) = journal.popLast() {
      tables[table.rawValue].live[name] = nil
      tables[table.rawValue].recorded[value] = nil
    }
  }

  /// What a recorded name is in the run.
  func live(_ table: Table, _ name: TraceValue) -> TraceValue? { tables[table.rawValue].live[name] }

  /// The live name of a recorded object.
  func liveName(of recorded: String) -> String? { tables[Table.object.rawValue].live[.word(recorded)]?.text }

  /// The recorded name of a live object.
  func recordedName(of live: String) -> String? { tables[Table.object.rawValue].recorded[.word(live)]?.text }
}
