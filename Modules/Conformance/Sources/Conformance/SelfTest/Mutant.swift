/// A trace with one alteration of one kind: what a judge that can fail must notice.
///
/// Judging the unaltered run by a mutant must diverge, except for those that say nothing else than the original does; these
/// are told apart by rule, not by trial. A mutant of the order across strands, or of a turn, is judged the other way round:
/// the altered trace is the run, and the original says what is right.
public struct Mutant: Sendable {
  /// What was altered.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// A callback with all that is inside it is left out.
    case dropped
    /// A callback comes once more.
    case added
    /// Two neighbours of one strand have changed places.
    case swapped
    /// Two neighbours of different strands have changed places in the run.
    case exchanged
    /// A callback comes in another phase of the turn.
    case phase
    /// A callback that belongs into a certain turn comes a turn later in the run.
    case turn
    /// A byte has another value.
    case byte
    /// There is a byte more.
    case length
    /// An error is of another family.
    case error
    /// An error has another number of the operating system's.
    case errno
    /// An address has another host.
    case address
    /// An address has another port.
    case port
    /// Something else was returned or raised.
    case outcome
    /// A number is a boolean, or a boolean a number.
    case type
    /// A number, a truth value or a text is another.
    case value
    /// The last callbacks of the run are left out.
    case tail
    /// A connection is lost one callback of its strand earlier.
    case earlyClose = "early-close"

    /// Whether the altered trace counts as the run, and the original as what is expected of it.
    public var altersTheRun: Bool { self == .exchanged || self == .turn }
  }

  /// Why an alteration changes nothing: a freedom of the order, or a rule of what is compared.
  public enum Equivalence: Hashable, Sendable {
    /// The judge lets it by this freedom, and no edge forbids it.
    case freedom(Freedom)
    /// The two that changed places are the same, but for names that nothing else bears.
    case equal
    /// Another name for a placeholder that stands nowhere else.
    case placeholder
    /// The reading of a clock, which no run gives twice.
    case clock
    /// It has no meaning outside Python, and is not judged.
    case notApplicable

    /// The freedom's name, or the rule's.
    public var name: String {
      switch self {
      case .freedom(let freedom): freedom.rawValue
      case .equal: "equal"
      case .placeholder: "placeholder"
      case .clock: "clock-reading"
      case .notApplicable: StrictJudge.notApplicableName
      }
    }
  }

  /// Its place among the mutants of its trace, from 0.
  public let index: Int
  /// What was altered.
  public let kind: Kind
  /// The event at which it was, by its number in the unaltered trace.
  public let n: Int
  /// What exactly, for people.
  public let what: String
  /// The altered trace.
  public let trace: TraceFile
  /// Why the alteration changes nothing, nil when it does.
  public let equivalent: Equivalence?
  /// Whether it alters what the application does, and not what is expected of the system.
  ///
  /// Replayed, it makes another run, of which the trace may well be right: it is judged against a captured run only.
  public let isStimulus: Bool

  /// Makes every mutant of a trace, one after the other.
  ///
  /// - Parameters:
  ///   - trace: The trace.
  ///   - kinds: Which alterations to make; the indices count all of them.
  ///   - body: Is given each mutant.
  /// - Throws: `TraceError` where the trace's events do not nest, and what `body` throws.
  public static func forEach(
    of trace: TraceFile, kinds: Set<Kind> = Set(Kind.allCases), _ body: (Mutant) throws -> Void
  ) throws {
    try forEach(of: trace, where: { kind, _ in kinds.contains(kind) }, body)
  }

  /// Makes the mutants of some kinds and indices.
  private static func forEach(
    of trace: TraceFile, where isWanted: (Kind, Int) -> Bool, _ body: (Mutant) throws -> Void
  ) throws {
    let alterations = try Alterations(trace)
    var index = 0
    for kind in Kind.allCases {
      try alterations.make(kind) { alteration in
        defer { index += 1 }
        guard isWanted(kind, index) else { return }
        var altered = trace
        altered.events = Alterations.renumbered(alteration.rows)
        let reason = try alteration.equivalent ?? alterations.sameTail(kind, alteration.n, altered)
        try body(
          Mutant(
            index: index, kind: kind, n: alteration.n, what: alteration.what, trace: altered, equivalent: reason,
            isStimulus: alteration.isStimulus))
      }
    }
  }

  /// One mutant, as a trace that a stranger could have written.
  ///
  /// - Parameters:
  ///   - index: Its place among the mutants of the trace.
  ///   - trace: The trace.
  /// - Returns: The altered trace.
  /// - Throws: `TraceError` where it is no trace any more, such as one that refers to what is gone.
  static func trace(at index: Int, of trace: TraceFile) throws -> TraceFile {
    var found: TraceFile?
    try forEach(of: trace, where: { $1 == index }) { found = $0.trace }
    guard let found else { throw SelfTestFault("\(trace.file) has no mutant \(index)") }
    let bytes = try found.bytes()
    try TraceValidator.validate(bytes: bytes, name: trace.file)
    return try TraceFile(bytes: bytes, name: trace.file)
  }
}
