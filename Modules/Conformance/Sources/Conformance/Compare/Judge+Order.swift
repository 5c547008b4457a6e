// Whether a callback comes in its order and in its time.

extension Judge {
  /// The live timers that must not fire yet, though they may be due.
  ///
  /// A run may be slower than its recording. What the recording has before a timer's firing comes first here too, and a timer
  /// that was cancelled in time, or never fired, does not fire.
  public var heldTimers: Set<String> {
    let first = min(firstAwaited ?? .max, actors.compactMap(\.next).min() ?? .max)
    var held: Set<String> = []
    for (name, timer) in timing.pending where timer.delay > 0 {
      guard let live = liveName(of: name) else { continue }
      if let fires = firing[name], first >= fires { continue }
      held.insert(live)
    }
    return held
  }

  /// A timer was moved because it must not fire yet: it is due so much later.
  ///
  /// - Parameters:
  ///   - live: The timer's name in the run.
  ///   - seconds: By how much it was moved.
  public mutating func putOff(_ live: String, by seconds: Double) {
    if let name = recordedName(of: live) { timing.putOff(name, by: seconds) }
  }

  /// The first callback of the loop that has not come and does not wait for a clock.
  private var firstAwaited: Int? {
    loopLevel[loopLevelHead...].first { n in
      guard !isDone(n), let event = recording[n], timer(event) == nil else { return false }
      return event.method != "dataReceived" || !aborted.contains(strand(of: n))
    }
  }

  /// What comes next from outside, once all has come that the loop dispatched before it in the recording.
  ///
  /// - Returns: The recorded step of a peer or call of a signal's handler, nil where nothing may come yet.
  public var nextOfActor: Recording.Event? {
    guard divergence == nil, let n = actors.compactMap(\.next).min(), let event = recording[n],
      let loop = event.parent, isDone(loop)
    else { return nil }
    for before in loopLevel[loopLevelHead...] {
      if before >= n { break }
      let isTail = recording[before]?.method == "dataReceived" && aborted.contains(strand(of: before))
      if !isDone(before), !isTail { return nil }
    }
    return event
  }

  /// Whether this callback overtakes one that must come first.
  mutating func outOfOrder(_ event: Recording.Event, _ arrival: Recording.Event) -> Judgement.Divergence? {
    guard recording.isLoopLevel(event) else { return nil }
    let own = strand(of: event.n)
    var past: Edges.Past?
    for n in loopLevel[loopLevelHead...] {
      if n >= event.n { break }
      guard !isDone(n), strand(of: n) != own, let before = recording[n] else { continue }
      let isTail = before.method == "dataReceived" && aborted.contains(strand(of: n))
      if isTail || isCutOff(event), agreement.freedoms.use(.abortTail) { continue }
      let known = past ?? edges.past(of: event.n, downTo: n)
      past = known
      let path = known.contains(n) ? edges.path(from: n, to: event.n) : []
      if let last = path.last {
        var names: [String] = []
        for edge in path where !names.contains(edge.name.rawValue) { names.append(edge.name.rawValue) }
        return diverge(
          .edge(last.name.rawValue), n, arrival.invocation,
          "event \(event.n) must come after event \(n) (edges: \(names.joined(separator: ", ")))")
      }
      if mayOvertake(before, event) { continue }
      let rule = timer(before) != nil && timer(event) != nil ? Judgement.Rule.edge("timer") : .order
      return diverge(
        rule, n, arrival.invocation, "event \(event.n) came before event \(n), and no freedom lets it")
    }
    return nil
  }

  /// Whether these are bytes that the recording has after the other end aborted: they may come at any time.
  private func isCutOff(_ event: Recording.Event) -> Bool {
    guard event.method == "dataReceived", let cut = streams[event.target]?.cutAt else { return false }
    return event.n > cut
  }

  private mutating func mayOvertake(_ before: Recording.Event, _ after: Recording.Event) -> Bool {
    if let one = timer(before), let other = timer(after), before.thread == after.thread {
      if timing.pending[one] != nil {
        return timing.precedes(other, one) || (timing.indistinct(one, other) && agreement.freedoms.use(.equalDue))
      }
    }
    if let one = before.of, let other = after.of, timing.queue.contains(one), timing.queue.contains(other) {
      return true  // Which of both was asked for first decides `outOfTime`.
    }
    guard let freedom = Freedoms.toSwap(before, after, waited: drift.of(before.n).union(drift.of(after.n))) else {
      return false
    }
    return agreement.freedoms.use(freedom)
  }

  /// The timer that a callback is a firing of.
  private func timer(_ event: Recording.Event) -> String? {
    event.of.flatMap { Vocabulary.kind(ofObject: $0) == "timer" ? $0 : nil }
  }

  mutating func outOfTime(
    _ event: Recording.Event, _ arrival: Recording.Event, _ moment: Moment
  ) -> Judgement.Divergence? {
    let isLoopLevel = recording.isLoopLevel(event)
    let seen = arrival.invocation
    if isLoopLevel, event.phase != moment.phase {
      let phases = "expected in the \(event.phase ?? "no") phase, came in \(moment.phase ?? "none")"
      return diverge(.phase, event.n, seen, phases)
    }
    if let timer = timer(event) {
      let early = timing.early(timer, at: moment.at)
      if early > 0, !(early <= Timing.rounding && agreement.freedoms.use(.clockRounding)) {
        return diverge(.due, event.n, seen, "it came \(CanonicalText.number(early / 1e9)) s before it was due")
      }
      if let other = timing.overtaken(timer) {
        return diverge(.edge("timer"), event.n, seen, "\(other) was due before \(timer) and has not fired")
      }
      if let turn = timing.dueTurn(timer), recordedTiming.punctual.contains(timer), moment.turn != turn {
        let turns = "it fires in turn \(turn), not \(moment.turn.map(String.init) ?? "outside of one")"
        return diverge(.edge("turn"), event.n, seen, "asked for with no delay, \(turns)")
      }
    }
    if let of = event.of, let first = timing.queue.first, first != of, timing.queue.contains(of) {
      return diverge(.edge("thread"), event.n, seen, "\(first) was asked for before \(of)")
    }
    if moment.phase == "shutdown", isLoopLevel {
      if let turn = timing.shutdownTurn, recordedTiming.stopsInTurn, moment.turn != turn {
        let turns = "turn \(turn) after this stop, not \(moment.turn.map(String.init) ?? "outside of one")"
        return diverge(.edge("turn"), event.n, seen, "shutdown begins in \(turns)")
      }
      timing.shutDown()
    }
    return nil
  }
}
