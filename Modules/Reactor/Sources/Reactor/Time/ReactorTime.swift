/// Schedules calls.
///
/// Mirrors `twisted.internet.interfaces.IReactorTime`.
public protocol ReactorTime: AnyObject {
  /// The time now.
  ///
  /// - Returns: Seconds since the epoch of this clock.
  func seconds() -> Double

  /// Schedules a call.
  ///
  /// Calls are made in the order of their due times, those due at the same time in the order in which they were scheduled.
  ///
  /// - Parameters:
  ///   - delay: How long from now; 0 makes the call in the reactor's next run of due calls.
  ///   - callable: What is called.
  /// - Returns: The call, to be cancelled, reset or delayed.
  /// - Throws: ``DelayError/negative`` when the clock refuses a delay below zero.
  func callLater(_ delay: Duration, _ callable: Callable) throws(DelayError) -> DelayedCall

  /// The calls that are scheduled, in no order.
  ///
  /// - Returns: Those neither made nor cancelled.
  func getDelayedCalls() -> [DelayedCall]
}

extension ReactorTime {
  /// Schedules a call of a closure.
  ///
  /// - Parameters:
  ///   - delay: How long from now.
  ///   - body: What is called.
  /// - Returns: The call, to be cancelled, reset or delayed.
  /// - Throws: ``DelayError/negative`` when the clock refuses a delay below zero.
  @discardableResult
  public func callLater(_ delay: Duration, _ body: @escaping () throws -> Void) throws(DelayError) -> DelayedCall {
    try callLater(delay, Callable(body))
  }
}

extension Duration {
  /// The length in nanoseconds, rounded up, so that nothing runs early; what an `Int64` cannot hold becomes its limit.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let part = attoseconds / 1_000_000_000 + (attoseconds % 1_000_000_000 > 0 ? 1 : 0)
    return whole.addingSaturated(part)
  }
}

extension Int64 {
  /// The sum, or the limit that it would pass.
  func addingSaturated(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  /// The difference, or the limit that it would pass.
  func subtractingSaturated(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other > 0 ? .min : .max) : difference
  }
}
