import Reactor

extension Recording {
  /// One event, with its outcome: of a recording, or of a run that is under way.
  public struct Event: Hashable, Sendable {
    /// Its number.
    public var n: Int
    /// What kind of event it is.
    public var kind: TraceEvent.Kind
    /// The object: `transport-1`; empty for kinds that name none.
    public var target: String
    /// The member: `write`; for a `check` what is checked, such as `released`.
    public var method: String
    /// The crossing that it happened inside of.
    public var parent: Int?
    /// The arguments by name; what a `set` sets stands under `to`, and a line of the log is all arguments.
    public var args: TraceMapping
    /// What made a function fire.
    public var of: String?
    /// The turn of the loop.
    public var turn: Int?
    /// The phase of the turn.
    public var phase: String?
    /// The thread, nil for the reactor's.
    public var thread: String?
    /// The causes that the tree cannot show.
    public var after: [Int]
    /// When it happened, in nanoseconds since the recording's start.
    public var at: Int
    /// What it came to.
    public var outcome: Outcome
    /// How many equal ones it stands for, where it is a fold.
    public var fold: Fold?
    /// Why it cannot be made outside of Python, where it cannot.
    public var unexpressible: String?
    /// Its line in the file, 0 for none.
    public var line: Int
    /// The events directly inside it, in order.
    public internal(set) var children: [Int] = []

    /// An event of a trace or of a run.
    ///
    /// - Parameters:
    ///   - event: The event as the trace writes it, with `in`, `turn`, `phase`, `thread`, `after` and `of` where it has them.
    ///   - n: Its number.
    ///   - at: When it happened, in nanoseconds; nil for what the event itself says.
    ///   - line: Its line, 0 for none.
    public init(_ event: TraceEvent, n: Int, at: Int? = nil, line: Int = 0) {
      self.n = n
      self.line = line
      let (kind, key) = event.kindAndKey
      self.kind = kind
      (target, method) = Self.member(event, kind, key)
      parent = event.parent
      args = event.args
      if kind == .set { args["to"] = event["to"] ?? .null }
      if kind == .log { args = event["log"]?.mapping ?? [:] }
      of = event.of
      turn = event.turn
      phase = event.phase
      thread = event.thread
      after = event.after
      self.at = at ?? event.at ?? 0
      if let error = event.raises {
        outcome = .raised(error)
      } else {
        outcome = .returned(event.gives ?? .null)
      }
      fold = event.times.map { Fold(times: $0, until: event["repeat"]?["until"]?.text) }
      unexpressible = event["unexpressible"]?.text
    }

    init(_ crossing: Crossing) {
      self.init(crossing.event, n: crossing.n, line: crossing.line)
      parent = crossing.parent
      children = crossing.children
    }

    private static func member(_ event: TraceEvent, _ kind: TraceEvent.Kind, _ key: String) -> (String, String) {
      switch kind {
      case .call, .back, .get, .set, .io, .peer, .fault:
        return (event.target ?? "", event.method ?? "")
      case .drop:
        return (event[key]?.text ?? "", "")
      case .check:
        guard let entry = event[key]?.mapping?.entries.first else { return (event[key]?.text ?? "", "") }
        return (entry.value.text ?? "", entry.key)
      case .clock, .log, .note, .lost, .end, .eof, .other:
        return ("", "")
      }
    }

    /// `transport-1.write`, as the trace spells it.
    public var member: String { method.isEmpty ? target : "\(target).\(method)" }

    /// Whether the application does it: part of a callback's script.
    public var isAction: Bool {
      switch kind {
      case .call, .get, .set, .peer, .drop, .check, .io: true
      case .fault: !isBelow
      case .back, .clock, .log, .note, .lost, .end, .eof, .other: false
      }
    }

    /// Whether it is a fault of an operation below the boundary, which nobody in the application does.
    public var isBelow: Bool { kind == .fault && target == InjectedFault.target }

    /// Whether callbacks inside it come from the loop rather than from the call itself.
    public var turnsTheLoop: Bool {
      guard kind == .call else { return false }
      switch method {
      case "run", "iterate", "runUntilCurrent", "doIteration", "mainLoop": return true
      default: return false
      }
    }
  }
}
