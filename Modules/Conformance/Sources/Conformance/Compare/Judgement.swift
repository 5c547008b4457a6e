/// The whole result of judging one run against one recording.
public struct Judgement: Hashable, Sendable {
  /// What a divergence broke.
  public enum Rule: Hashable, Sendable, CustomStringConvertible {
    /// Something happened that the recording does not have.
    case extra
    /// Something did not happen that the recording has.
    case missing
    /// The arguments differ.
    case arguments
    /// What was returned or raised differs.
    case outcome
    /// The application did something else.
    case call
    /// The bytes received differ.
    case bytes
    /// A stream was cut in other places, and that freedom is switched off.
    case chunks
    /// It came in another phase of the turn.
    case phase
    /// A timer fired before it was due.
    case due
    /// Two callbacks changed places, and no freedom lets them.
    case order
    /// The order inside a strand, by the strand's name.
    case strand(String)
    /// The order across strands, by the edge's name.
    case edge(String)
    /// What is left open or pending at the end differs.
    case end
    /// A call never came to have what it needs, or may not wait for it.
    case join
    /// A callback's outcome depends on a call that has to wait.
    case joinUnsatisfiable
    /// What only the one who runs the replay can see, in a word or two: `hung`, `released`.
    case run(String)

    /// The rule as reports spell it: `edge accept`.
    public var description: String {
      switch self {
      case .extra: "extra"
      case .missing: "missing"
      case .arguments: "arguments"
      case .outcome: "outcome"
      case .call: "call"
      case .bytes: "bytes"
      case .chunks: "chunks"
      case .phase: "phase"
      case .due: "due"
      case .order: "order"
      case .strand(let name): "strand \(name)"
      case .edge(let name): "edge \(name)"
      case .end: "end"
      case .join: "join"
      case .joinUnsatisfiable: "join-unsatisfiable"
      case .run(let what): what
      }
    }
  }

  /// The first place where a run is not its recording.
  public struct Divergence: Hashable, Sendable {
    /// What was broken.
    public let rule: Rule
    /// The recorded event where it shows, nil where there is none.
    public let expected: Int?
    /// What happened, in one line.
    public let happened: String
    /// Why that is wrong, in one line.
    public let reason: String

    /// A divergence.
    ///
    /// - Parameters:
    ///   - rule: What was broken.
    ///   - expected: The recorded event where it shows.
    ///   - happened: What happened.
    ///   - reason: Why that is wrong.
    public init(rule: Rule, expected: Int?, happened: String, reason: String) {
      self.rule = rule
      self.expected = expected
      self.happened = happened
      self.reason = reason
    }
  }

  /// What the recording is of.
  public let title: String
  /// The first divergence, nil when the run agrees.
  public let divergence: Divergence?
  /// How many of the recorded events came.
  public let consumed: Int
  /// How many there are.
  public let expected: Int
  /// How many events the run had.
  public let happened: Int
  /// The freedoms that were used, with how often each was.
  public let freedoms: [Freedom: Int]

  /// Whether the run is its recording.
  public var agrees: Bool { divergence == nil }
}
