// Timers on Skein's reactor; what it is asked for stands in `timers-c`. After cancelling, the reactor makes a turn.
import Glibc
import Reactor

guard let task = CommandLine.arguments.dropFirst().first, ["cancel", "fire"].contains(task) else {
  print("usage: timers-skein cancel|fire")
  exit(2)
}
let cancels = task == "cancel"
let together = 1000

/// Runs as it is told, one run after the other, inside the loop.
final class Runs {
  private let reactor: Reactor
  private let clock = ContinuousClock()
  private var start = ContinuousClock.now
  private var calls: [DelayedCall] = []
  private var count = 0
  private var done = 0
  private var fired = 0
  private var random: UInt32 = 1

  init(_ reactor: Reactor) { self.reactor = reactor }

  func next() throws {
    guard let line = readLine(), let count = Int(line), count > 0 else { return try reactor.stop() }
    (self.count, done, random) = (count, 0, 1)
    start = clock.now
    try set()
  }

  private func set() throws {
    fired = 0
    for _ in 0..<together {
      random = random &* 1_664_525 &+ 1_013_904_223
      if cancels {
        calls.append(try reactor.callLater(.milliseconds(100_000 + Int(random >> 16) * 10)) {})
      } else {
        try reactor.callLater(.zero) { try self.fire() }
      }
    }
    if cancels { try reactor.callLater(.zero) { try self.cancel() } }
  }

  private func cancel() throws {
    for call in calls { try call.cancel() }
    calls.removeAll(keepingCapacity: true)
    try reactor.callLater(.zero) { try self.goOn() }
  }

  private func fire() throws {
    fired += 1
    if fired == together { try goOn() }
  }

  private func goOn() throws {
    done += together
    if done < count { try set() } else { try finish() }
  }

  private func finish() throws {
    let (seconds, attoseconds) = (clock.now - start).components
    print(count, seconds * 1_000_000_000 + attoseconds / 1_000_000_000, count)
    fflush(nil)
    try next()
  }
}

print("ready")
fflush(nil)
let reactor = try Reactor(.epoll)
let runs = Runs(reactor)
try reactor.callLater(.zero) { try runs.next() }
try reactor.run()
