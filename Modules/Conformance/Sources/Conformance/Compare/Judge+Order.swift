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
      if let fires = firing[name], first >= fires || isOneBatch(first, fires) { continue }
      held.insert(live)
    }
    for case (let name, let next?) in recordedTiming.unseen where first < next {
      if let live = liveName(of: name) { held.insert(live) }
    }
    return held
  }

  /// The timers that the loop took in one go in the recording.
  public struct Batch: Sendable {
    /// Their names in the run.
    public fileprivate(set) var timers: Set<String> = []
    /// Whether the loop comes to it when it next looks at its timers, and not only when one of these is due.
    public fileprivate(set) var isNext = false
    /// Where it ends among the loop's callbacks.
    fileprivate var end: Int
  }

  /// What has to be due together when the loop looks at its timers.
  ///
  /// Of timers that fire in one turn, each sees what the others asked for in the next turn at the earliest; and what fires in
  /// the turn in which the loop ends may not be left behind. A run may be faster than its recording, its timers further apart.
  ///
  /// - Parameter last: The batch before; nil for the first.
  /// - Returns: The timers of the batch that are pending, nil where the loop comes to something else than timers.
  public func batch(after last: Batch? = nil) -> Batch? {
    var place = last?.end ?? loopLevelHead
    while place < loopLevel.count, isSettled(loopLevel[place]) { place += 1 }
    guard place < loopLevel.count, let head = recording[loopLevel[place]], head.phase == "timer" else { return nil }
    var batch = Batch(isNext: last == nil && (timer(head) == nil || timing.isStopping), end: place)
    while batch.end < loopLevel.count, isOneBatch(head.n, loopLevel[batch.end]) {
      let n = loopLevel[batch.end]
      batch.end += 1
      guard !isSettled(n), let name = recording[n].flatMap(timer), let live = liveName(of: name) else { continue }
      guard let pending = timing.pending[name], pending.delay > 0, !isToBeMoved(name, before: n) else { continue }
      batch.timers.insert(live)
    }
    return batch
  }

  /// Whether a timer is moved yet before it fires: until then nobody knows when it is due.
  private func isToBeMoved(_ timer: String, before firing: Int) -> Bool {
    recordedTiming.moves[timer]?.contains { $0 < firing && !isDone($0) } ?? false
  }

  /// Whether a callback has come, or need not come any more.
  private func isSettled(_ n: Int) -> Bool {
    isDone(n) || (recording[n]?.method == "dataReceived" && aborted.contains(strand(of: n)))
  }

  /// Whether the loop came to two callbacks in the same look at its timers.
  private func isOneBatch(_ one: Int, _ other: Int) -> Bool {
    guard let one = recording[one], let other = recording[other] else { return false }
    return one.phase == "timer" && other.phase == "timer" && one.turn == other.turn && one.parent == other.parent
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
      if mayOvertake(before, event, known) { continue }
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

  private mutating func mayOvertake(
    _ before: Recording.Event, _ after: Recording.Event, _ past: Edges.Past
  ) -> Bool {
    if let one = timer(before), let other = timer(after), before.thread == after.thread {
      if timing.pending[one] != nil {
        return timing.precedes(other, one) || (timing.indistinct(one, other) && agreement.freedoms.use(.equalDue))
      }
    }
    if let one = before.of, let other = after.of, timing.queue.contains(one), timing.queue.contains(other) {
      return true  // Which of both was asked for first decides `outOfTime`.
    }
    if let freedom = Freedoms.toSwap(before, after, waited: drift.of(before.n).union(drift.of(after.n))) {
      return agreement.freedoms.use(freedom)
    }
    return followsInput(before, after, past) && agreement.freedoms.use(.crossStrand)
  }

  /// Whether one of two callbacks is what the loop does by itself about input that came on the other side of the other one.
  ///
  /// Which input a poll finds together is the kernel's to say. Where one overtook another, what comes of it in the next turn does.
  private func followsInput(_ before: Recording.Event, _ after: Recording.Event, _ past: Edges.Past) -> Bool {
    switch (before.phase, after.phase) {
    case ("io", "timer"):
      past.contains { $0 > before.n && $0 < after.n && isInput($0) }
    case ("timer", "io"):
      edges.past(of: before.n, downTo: loopLevel[loopLevelHead]).contains { !isDone($0) && isInput($0) }
    default:
      false
    }
  }

  private func isInput(_ n: Int) -> Bool {
    recording[n].map { $0.kind == .back && $0.phase == "io" && recording.isLoopLevel($0) } ?? false
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
