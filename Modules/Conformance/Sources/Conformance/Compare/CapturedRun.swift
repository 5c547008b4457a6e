/// What one run told its judge, in order: other judges can be told the same, without the run being made again.
public struct CapturedRun: Sendable {
  /// One thing that was told.
  enum Step: Sendable {
    /// An event began.
    case began(Recording.Event)
    /// An event ended.
    case ended(Int, Recording.Outcome, at: Int)
    /// A timer was put off by whoever plays the application.
    case putOff(String, by: Double)
    /// An event of a strict run began: its number in the recording, what it is, its arguments.
    case strictlyBegan(Int, TraceEvent.Kind, String, TraceMapping)
    /// A line of a strict run was logged.
    case logged(TraceMapping)
    /// The innermost open event of a strict run ended.
    case strictlyEnded(Recording.Outcome)
  }

  private(set) var steps: [Step] = []
  /// What the run left, where that is known.
  var leftovers: Judge.Leftovers?
  /// The latest arguments of each member: equal ones in a row are kept once, however many megabytes they have.
  private var latest: [String: TraceMapping] = [:]

  /// Keeps what the judge is told.
  mutating func append(_ step: Step) {
    guard case .began(var event) = step else { return steps.append(step) }
    if let same = latest[event.member], same == event.args { event.args = same }
    latest[event.member] = event.args
    steps.append(.began(event))
  }
}

/// A judge that has read a recording and heard of no run: it can be told of several, one after the other.
struct PreparedJudge: Sendable {
  private enum Order: Sendable {
    case strict(StrictJudge)
    case free(JudgedRun)
  }

  private let order: Order

  /// Reads a recording.
  init(_ recording: Recording) {
    order =
      recording.header.features.contains("pair") ? .strict(StrictJudge(recording)) : .free(JudgedRun(of: recording))
  }

  /// Judges a run.
  func judgement(of run: CapturedRun) -> Judgement {
    switch order {
    case .strict(let judge): Self.judgement(of: run, by: judge)
    case .free(let judge): Self.judgement(of: run, by: judge)
    }
  }

  private static func judgement(of run: CapturedRun, by judge: JudgedRun) -> Judgement {
    var judge = judge
    for step in run.steps {
      guard judge.judge.divergence == nil else { break }
      switch step {
      case .began(let event): _ = judge.began(event)
      case .ended(let n, let outcome, let at): _ = judge.ended(n, outcome, at: at)
      case .putOff(let name, let seconds): judge.putOff(name, by: seconds)
      case .strictlyBegan, .logged, .strictlyEnded: break
      }
    }
    return judge.finish(run.leftovers)
  }

  private static func judgement(of run: CapturedRun, by judge: StrictJudge) -> Judgement {
    var judge = judge
    var open: [Recording.Event] = []
    var happened = 0
    for step in run.steps where judge.divergence == nil {
      switch step {
      case .strictlyBegan(let n, let kind, let member, let args):
        happened += 1
        guard let event = judge.began(kind, member, args) else { continue }
        judge.agreement.bindings.events[n] = event.n
        open.append(event)
      case .logged(let line):
        happened += 1
        judge.logged(line)
      case .strictlyEnded(let outcome):
        if let event = open.popLast() { judge.ended(event, outcome) }
      case .began, .ended, .putOff:
        break
      }
    }
    judge.finish()
    return judge.judgement(happened: happened)
  }
}
