/// The ways in which a run may differ from its recording.
///
/// There is no other; each is counted when used, and can be switched off.
public enum Freedom: String, Hashable, Sendable, CaseIterable, Comparable {
  /// Two callbacks from the poll, of different strands, with no path of edges between them.
  case crossStrand = "cross-strand"
  /// A callback from the poll against a timer of a delay above 0, with no path between them.
  case timerIO = "timer-io"
  /// Events of different threads, with no thread edge between them.
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
  /// `isDelayed` says that the one of the two that is a timer's had a delay above 0. Two timers are no matter of freedom: they
  /// follow the live order of their due times.
  static func toSwap(_ before: Recording.Event, _ after: Recording.Event, isDelayed: Bool) -> Freedom? {
    if before.thread != after.thread { return .crossThread }
    switch (before.phase, after.phase) {
    case ("io", "io"): return .crossStrand
    case ("io", "timer"), ("timer", "io"): return isDelayed ? .timerIO : nil
    case ("shutdown", "shutdown"): return before.of == nil && after.of == nil ? .shutdownSet : nil
    default: return nil
    }
  }
}
