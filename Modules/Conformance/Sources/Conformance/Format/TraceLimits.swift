/// How much of a stranger's trace a reader takes in before it refuses, sizes in bytes.
public struct TraceLimits: Hashable, Sendable {
  /// The whole file.
  public var file = 1 << 30
  /// The longest line.
  public var line = 16 << 20
  /// The longest header.
  public var header = 64 << 10
  /// How deep brackets nest in one line.
  public var depth = 16
  /// The longest key.
  public var key = 64
  /// The most events.
  public var events = 10_000_000
  /// How deep crossings stand inside one another.
  public var nesting = 1_000
  /// The longest string or bytes, decoded.
  ///
  /// A run (`repeat`) counts at its full length before it is expanded.
  public var value = 8 << 20
  /// All strings and bytes of a trace together, decoded.
  public var total = 256 << 20

  /// The defaults.
  public init() {}
}

/// What is left of a trace's limits while it is read.
///
/// There is one for a trace: the total runs on from line to line.
struct TraceBudget {
  let limits: TraceLimits
  var spent = 0

  init(_ limits: TraceLimits) {
    self.limits = limits
  }

  /// Takes a string or bytes of this size off the total; false, and nothing taken, where it is too much.
  mutating func take(_ size: Int) -> Bool {
    guard size <= limits.value, size <= limits.total - spent else { return false }
    spent += size
    return true
  }
}
