/// The triggers of one event.
///
/// Mirrors `twisted.internet.base._ThreePhaseEvent`.
///
/// It calls nothing itself: whoever fires the event takes one trigger after the other. Each is taken once, so a trigger that
/// is added to a phase that has not ended yet is still called in this firing.
struct ThreePhaseEvent {
  /// How a removal went.
  enum Removal {
    case removed
    /// A `before` trigger of the firing that is going on has already been called: no error yet, but bad manners.
    case alreadyCalled
  }

  private enum State {
    case base
    /// The `before` triggers are being called, or their Deferreds waited for.
    case before(called: [TriggerID])
  }

  private var state = State.base
  private var triggers: [TriggerPhase: [TriggerID]] = [:]

  /// Adds a trigger at the end of its phase.
  mutating func add(_ trigger: TriggerID) {
    triggers[trigger.phase, default: []].append(trigger)
  }

  /// Removes the first trigger of the same phase and callable.
  mutating func remove(_ trigger: TriggerID) throws(TriggerError) -> Removal {
    if trigger.phase == .before, case .before(let called) = state,
      called.contains(where: { $0.callable === trigger.callable })
    {
      return .alreadyCalled
    }
    guard let index = triggers[trigger.phase]?.firstIndex(where: { $0.callable === trigger.callable }) else {
      throw .alreadyRemoved
    }
    triggers[trigger.phase]?.remove(at: index)
    return .removed
  }

  /// Begins a firing.
  ///
  /// - Returns: What ``endBefore()`` returns of one that still waits.
  mutating func begin() -> [TriggerID] {
    let called = endBefore()
    state = .before(called: [])
    return called
  }

  /// Ends the wait for the `before` phase.
  ///
  /// - Returns: The triggers that were called, for the caller to let go of: what goes with them may use the reactor.
  mutating func endBefore() -> [TriggerID] {
    guard case .before(let called) = state else { return [] }
    state = .base
    return called
  }

  /// Takes the next trigger of a phase out.
  mutating func next(_ phase: TriggerPhase) -> TriggerID? {
    guard let first = triggers[phase]?.first else { return nil }
    triggers[phase]?.removeFirst()
    if phase == .before, case .before(var called) = state {
      called.append(first)
      state = .before(called: called)
    }
    return first
  }
}
