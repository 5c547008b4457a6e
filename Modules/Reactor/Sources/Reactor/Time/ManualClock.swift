/// A clock that stands still until it is advanced.
///
/// Mirrors `twisted.internet.task.Clock`.
///
/// It starts at 0 seconds. Unlike a reactor it accepts delays below zero, and makes what is scheduled during ``advance(_:)``
/// in the same advance if that is due.
public final class ManualClock: ReactorTime {
  private var calls: [DelayedCall] = []
  private var now: Int64 = 0
  private var scheduled: UInt64 = 0
  /// Who sees the calls made to this clock, or `nil`.
  public var boundary: Boundary?

  /// Makes a clock at 0 seconds.
  public init() {}

  /// The time on this clock.
  ///
  /// - Returns: Seconds since it was made, as far as it was advanced.
  public func seconds() -> Double {
    crossing("seconds", gives: { .double($0) }) { Double(now) / 1e9 }
  }

  /// Schedules a call.
  ///
  /// - Parameters:
  ///   - delay: How long from now; below zero it is due at the next advance, by any length.
  ///   - callable: What is called.
  /// - Returns: The call, to be cancelled, reset or delayed.
  @discardableResult
  public func callLater(_ delay: Duration, _ callable: Callable) -> DelayedCall {
    let arguments = [BoundaryArgument("delay", .duration(delay)), BoundaryArgument("callable", .callable(callable))]
    return crossing("callLater", arguments, gives: { .object($0, .timer) }) {
      let call = DelayedCall(
        at: now.addingSaturated(delay.nanoseconds), sequence: scheduled, epoch: 0, scheduler: self, callable)
      scheduled += 1
      calls.append(call)
      sort()
      return call
    }
  }

  /// Schedules a call of a closure.
  ///
  /// - Parameters:
  ///   - delay: How long from now; below zero it is due at the next advance, by any length.
  ///   - body: What is called.
  /// - Returns: The call, to be cancelled, reset or delayed.
  @discardableResult
  public func callLater(_ delay: Duration, _ body: @escaping () throws -> Void) -> DelayedCall {
    callLater(delay, Callable(body))
  }

  /// The calls that are scheduled, by due time.
  ///
  /// - Returns: Those neither made nor cancelled.
  public func getDelayedCalls() -> [DelayedCall] {
    crossing("getDelayedCalls", gives: { .set($0.map { .object($0, .timer) }) }) {
      sort()
      return calls
    }
  }

  /// Moves the clock forward once, and makes each call that is then due, by due time.
  ///
  /// All of them see the time to which the clock was moved. A call that is scheduled meanwhile, and due, is made too.
  ///
  /// - Parameter amount: By how much.
  /// - Throws: What a call throws; the clock stays where it was moved to, and the calls after it wait for the next advance.
  public func advance(_ amount: Duration) throws {
    try crossing("advance", [BoundaryArgument("amount", .duration(amount))], gives: { _ in .none }) {
      now = now.addingSaturated(amount.nanoseconds)
      while let call = takeDue() {
        guard let callable = call.take() else { continue }
        _ = try fire(callable, of: call)
      }
    }
  }

  /// Advances by several amounts, one after the other.
  ///
  /// - Parameter amounts: By how much, each time.
  /// - Throws: As ``advance(_:)``; the amounts after it are not used.
  public func pump(_ amounts: [Duration]) throws {
    try crossing("pump", [BoundaryArgument("timings", .list(amounts.map { .duration($0) }))], gives: { _ in .none }) {
      for amount in amounts { try advance(amount) }
    }
  }

  private func takeDue() -> DelayedCall? {
    sort()
    guard let first = calls.first, first.due <= now else { return nil }
    return calls.removeFirst()
  }

  private func sort() {
    // Those due at the same time stay as they are, which is not always the order in which they were scheduled.
    calls = calls.enumerated().sorted { ($0.element.due, $0.offset) < ($1.element.due, $1.offset) }.map(\.element)
  }

  private func fire(_ callable: Callable, of call: DelayedCall) throws -> Deferred<Void>? {
    guard let boundary, callable.isApplication else { return try callable.body() }
    return try boundary.back(callable, "call", [], of: call, gives: { _ in .none }) { try callable.body() }
  }

  private func crossing<R, E: Error>(
    _ method: StaticString, _ arguments: @autoclosure () -> [BoundaryArgument] = [], gives: (R) -> BoundaryValue,
    _ body: () throws(E) -> R
  ) throws(E) -> R {
    guard let boundary else { return try body() }
    return try boundary.call(self, method, arguments(), gives: gives, body)
  }
}

extension ManualClock: DelayedCallScheduler {
  func nanoseconds() -> Int64 { now }

  func willCancel(_ call: DelayedCall) {
    calls.removeAll { $0 === call }
  }

  func didMoveSooner(_ call: DelayedCall) {}
}
