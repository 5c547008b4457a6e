import Pair

/// What became of one trace on one back end, once.
public struct CaseResult: Hashable, Sendable {
  /// The path of the trace.
  public var file: String
  /// The case that the trace's header names, or the path when it names none.
  public var name: String
  /// The back end, as on the command line.
  public var backEnd: String
  /// The seed by which each poll's findings were shuffled, if they were.
  public var shuffleSeed: UInt64?
  /// Which repetition this was, from 1.
  public var round: Int
  /// How closely the layers of tunnels followed Twisted.
  public var profile = PairProfile.twistedCompatible
  /// The verdict.
  public var verdict: Verdict
  /// How many recorded events were met.
  public var consumed: Int
  /// How many there are.
  public var expected: Int
  /// The freedoms that agreement needed, by name, with how often each was used.
  public var freedoms: [String: Int]
  /// How long it took, in seconds.
  public var seconds: Double
  /// How much of that was inside the reactor's `run`, in seconds: where a replay waits for sockets and clocks.
  public var secondsInRun = 0.0

  /// Makes a result.
  ///
  /// - Parameters:
  ///   - file: The path of the trace.
  ///   - name: The case's name.
  ///   - backEnd: The back end.
  ///   - shuffleSeed: The seed of the shuffle, if any.
  ///   - round: The repetition, from 1.
  ///   - verdict: The verdict.
  ///   - consumed: How many recorded events were met.
  ///   - expected: How many there are.
  ///   - freedoms: The freedoms used.
  ///   - seconds: How long it took.
  public init(
    file: String, name: String, backEnd: String, shuffleSeed: UInt64? = nil, round: Int = 1, verdict: Verdict,
    consumed: Int = 0, expected: Int = 0, freedoms: [String: Int] = [:], seconds: Double = 0
  ) {
    self.file = file
    self.name = name
    self.backEnd = backEnd
    self.shuffleSeed = shuffleSeed
    self.round = round
    self.verdict = verdict
    self.consumed = consumed
    self.expected = expected
    self.freedoms = freedoms
    self.seconds = seconds
  }
}

/// What a replay came to.
public enum Verdict: Hashable, Sendable {
  /// Every recorded event was met, and nothing else happened.
  case agrees
  /// It differs as the list of kept divergences says it may, for this reason.
  case kept(String)
  /// It differs.
  case diverged(Divergence)
  /// The process died in it: how, and the crossings that were open.
  case crashed(String, open: [String])
  /// It did not end in time: the crossings that were open, and the recorded event that never came, where that is known.
  case hung(open: [String], awaited: String?)
  /// It cannot be replayed here: why. Never counted as agreement.
  case notRun(String)
  /// The trace itself cannot be read: where, and what was expected.
  case unreadable(String)

  /// The word for it in reports.
  public var word: String {
    switch self {
    case .agrees: "agrees"
    case .kept: "kept"
    case .diverged: "diverged"
    case .crashed: "crashed"
    case .hung: "hung"
    case .notRun: "not run here"
    case .unreadable: "unreadable"
    }
  }

  /// Whether a run with this verdict in it fails.
  public var isFailure: Bool {
    switch self {
    case .diverged, .crashed, .hung, .unreadable: true
    case .agrees, .kept, .notRun: false
    }
  }
}

/// Where and how a recording and what happened part, told so that a person can see it.
public struct Divergence: Hashable, Sendable {
  /// One event in the neighbourhood.
  public struct Line: Hashable, Sendable {
    /// How the line stands in the report.
    public enum Mark: String, Hashable, Sendable {
      /// Both have it.
      case same = " "
      /// Only the recording has it.
      case expected = "-"
      /// Only this run has it.
      case seen = "+"
    }
    /// The mark.
    public var mark: Mark
    /// The event's number in its own trace.
    public var event: Int?
    /// How many crossings it is inside of.
    public var depth: Int
    /// The event in one line, readable.
    public var text: String

    /// Makes a line.
    ///
    /// - Parameters:
    ///   - mark: The mark.
    ///   - event: The event's number.
    ///   - depth: How many crossings it is inside of.
    ///   - text: The event in one line.
    public init(_ mark: Mark, event: Int?, depth: Int, text: String) {
      self.mark = mark
      self.event = event
      self.depth = depth
      self.text = text
    }
  }

  /// What kind of difference it is, a word such as `order`, `argument` or `missing`.
  public var kind: String
  /// The recorded event where it shows.
  public var event: Int?
  /// The line of that event in the trace's file.
  public var line: Int?
  /// The edge or strand that is broken, if order is what differs.
  public var edge: String?
  /// What the recording asks for, in a sentence.
  public var required: String
  /// What happened, in a sentence.
  public var seen: String
  /// The events around it.
  public var context: [Line]
  /// Where the recorded behaviour comes from: the test or program, from the trace's header.
  public var source: String?

  /// Makes a divergence.
  ///
  /// - Parameters:
  ///   - kind: The kind of difference.
  ///   - event: The recorded event where it shows.
  ///   - line: Its line in the file.
  ///   - edge: The edge or strand that is broken.
  ///   - required: What the recording asks for.
  ///   - seen: What happened.
  ///   - context: The events around it.
  ///   - source: Where the recorded behaviour comes from.
  public init(
    kind: String, event: Int?, line: Int? = nil, edge: String? = nil, required: String, seen: String,
    context: [Line] = [], source: String? = nil
  ) {
    self.kind = kind
    self.event = event
    self.line = line
    self.edge = edge
    self.required = required
    self.seen = seen
    self.context = context
    self.source = source
  }
}
