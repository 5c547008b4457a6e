/// When something happened in a run: the clock, and where in the loop.
struct Moment: Hashable, Sendable {
  /// Nanoseconds since the run's start.
  var at: Int
  /// The turn of the loop.
  var turn: Int?
  /// The phase of the turn.
  var phase: String?
}

/// The pending timers of one run, and what its clock and turns demand.
///
/// Nothing fires before it is due, timers fire in the order of their live due times, and what is asked for with no delay comes
/// in the turn that the reactor promises.
struct Timing: Sendable {
  /// A pending timer.
  struct Timer: Sendable {
    /// The earliest moment at which it can be due, in nanoseconds.
    var earliest: Double
    /// The latest.
    var latest: Double
    /// The delay that was asked for, in seconds.
    let delay: Double
    /// When it was asked for.
    let asked: Moment
    /// Whether it was asked for before the loop had turned at all.
    let isBeforeTheLoop: Bool
    /// Whether it was moved since.
    var isMoved = false
  }

  /// Two clock readings nearer than this (nanoseconds) are equal: doubles of seconds since the epoch resolve no better.
  static let rounding = 1_000.0

  private(set) var pending: [String: Timer] = [:]
  /// What the reactor's own thread has handed to `callFromThread` and has not been called yet, in order.
  private(set) var queue: [String] = []
  /// Whether the loop has turned yet: until then no turn can be told for what is asked outside every callback.
  var hasTurned = false
  /// The `stop` whose shutdown has not begun.
  private var stop: Moment?

  /// A `callLater` was made at `asked` and had returned by `returned`.
  mutating func schedule(_ name: String, delay: Double, asked: Moment, returned: Int) {
    let shift = min(delay * 1e9, 1e30)
    pending[name] = Timer(
      earliest: Double(asked.at) + shift, latest: Double(returned) + shift, delay: delay, asked: asked,
      isBeforeTheLoop: !hasTurned)
  }

  /// A pending timer was reset: it is due `delay` seconds from now.
  mutating func reset(_ name: String, delay: Double, asked: Moment, returned: Int) {
    pending[name]?.earliest = Double(asked.at) + delay * 1e9
    pending[name]?.latest = Double(returned) + delay * 1e9
    pending[name]?.isMoved = true
  }

  /// A pending timer was delayed: it is due `delay` seconds later than before.
  mutating func postpone(_ name: String, delay: Double) {
    pending[name]?.earliest += delay * 1e9
    pending[name]?.latest += delay * 1e9
    pending[name]?.isMoved = true
  }

  /// A pending timer was put off by whoever plays the application: it is due later, and nothing else is changed.
  mutating func putOff(_ name: String, by delay: Double) {
    pending[name]?.earliest += delay * 1e9
    pending[name]?.latest += delay * 1e9
  }

  /// A timer will not fire.
  mutating func cancel(_ name: String) { pending[name] = nil }

  /// A `callFromThread` was made in the reactor's own thread.
  mutating func queued(_ name: String) { queue.append(name) }

  /// A timer has fired, or a call from a thread been made.
  mutating func fired(_ name: String) {
    cancel(name)
    if let place = queue.firstIndex(of: name) { queue.remove(at: place) }
  }

  /// The turn in which a timer of no delay fires, nil when nothing is promised.
  func dueTurn(_ name: String) -> Int? {
    guard let timer = pending[name], timer.delay == 0, !timer.isMoved else { return nil }
    guard let turn = timer.asked.turn else { return timer.isBeforeTheLoop ? 1 : nil }
    return timer.asked.phase == "thread" ? turn : Self.following(turn)
  }

  /// `stop` was called.
  mutating func stopped(_ asked: Moment) { stop = asked }

  /// Whether `stop` was called and the shutdown event has not begun.
  var isStopping: Bool { stop != nil }

  /// The shutdown event has begun.
  mutating func shutDown() { stop = nil }

  /// The turn in which the shutdown event begins, nil when nothing is promised.
  var shutdownTurn: Int? {
    guard let turn = stop?.turn else { return nil }
    switch stop?.phase {
    case "thread", "timer": return turn
    case "io", "startup": return Self.following(turn)
    default: return nil
    }
  }

  private static func following(_ turn: Int) -> Int? {
    let (next, overflows) = turn.addingReportingOverflow(1)
    return overflows ? nil : next
  }

  /// By how many nanoseconds a firing at `at` comes before the timer can be due; 0 when it does not.
  func early(_ name: String, at: Int) -> Double {
    pending[name].map { max(0, $0.earliest - Double(at)) } ?? 0
  }

  /// A pending timer that was due before `name`, beyond doubt.
  func overtaken(_ name: String) -> String? {
    guard let firing = pending[name] else { return nil }
    return pending.lazy.filter { $0.key != name && $0.value.latest + Self.rounding < firing.earliest }.map(\.key).min()
  }

  /// Whether two pending timers may be due at the same time, as far as the clock tells.
  func indistinct(_ one: String, _ other: String) -> Bool {
    guard let a = pending[one], let b = pending[other] else { return false }
    return a.earliest < b.latest && b.earliest < a.latest
  }

  /// Whether a pending timer is due before another one, beyond doubt.
  func precedes(_ one: String, _ other: String) -> Bool {
    guard let a = pending[one], let b = pending[other] else { return false }
    return a.latest < b.earliest
  }
}
