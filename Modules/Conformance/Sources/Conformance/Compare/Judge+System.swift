// What the system does in a run: which recorded event a callback is.

extension Judge {
  /// A callback arrives: finds the recorded event it is, and judges it.
  mutating func arrived(_ arrival: Recording.Event, at moment: Moment) -> Answer {
    if let divergence { return .diverged(divergence) }
    happened += 1
    if moment.turn != nil { timing.hasTurned = true }
    let target = recordedName(of: arrival.target)
    if let target, streams[target] != nil {
      if arrival.method == "dataReceived" { return received(arrival, at: moment, by: target) }
      if arrival.method == "connectionLost" { cutTail(of: target) }
    }
    switch find(arrival, target, moment) {
    case .event(let n): return consume([n], arrival, at: moment)
    case .nothing(let divergence): return .diverged(divergence)
    }
  }

  // Which event it is.

  private enum Found {
    case event(Int)
    case nothing(Judgement.Divergence)
  }

  private func liveKey(_ arrival: Recording.Event, _ target: String?) -> Key? {
    if let of = arrival.of { return recordedName(of: of).map { Key(place: .of($0), method: arrival.method) } }
    if Agreement.isNameless(arrival.target) {
      return Key(place: .inside(recordedParent(arrival)), method: arrival.method)
    }
    return target.map { Key(place: .object($0), method: arrival.method) }
  }

  /// The recorded event around a live one; 0, which is none, where that is not known.
  private func recordedParent(_ arrival: Recording.Event) -> Int? {
    arrival.parent.map { calls[$0]?.n ?? 0 }
  }

  /// The recorded event that an arrival is: the next one of its strand, chosen by cause where several could be.
  private mutating func find(
    _ arrival: Recording.Event, _ target: String?, _ moment: Moment
  ) -> Found {
    let all = liveKey(arrival, target).flatMap { listed[$0] } ?? []
    let open = all.filter { !isDone($0) }
    let heads = open.filter { progressOf[strand(of: $0)]?.next == $0 }
    let placed = heads.filter { isSamePlace($0, arrival) }
    var differences: [(n: Int, difference: Difference)] = []
    for n in preferred(placed.filter { isSameCause($0, arrival) }, arrival, moment) {
      guard let difference = tried(n, arrival) else { return .event(n) }
      differences.append((n, difference))
    }
    if let again = again(all, arrival) { return .event(again) }

    let seen = arrival.invocation
    if let (n, difference) = differences.first {
      return .nothing(diverge(.arguments, n, seen, difference.description))
    }
    if let n = placed.first {
      return .nothing(diverge(.edge("accept"), n, seen, "this connection comes from another attempt to connect"))
    }
    if let n = heads.first {
      return .nothing(diverge(.edge("tree"), n, seen, "it came inside another call than the recorded one"))
    }
    if let n = open.first {
      let strand = strand(of: n)
      let first = progressOf[strand]?.next
      return .nothing(
        diverge(
          .strand(strand), first, seen,
          "event \(n) must come after event \(first.map(String.init) ?? "none") of its strand"))
    }
    return .nothing(diverge(.extra, expectedNear(target), seen, "no such callback was expected any more"))
  }

  func strand(of n: Int) -> String { strands.ofCallback[n] ?? "" }

  private func isSamePlace(_ n: Int, _ arrival: Recording.Event) -> Bool {
    guard let event = recording[n] else { return false }
    return event.parent == recordedParent(arrival) && (event.thread == nil) == (arrival.thread == nil)
  }

  /// Whether an arrival with a known cause has the recorded event's cause.
  private func isSameCause(_ n: Int, _ arrival: Recording.Event) -> Bool {
    guard let event = recording[n], event.method == "buildProtocol", !event.after.isEmpty, !arrival.after.isEmpty else {
      return true
    }
    return arrival.after.contains { live in calls[live].map { event.after.contains($0.n) } ?? false }
  }

  /// Candidates in the order to try: of the strand that this dispatch has just been in, then as recorded.
  private func preferred(_ candidates: [Int], _ arrival: Recording.Event, _ moment: Moment) -> [Int] {
    guard let last = lastDispatch, last.parent == arrival.parent, last.turn == moment.turn, last.phase == moment.phase
    else { return candidates }
    return candidates.filter { strand(of: $0) == last.strand } + candidates.filter { strand(of: $0) != last.strand }
  }

  /// How an arrival's arguments differ from an event's; binds nothing.
  private mutating func tried(_ n: Int, _ arrival: Recording.Event) -> Difference? {
    let mark = agreement.bindings.mark
    defer { agreement.bindings.undo(to: mark) }
    return agreement.arguments(recording[n]?.args ?? [:], arrival.args)
  }

  /// The callback that should have come next, for the report.
  private func expectedNear(_ target: String?) -> Int? {
    let open = callbacks[callbacksHead...].lazy.filter { !isDone($0) }
    guard let target else { return open.first { _ in true } }
    let own = strands.ofObject[target]
    return open.first { n in recording[n]?.target == target || strand(of: n) == own } ?? open.first { _ in true }
  }

  // Folds.

  /// A folded callback that comes once more.
  private mutating func again(_ all: [Int], _ arrival: Recording.Event) -> Int? {
    for n in all where recording[n]?.fold != nil && progressOf[strand(of: n)]?.folded == n {
      if isSamePlace(n, arrival), tried(n, arrival) == nil, agreement.freedoms.use(.repeatCount) {
        rearm(n)
        return n
      }
    }
    return nil
  }

  /// A folded callback happens again, and all that is inside it.
  mutating func rearm(_ n: Int) {
    rearm(recording.subtree(n), from: n)
  }

  /// All that is inside a folded event happens again.
  mutating func rearm(below n: Int) {
    rearm(recording.subtree(n).filter { $0 != n }, from: n)
  }

  private mutating func rearm(_ events: [Int], from n: Int) {
    for inside in events {
      done[inside] = false
      guard recording[inside]?.kind == .back else { continue }
      let strand = strand(of: inside)
      guard let progress = progressOf[strand] else { continue }
      progressOf[strand]?.head = min(progress.head, progress.callbacks.partition(before: inside))
    }
    callbacksHead = min(callbacksHead, callbacks.partition(before: n))
    loopLevelHead = min(loopLevelHead, loopLevel.partition(before: n))
  }

  // Taking it in.

  /// Judges the order and the moment of a callback that completes recorded events, and takes it in.
  mutating func consume(_ events: [Int], _ arrival: Recording.Event, at moment: Moment) -> Answer {
    guard let n = events.last, let event = recording[n] else { return .waits }
    if let problem = outOfOrder(event, arrival) ?? outOfTime(event, arrival, moment) { return .diverged(problem) }
    if event.method != "dataReceived", let difference = agreement.arguments(event.args, arrival.args) {
      return .diverged(diverge(.arguments, n, arrival.invocation, difference.description))
    }
    if let of = event.of { timing.fired(of) }
    for done in events { take(done) }
    agreement.bindings.events[arrival.n] = n
    lastDispatch = Dispatch(strand: strand(of: n), parent: arrival.parent, turn: moment.turn, phase: moment.phase)
    let script = Script(events.flatMap { recording.script(of: $0) }, in: recording)
    frames[arrival.n] = Frame(events: events, script: script)
    return .matched(event: n)
  }

  mutating func take(_ n: Int) {
    let strand = strand(of: n)
    done[n] = true
    if var progress = progressOf[strand] {
      progress.head = progress.callbacks.partition(before: n) + 1
      if recording[n]?.fold != nil {
        progress.folded = n
      } else if let folded = progress.folded, !recording.isWithin(n, folded) {
        progress.folded = nil
      }
      progressOf[strand] = progress
    }
    for name in streamsByStrand[strand] ?? [] { streams[name]?.happened(n) }
    advance()
  }

  mutating func advance() {
    while callbacksHead < callbacks.count, isDone(callbacks[callbacksHead]) { callbacksHead += 1 }
    while loopLevelHead < loopLevel.count, isDone(loopLevel[loopLevelHead]) { loopLevelHead += 1 }
  }
}
