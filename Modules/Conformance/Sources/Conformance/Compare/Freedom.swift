/// The ways in which a run may differ from its recording.
///
/// There is no other; each is counted when used, and can be switched off.
public enum Freedom: String, Hashable, Sendable, CaseIterable, Comparable {
  /// Two callbacks from the poll, of different strands, with no path of edges between them.
  case crossStrand = "cross-strand"
  /// Two callbacks with no path between them, one of which waited for a clock, itself or by what led to it.
  case timerIO = "timer-io"
  /// The same with another thread in place of the clock; and events of two threads, with no thread edge between them.
  case crossThread = "cross-thread"
  /// The order in which shutdown loses descriptors, which is a set.
  case shutdownSet = "shutdown-set"
  /// Timers due at the same time, as far as the clock tells.
  case equalDue = "equal-due"
  /// The order of a result that is a set.
  case unorderedReturn = "unordered-return"
  /// Where a stream of bytes is cut into deliveries.
  case chunks
  /// How often a folded callback comes.
  case repeatCount = "repeat-count"
  /// How much a peer still reads between an abort and its own loss of the connection.
  case abortTail = "abort-tail"
  /// Less than a microsecond between two readings of a clock.
  case clockRounding = "clock-rounding"
  /// A call made inside the last of the callbacks that it needs, and not inside the recorded one.
  case join

  /// In the order of their names.
  public static func < (a: Freedom, b: Freedom) -> Bool { a.rawValue < b.rawValue }
}

/// Which freedoms may be used, and how often each was.
struct Freedoms: Sendable {
  let disabled: Set<Freedom>
  private(set) var used: [Freedom: Int] = [:]

  init(disabled: Set<Freedom> = []) {
    self.disabled = disabled
  }

  /// Uses a freedom: counts it, and says whether it is allowed.
  mutating func use(_ freedom: Freedom) -> Bool {
    guard !disabled.contains(freedom) else { return false }
    used[freedom, default: 0] += 1
    return true
  }

  /// The freedom by which two callbacks of different strands without a path may change places, nil when there is none.
  ///
  /// `waited` says what one of the two waited for, itself or by what led to it. Two pending timers are no matter of freedom: they
  /// follow the live order of their due times.
  static func toSwap(_ before: Recording.Event, _ after: Recording.Event, waited: Drift.Waited) -> Freedom? {
    if before.thread != nil || after.thread != nil { return .crossThread }
    switch (before.phase, after.phase) {
    case ("io", "io"):
      return .crossStrand
    case ("io", "timer"), ("timer", "io"), ("timer", "timer"), ("thread", "io"), ("io", "thread"), ("thread", "timer"),
      ("timer", "thread"), ("thread", "thread"):
      if waited.contains(.thread) { return .crossThread }
      return waited.contains(.clock) ? .timerIO : nil
    case ("shutdown", "shutdown"):
      return before.of == nil && after.of == nil ? .shutdownSet : nil
    default:
      return nil
    }
  }
}
