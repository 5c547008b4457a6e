/// What the application does in a callback, in order; a folded action as often as the recording says.
struct Script: Sendable {
  private var entries: [(n: Int, count: Int)]
  private var head = 0
  /// How often the next entry was done.
  private var used = 0

  /// Each of these events once.
  init(_ events: [Int]) {
    entries = events.map { ($0, 1) }
  }

  /// Each of these events as often as the recording has it in a row.
  init(_ events: [Int], in recording: Recording) {
    entries = events.map { ($0, recording[$0]?.fold?.times ?? 1) }.filter { $0.count > 0 }
  }

  /// What comes next, nil when all is done.
  var next: Int? { head < entries.count ? entries[head].n : nil }

  /// The next event was done.
  mutating func advance() { advance(by: 1) }

  /// The next event was done several times; gives how often it may have been, at most.
  @discardableResult
  mutating func advance(by times: Int) -> Int {
    guard head < entries.count else { return 0 }
    let done = min(times, entries[head].count - used)
    used += done
    if used == entries[head].count {
      head += 1
      used = 0
    }
    return done
  }

  /// Nothing more is to be done.
  mutating func clear() { head = entries.count }
}
