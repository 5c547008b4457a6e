/// One run, told to a judge event by event as a recorder sees it: while it happens, or from a recording of it.
public struct JudgedRun: Sendable {
  /// The judge.
  public private(set) var judge: Judge
  /// What the judge is told, where that is kept.
  var capture: CapturedRun?

  /// Where in the loop each crossing of the run happened.
  private var moments: [Int: Moment] = [:]
  /// The callbacks whose bytes did not yet fill a recorded delivery: the application does nothing in them.
  private var silent: Set<Int> = []

  /// A run that has not begun.
  ///
  /// - Parameters:
  ///   - recording: What is expected of it.
  ///   - disabled: Freedoms that may not be used.
  public init(of recording: Recording, disabled: Set<Freedom> = []) {
    judge = Judge(recording, disabled: disabled)
  }

  /// Tells of an event that has begun.
  ///
  /// - Parameter event: The event as it is known now; its outcome is told when it ended. Its `parent` is the event around it
  ///   in the run, and for what the recorder does not see itself the frame in which it was done.
  /// - Returns: What is to be done about it.
  public mutating func began(_ event: Recording.Event) -> Judge.Answer {
    capture?.append(.began(event))
    var moment = event.parent.flatMap { moments[$0] } ?? Moment(at: event.at)
    moment.at = event.at
    if event.phase != nil || event.turn != nil { moment = Moment(at: event.at, turn: event.turn, phase: event.phase) }
    moments[event.n] = moment
    if event.kind == .back {
      let answer = judge.arrived(event, at: moment)
      if answer == .waits { silent.insert(event.n) }
      return answer
    }
    guard event.isAction else { return .accepted }
    let frame = event.parent ?? Judge.outside
    if silent.contains(frame) {
      let reason = "the application acted before the bytes that it needs were all there"
      return .diverged(judge.diverge(.extra, happened: event.member, reason: reason))
    }
    return judge.acted(event, at: moment, in: frame)
  }

  /// Tells that an event has ended.
  ///
  /// - Parameters:
  ///   - n: The event's number in the run.
  ///   - outcome: What it came to.
  ///   - at: When it had surely ended, in nanoseconds.
  /// - Returns: `accepted`, or the divergence.
  public mutating func ended(_ n: Int, _ outcome: Recording.Outcome, at: Int) -> Judge.Answer {
    capture?.append(.ended(n, outcome, at: at))
    moments[n] = nil
    silent.remove(n)
    return judge.calls[n] != nil ? judge.ended(n, outcome, at: at) : judge.left(n, outcome)
  }

  /// What the application does next in a frame; see ``Judge/nextAction(in:)``.
  ///
  /// - Parameter frame: The number of a callback under way in the run, or ``Judge/outside``.
  /// - Returns: The recorded action, nil when it has done all that it can there.
  public mutating func nextAction(in frame: Int) -> Recording.Event? { judge.nextAction(in: frame) }

  /// Says that something else went wrong; see ``Judge/diverge(_:happened:reason:)``.
  ///
  /// - Parameters:
  ///   - rule: What was broken.
  ///   - happened: What happened, in one line.
  ///   - reason: Why that is wrong, in one line.
  /// - Returns: The divergence that counts.
  @discardableResult
  public mutating func diverge(_ rule: Judgement.Rule, happened: String, reason: String) -> Judgement.Divergence {
    judge.diverge(rule, happened: happened, reason: reason)
  }

  /// A timer was moved because it must not fire yet; see ``Judge/putOff(_:by:)``.
  ///
  /// - Parameters:
  ///   - live: The timer's name in the run.
  ///   - seconds: By how much it was moved.
  public mutating func putOff(_ live: String, by seconds: Double) {
    capture?.append(.putOff(live, by: seconds))
    judge.putOff(live, by: seconds)
  }

  /// The run is over; see ``Judge/finish(_:)``.
  ///
  /// - Parameter leftovers: What the run left, nil where the caller cannot tell.
  /// - Returns: The judgement.
  public mutating func finish(_ leftovers: Judge.Leftovers? = nil) -> Judgement {
    capture?.leftovers = leftovers
    return judge.finish(leftovers)
  }

  /// An action that has ended stands for as many equal ones as its recording says.
  mutating func repeated(_ event: Recording.Event) {
    guard let fold = event.fold, event.isAction else { return }
    _ = judge.repeated(event.n, times: fold.times, in: event.parent ?? Judge.outside)
  }

  /// All that the application does outside callbacks must have been done by now.
  mutating func applicationEnded() { _ = judge.left(Judge.outside, .opened) }
}

/// Judges one recording as a run of another, by the rules of a replay; nothing is run.
///
/// - Parameters:
///   - expected: What is expected.
///   - happened: The recording that counts as the run.
///   - disabled: Freedoms that may not be used.
/// - Returns: The judgement.
public func compare(_ expected: Recording, _ happened: Recording, disabled: Set<Freedom> = []) -> Judgement {
  // Of tunnels everything is deterministic, and no freedom is used.
  if expected.header.features.contains("pair") { return StrictJudge.compare(expected, happened) }
  var run = JudgedRun(of: expected, disabled: disabled)
  for (place, step) in happened.steps.enumerated() {
    guard run.judge.divergence == nil else { break }
    guard let event = happened[step.n] else { continue }
    if step.opens {
      _ = run.began(event)
    } else {
      // When a crossing had surely ended, for want of a better clock: at the next opening.
      let next = happened.steps[place...].first(where: \.opens).flatMap { happened[$0.n] }
      _ = run.ended(event.n, event.outcome, at: next?.at ?? event.at)
      run.repeated(event)
    }
  }
  if run.judge.divergence == nil, happened.isComplete { run.applicationEnded() }
  return run.finish()
}
