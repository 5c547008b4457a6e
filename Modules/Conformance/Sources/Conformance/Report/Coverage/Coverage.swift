/// What some traces cover of the interface: for each member of the vocabulary every outcome, and where that happened, with the traces.
public struct Coverage: Sendable {
  /// What a crossing came to.
  public enum Outcome: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// It returned, with or without a value.
    case returns
    /// It raised an error of this family.
    case raises(String)
    /// It had not ended when the recording did.
    case neverEnds
    /// It cannot be made outside of Python.
    case unexpressible

    /// A few words.
    public var description: String {
      switch self {
      case .returns: "returns"
      case .raises(let family): "raises \(family)"
      case .neverEnds: "never ends"
      case .unexpressible: "cannot be made outside of Python"
      }
    }
  }

  /// One member with one outcome at one place.
  public struct Cell: Hashable, Comparable, Sendable {
    /// What was crossed, as `call transport.write`.
    public let member: String
    /// What it came to.
    public let outcome: Outcome
    /// What it happened inside of: `protocol.dataReceived`, or `top level`.
    public let place: String

    /// By member, outcome and place.
    public static func < (first: Cell, second: Cell) -> Bool {
      (first.member, first.outcome, first.place) < (second.member, second.outcome, second.place)
    }
  }

  /// The cases that cover each cell, in the order of the traces.
  public private(set) var cells: [Cell: [String]] = [:]
  /// How many traces were looked at.
  public private(set) var traceCount = 0

  /// No traces yet.
  public init() {}

  /// Takes a trace in.
  ///
  /// - Parameters:
  ///   - trace: The trace.
  ///   - name: What it is called where the cells are listed.
  public mutating func add(_ trace: Recording, named name: String) {
    traceCount += 1
    var found: Set<Cell> = []
    for event in trace.events {
      guard let side = Vocabulary.Side(event.kind) else { continue }
      let cell = Cell(
        member: Self.member(side, Vocabulary.kind(ofObject: event.target), event.method), outcome: Self.outcome(event),
        place: Self.place(of: event, in: trace))
      if found.insert(cell).inserted { cells[cell, default: []].append(name) }
    }
  }

  /// The members of the vocabulary that no trace has, as far as Swift has them (`isBuilt`) or as far as it does not.
  ///
  /// - Parameter isBuilt: Which of the two.
  /// - Returns: As `call transport.write`, in the vocabulary's order.
  public func uncovered(isBuilt: Bool) -> [String] {
    let covered = Set(cells.keys.map(\.member))
    return Vocabulary.allMembers.filter { $0.swift.isEmpty != isBuilt }.map { Self.member($0.side, $0.kind, $0.name) }
      .filter { !covered.contains($0) }
  }

  /// How many members of the vocabulary some trace has.
  public var memberCount: Int { Set(cells.keys.map(\.member)).count }

  private static func member(_ side: Vocabulary.Side, _ kind: String, _ name: String) -> String {
    "\(side.rawValue) \(kind).\(name)"
  }

  private static func place(of event: Recording.Event, in trace: Recording) -> String {
    guard let outer = event.parent.flatMap({ trace[$0] }) else { return "top level" }
    if outer.turnsTheLoop { return event.phase.map { "from the loop, \($0)" } ?? "from the loop" }
    let name = "\(Vocabulary.kind(ofObject: outer.target)).\(outer.method)"
    return outer.kind == .back ? "in \(name)" : "inside the call \(name)"
  }

  private static func outcome(_ event: Recording.Event) -> Outcome {
    if event.unexpressible != nil { return .unexpressible }
    return switch event.outcome {
    case .returned: .returns
    case .raised(let error): .raises(error["error"]?.text ?? "unknown")
    case .opened: .neverEnds
    }
  }
}
