import Reactor

/// The operating system's sockets under a clock that runs ahead when nothing happens: a test of what waits for a timer need not
/// wait.
///
/// A wait looks for a moment, and then moves the clock by what is left of its time-out.
final class HurriedIO: ForwardingIO {
  /// How long a wait really lasts at most, in milliseconds: long enough for loopback.
  fileprivate static let moment: Int32 = 2
  fileprivate var now: Int64 = 0

  init() { super.init(SystemIO()) }

  override func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller {
    HurriedPoller(try super.makePoller(backEnd), self)
  }

  override func monotonicTime() -> Int64 { now }
  override func wallTime() -> Int64 { now }
}

private final class HurriedPoller: ForwardingPoller {
  private unowned let io: HurriedIO

  init(_ inner: any Poller, _ io: HurriedIO) {
    self.io = io
    super.init(inner)
  }

  override func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    guard let timeout else { return try super.wait(timeout: nil, into: &events) }
    try super.wait(timeout: min(timeout, HurriedIO.moment), into: &events)
    if events.isEmpty { io.now += Int64(max(0, timeout)) * 1_000_000 }
  }
}
