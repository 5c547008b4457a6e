extension Reactor {
  /// Calls a function once the reactor runs: now if it does, else in the startup event's `after` phase.
  ///
  /// Mirrors `twisted.internet.interfaces.IReactorCore.callWhenRunning`.
  ///
  /// - Parameter callable: What is called.
  /// - Returns: The id of a trigger that was added, or `nil` when the function was called inside this call.
  /// - Throws: What the function throws when it is called inside this call.
  @discardableResult
  public func callWhenRunning(_ callable: Callable) throws -> TriggerID? {
    try call(
      self, "callWhenRunning", [BoundaryArgument("callable", .callable(callable))],
      gives: { $0.map { .object($0, .trigger) } ?? .none }
    ) { () throws -> TriggerID? in
      guard lifecycle.isRunning else { return addTrigger(.after, .startup, callable) }
      _ = try fire(callable, of: nil)
      return nil
    }
  }

  /// Calls a closure once the reactor runs: now if it does, else in the startup event's `after` phase.
  ///
  /// - Parameter body: What is called.
  /// - Returns: The id of a trigger that was added, or `nil` when the closure was called inside this call.
  /// - Throws: What the closure throws when it is called inside this call.
  @discardableResult
  public func callWhenRunning(_ body: @escaping () throws -> Void) throws -> TriggerID? {
    try callWhenRunning(Callable(body))
  }

  /// Fires an event: its `before` triggers, and once all Deferreds that these returned have fired, `during` and `after`.
  ///
  /// Without such Deferreds all of it happens inside this call. Each trigger is called once, in the order of addition; what
  /// it throws is logged. Mirrors `twisted.internet.interfaces.IReactorCore.fireSystemEvent`.
  ///
  /// - Parameter event: The event; one without triggers does nothing.
  public func fireSystemEvent(_ event: SystemEvent) {
    call(self, "fireSystemEvent", [BoundaryArgument("eventType", .text(event.description))]) {
      fireInternally(event)
    }
  }

  /// Adds a trigger to an event.
  ///
  /// Mirrors `twisted.internet.interfaces.IReactorCore.addSystemEventTrigger`.
  ///
  /// - Parameters:
  ///   - phase: When in the course of the event it is called.
  ///   - event: The event.
  ///   - callable: What is called, once. A Deferred that it returns counts in the `before` phase only.
  /// - Returns: An id to remove it by.
  @discardableResult
  public func addSystemEventTrigger(_ phase: TriggerPhase, _ event: SystemEvent, _ callable: Callable) -> TriggerID {
    call(
      self, "addSystemEventTrigger",
      [
        BoundaryArgument("phase", .text(phase.rawValue)), BoundaryArgument("eventType", .text(event.description)),
        BoundaryArgument("callable", .callable(callable)),
      ],
      gives: { .object($0, .trigger) }
    ) { addTrigger(phase, event, callable) }
  }

  /// Adds a trigger to an event.
  ///
  /// - Parameters:
  ///   - phase: When in the course of the event it is called.
  ///   - event: The event.
  ///   - body: What is called, once.
  /// - Returns: An id to remove it by.
  @discardableResult
  public func addSystemEventTrigger(
    _ phase: TriggerPhase, _ event: SystemEvent, _ body: @escaping () throws -> Void
  ) -> TriggerID {
    addSystemEventTrigger(phase, event, Callable(body))
  }

  /// Adds a trigger to the `before` phase of an event that may hold the phases that follow.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - body: What is called, once. The event goes on when the Deferred that it returns, if any, has fired.
  /// - Returns: An id to remove it by.
  @discardableResult
  public func addSystemEventTrigger(
    holding event: SystemEvent, _ body: @escaping () throws -> Deferred<Void>?
  ) -> TriggerID {
    addSystemEventTrigger(.before, event, .holding(body))
  }

  /// Removes a trigger that has not been called.
  ///
  /// A `before` trigger that has been called in a firing still going on is removed already, and only logged. Mirrors
  /// `twisted.internet.interfaces.IReactorCore.removeSystemEventTrigger`.
  ///
  /// - Parameter id: What `addSystemEventTrigger` or `callWhenRunning` gave.
  /// - Throws: ``TriggerError/alreadyRemoved`` when it was called or removed, and ``TriggerError/unknownEvent`` when this
  ///   reactor has never had a trigger for its event.
  public func removeSystemEventTrigger(_ id: TriggerID) throws(TriggerError) {
    try call(self, "removeSystemEventTrigger", [BoundaryArgument("triggerID", .object(id, .trigger))]) {
      () throws(TriggerError) in try removeTrigger(id)
    }
  }

  func addTrigger(_ phase: TriggerPhase, _ event: SystemEvent, _ callable: Callable) -> TriggerID {
    let trigger = TriggerID(event, phase, callable)
    events[event, default: ThreePhaseEvent()].add(trigger)
    return trigger
  }

  func removeTrigger(_ id: TriggerID) throws(TriggerError) {
    switch try events[id.event]?.remove(id) {
    case nil: throw .unknownEvent
    case .removed: return
    case .alreadyCalled:
      log(.warn, "Removing already-fired system event triggers will be an error in a future version.")
    }
  }

  /// Adds a trigger of the reactor's own.
  @discardableResult
  func addInternalTrigger(
    _ phase: TriggerPhase, _ event: SystemEvent, _ body: @escaping () throws -> Void
  ) -> TriggerID {
    addTrigger(phase, event, .internalFunction(body))
  }

  /// The triggers that every reactor begins with.
  func addOwnTriggers() {
    addStartTrigger()
    addInternalTrigger(.during, .shutdown) { [unowned self] in crash() }
    addInternalTrigger(.during, .shutdown) { [unowned self] in
      lifecycle.shutDown()
      loseAll()
    }
  }

  /// What makes the reactor run; `crash` adds it again, because every trigger is called once.
  func addStartTrigger() {
    addInternalTrigger(.during, .startup) { [unowned self] in
      lifecycle.becomeRunning()
      installSignals()
    }
  }

  func fireInternally(_ event: SystemEvent) {
    guard events[event] != nil else { return }
    withExtendedLifetime(events[event]?.begin()) {}
    var waits: [Deferred<Void>] = []
    while let trigger = events[event]?.next(.before) {
      if let deferred = callTrigger(trigger) { waits.append(deferred) }
    }
    var pending = 1
    // Each Deferred counts once, and so does having asked them all.
    let release = { [weak self] in
      pending -= 1
      if pending == 0 { self?.continueFiring(event) }
    }
    pending += waits.count
    for deferred in waits {
      // An error does not hold the event, and stays unhandled.
      if deferred.unhandledErrors == nil { deferred.unhandledErrors = sink }
      deferred.observe { _ in release() }
    }
    release()
  }

  private func continueFiring(_ event: SystemEvent) {
    withExtendedLifetime(events[event]?.endBefore()) {}
    for phase in [TriggerPhase.during, .after] {
      while let trigger = events[event]?.next(phase) { _ = callTrigger(trigger) }
    }
  }

  private func callTrigger(_ trigger: TriggerID) -> Deferred<Void>? {
    do {
      return try fire(trigger.callable, of: trigger)
    } catch {
      log(.critical, "While calling system event trigger handler", error: error)
      return nil
    }
  }
}
