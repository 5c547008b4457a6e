/// What keeps delayed calls in their order: a reactor, or a clock turned by hand.
protocol DelayedCallScheduler: AnyObject {
  /// The time now, in nanoseconds on this clock.
  func nanoseconds() -> Int64
  /// A call that is about to be cancelled.
  func willCancel(_ call: DelayedCall)
  /// A call whose stored time has become earlier.
  func didMoveSooner(_ call: DelayedCall)
  /// The boundary that its calls cross.
  var boundary: Boundary? { get }
}

/// A call that `callLater` has scheduled.
///
/// Mirrors `twisted.internet.interfaces.IDelayedCall`.
///
/// While the call is being made it already counts as made.
public final class DelayedCall {
  private enum State {
    case waiting(Callable)
    case called
    case cancelled
  }

  private var state: State
  private weak var scheduler: (any DelayedCallScheduler)?
  /// What to add to a time for seconds since the clock's epoch.
  private let epoch: Int64
  /// Tells calls due at the same time apart: the first scheduled comes first.
  let sequence: UInt64
  /// When its place in the order comes up, in nanoseconds.
  private(set) var time: Int64
  /// How much later than that it is to be made: it is put back into the order only when its place comes up.
  private(set) var postponement: Int64 = 0
  /// Its place in the scheduler's heap, or -1.
  var place = -1

  init(
    at time: Int64, sequence: UInt64, epoch: Int64, scheduler: any DelayedCallScheduler, _ callable: Callable
  ) {
    self.time = time
    self.sequence = sequence
    self.epoch = epoch
    self.scheduler = scheduler
    state = .waiting(callable)
  }

  /// When it is to be made.
  ///
  /// - Returns: Seconds since the epoch of its clock.
  public func getTime() -> Double {
    crossing("getTime", gives: { .double($0) }) { Double(epoch.addingSaturated(due)) / 1e9 }
  }

  /// Whether it is still to be made.
  ///
  /// - Returns: False when it was cancelled, was made, or is being made now.
  public func active() -> Bool {
    crossing("active", gives: { .bool($0) }) { isWaiting }
  }

  /// Sees to it that it is not made.
  ///
  /// - Throws: ``DelayedCallError`` when it was cancelled, was made, or is being made now.
  public func cancel() throws(DelayedCallError) {
    try crossing("cancel", gives: { _ in .none }) { () throws(DelayedCallError) in
      try checkWaiting()
      scheduler?.willCancel(self)
      // Released after it has been taken out: what goes with the function may ask this call.
      let released = state
      state = .cancelled
      withExtendedLifetime(released) {}
    }
  }

  /// Has it made after another delay, counted from now.
  ///
  /// - Parameter delay: How long from now; below zero it is due at once.
  /// - Throws: ``DelayedCallError`` when it was cancelled, was made, or is being made now.
  public func reset(_ delay: Duration) throws(DelayedCallError) {
    try crossing("reset", [BoundaryArgument("secondsFromNow", .duration(delay))], gives: { _ in .none }) {
      () throws(DelayedCallError) in
      try checkWaiting()
      let newTime = (scheduler?.nanoseconds() ?? time).addingSaturated(delay.nanoseconds)
      if newTime < time {
        time = newTime
        postponement = 0
        scheduler?.didMoveSooner(self)
      } else {
        postponement = newTime.subtractingSaturated(time)
      }
    }
  }

  /// Has it made later, or with a length below zero earlier, than it would have been.
  ///
  /// - Parameter delay: How much later.
  /// - Throws: ``DelayedCallError`` when it was cancelled, was made, or is being made now.
  public func delay(_ delay: Duration) throws(DelayedCallError) {
    try crossing("delay", [BoundaryArgument("secondsLater", .duration(delay))], gives: { _ in .none }) {
      () throws(DelayedCallError) in
      try checkWaiting()
      postponement = postponement.addingSaturated(delay.nanoseconds)
      if postponement < 0 {
        applyPostponement()
        scheduler?.didMoveSooner(self)
      }
    }
  }

  /// Has it made so many nanoseconds later, while it waits; nobody is told.
  package func putOff(by nanoseconds: Int64) { postponement = postponement.addingSaturated(nanoseconds) }

  /// When it is to be made, in nanoseconds.
  package var due: Int64 { time.addingSaturated(postponement) }

  var isCancelled: Bool {
    if case .cancelled = state { true } else { false }
  }

  package var isWaiting: Bool {
    if case .waiting = state { true } else { false }
  }

  /// Makes the postponement part of the stored time.
  func applyPostponement() {
    time = due
    postponement = 0
  }

  /// Marks it as made.
  ///
  /// - Returns: What to call, or `nil` when it was cancelled or made before.
  func take() -> Callable? {
    guard case .waiting(let callable) = state else { return nil }
    state = .called
    return callable
  }

  /// Has a call of the reactor's own do nothing when it is made.
  ///
  /// - Returns: What it would have called, for the caller to let go of; `nil` for the application's.
  func forget() -> Callable? {
    guard case .waiting(let callable) = state, case .reactor = callable.owner else { return nil }
    state = .waiting(.internalFunction {})
    return callable
  }

  private func checkWaiting() throws(DelayedCallError) {
    switch state {
    case .waiting: return
    case .cancelled: throw .alreadyCancelled
    case .called: throw .alreadyCalled
    }
  }

  private func crossing<R, E: Error>(
    _ method: StaticString, _ arguments: @autoclosure () -> [BoundaryArgument] = [], gives: (R) -> BoundaryValue,
    _ body: () throws(E) -> R
  ) throws(E) -> R {
    guard let boundary = scheduler?.boundary else { return try body() }
    return try boundary.call(self, method, arguments(), gives: gives, body)
  }
}

extension DelayedCall {
  /// Orders calls by stored time, which leaves postponements out, and then by the order in which they were scheduled.
  func precedes(_ other: DelayedCall) -> Bool {
    time != other.time ? time < other.time : sequence < other.sequence
  }
}
