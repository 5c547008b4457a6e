extension Reactor: ReactorTime {
  /// The time by the reactor's clock: the time of day when the reactor was made, moved on by a clock that never steps.
  ///
  /// - Returns: Seconds since the beginning of 1970 in UTC.
  public func seconds() -> Double {
    call(self, "seconds", gives: { .double($0) }) { Double(epoch.addingSaturated(nanoseconds())) / 1e9 }
  }

  /// Schedules a call in the timer step of a turn.
  ///
  /// With a delay of 0 the call is made in this turn when it is scheduled by a call from a thread, and else in the next.
  /// What it throws is logged. Mirrors `twisted.internet.interfaces.IReactorTime.callLater`.
  ///
  /// - Parameters:
  ///   - delay: How long from now; longer than 292 years is as long as that.
  ///   - callable: What is called.
  /// - Returns: The call, to be cancelled, reset or delayed.
  /// - Throws: ``DelayError/negative`` for a delay below zero.
  @discardableResult
  public func callLater(_ delay: Duration, _ callable: Callable) throws(DelayError) -> DelayedCall {
    try call(
      self, "callLater",
      [BoundaryArgument("delay", .duration(delay)), BoundaryArgument("callable", .callable(callable))],
      gives: { .object($0, .timer) }
    ) { () throws(DelayError) in
      guard delay >= .zero else { throw .negative }
      return schedule(after: delay.nanoseconds, callable)
    }
  }

  /// The calls that are scheduled, in no order.
  ///
  /// - Returns: Those neither made nor cancelled, the reactor's own among them.
  public func getDelayedCalls() -> [DelayedCall] {
    call(self, "getDelayedCalls", gives: { .set($0.map { .object($0, .timer) }) }) { delayedCalls.active }
  }

  /// Schedules a call of the reactor's own, which nobody is told about when it is made.
  @discardableResult
  package func callLaterInternally(_ delay: Duration, _ body: @escaping () throws -> Void) -> DelayedCall {
    schedule(after: max(0, delay.nanoseconds), .internalFunction(body))
  }

  private func schedule(after delay: Int64, _ callable: Callable) -> DelayedCall {
    let call = DelayedCall(
      at: nanoseconds().addingSaturated(delay), sequence: callsScheduled, epoch: epoch, scheduler: self, callable)
    callsScheduled += 1
    delayedCalls.add(call)
    return call
  }

  /// Step 2 of the turn: makes the calls that are due now; those that become due meanwhile wait for the next turn.
  func runDelayedCalls() {
    delayedCalls.insertNew()
    // Without a call there is no need to ask for the time.
    guard delayedCalls.firstTime != nil else { return }
    let now = nanoseconds()
    while let call = delayedCalls.popDue(at: now) {
      guard let callable = call.take() else { continue }
      do {
        _ = try fire(callable, of: call)
      } catch {
        log(.critical, "while handling timed call", error: error)
      }
    }
    delayedCalls.purge()
  }

  /// Has the reactor's own calls do nothing: nobody makes them any more, and they would hold connectors and factories.
  ///
  /// The application's stay as they are.
  func forgetOwnCalls() {
    let own = delayedCalls.active.filter { $0 !== continuous.tick }
    let released = (own.compactMap { $0.forget() }, resolution.system.forget())
    withExtendedLifetime(released) {}
  }

  /// How long the poll may wait for the next delayed call, in milliseconds, rounded up; `nil` is for ever.
  func millisecondsToNextDelayedCall() -> Int32? {
    delayedCalls.insertNew()
    guard let time = delayedCalls.firstTime else { return nil }
    return Self.milliseconds(time.subtractingSaturated(nanoseconds()))
  }

  /// Nanoseconds as a poll's time-out: rounded up, within what it can say.
  static func milliseconds(_ nanoseconds: Int64) -> Int32 {
    guard nanoseconds > 0 else { return 0 }
    return Int32(clamping: (nanoseconds - 1) / 1_000_000 + 1)
  }
}

extension Reactor: DelayedCallScheduler {
  func nanoseconds() -> Int64 { io.monotonicTime() }

  func willCancel(_ call: DelayedCall) { delayedCalls.noteCancellation() }

  func didMoveSooner(_ call: DelayedCall) { delayedCalls.moveSooner(call) }
}

extension Reactor {
  /// How many calls its heap holds, cancelled ones included.
  package var heapCount: Int { delayedCalls.count }
}
