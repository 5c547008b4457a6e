// Alterations of the order across strands, of phases and of turns.

extension Alterations {
  /// Two neighbours of different strands change places in the run.
  ///
  /// It is free when no path of edges leads from the one to the other, or from what is inside them, and the phases that they
  /// stand in have a freedom.
  func exchanged(_ sink: Sink) throws {
    guard !isStrict else { return }
    let callbacks = original.callbacks.filter { original.isLoopLevel($0) }
    for (a, b) in zip(callbacks, callbacks.dropFirst())
    where a.parent == b.parent && strands.strand(of: a) != strands.strand(of: b) {
      guard let changed = exchange(a.n, b.n) else { continue }
      try sink(
        Alteration(n: a.n, what: "\(a.member) and \(b.member)", rows: changed, equivalent: freedom(a, b)))
    }
  }

  private func freedom(_ a: Recording.Event, _ b: Recording.Event) -> Mutant.Equivalence? {
    if isCutOff(a) || isCutOff(b) { return .freedom(.abortTail) }
    for later in original.subtree(b.n) {
      let past = edges.past(of: later, downTo: a.n)
      if original.subtree(a.n).contains(where: past.contains) { return nil }
    }
    return Freedoms.toSwap(a, b, waited: drift.of(a.n).union(drift.of(b.n))).map { .freedom($0) }
  }

  /// Whether these are bytes that come after the other end aborted: when they are read is the kernel's to decide.
  private func isCutOff(_ event: Recording.Event) -> Bool {
    guard event.method == "dataReceived", let cut = streams[event.target]?.cutAt else { return false }
    return event.n > cut
  }

  /// A callback of the loop comes in another phase.
  func phases(_ sink: Sink) throws {
    for event in original.callbacks where original.isLoopLevel(event) {
      guard let phase = event.phase, let place = opening[event.n] else { continue }
      let other = phase == "io" ? "timer" : "io"
      var changed = rows
      changed[place].event.fields["phase"] = .word(other)
      try sink(Alteration(n: event.n, what: "\(event.member) in \(other)", rows: changed))
    }
  }

  /// What the recording has in the turn that the reactor promises comes a turn later in the run.
  ///
  /// That is a timer of no delay, and the beginning of the shutdown; of other callbacks the turn is not compared.
  func turns(_ sink: Sink) throws {
    var isShuttingDown = false
    for event in original.callbacks where original.isLoopLevel(event) {
      let isPromised = timing.promisesShutdown && timing.stopsInTurn
      let isFirstOfShutdown = event.phase == "shutdown" && !isShuttingDown && isPromised
      if event.phase == "shutdown" { isShuttingDown = true }
      guard let turn = event.turn, let place = opening[event.n] else { continue }
      guard isFirstOfShutdown || event.of.map(timing.punctual.contains) ?? false else { continue }
      var changed = rows
      changed[place].event.fields["turn"] = .int(turn + 1)
      try sink(Alteration(n: event.n, what: event.member, rows: changed))
    }
  }
}
