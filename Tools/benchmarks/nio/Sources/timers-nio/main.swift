// Timers on SwiftNIO's main-thread event loop; what it is asked for stands in `timers-c`.
import Glibc
import NIOCore
import NIOPosix

guard let task = CommandLine.arguments.dropFirst().first, ["cancel", "fire"].contains(task) else {
  print("usage: timers-nio cancel|fire")
  exit(2)
}
let cancels = task == "cancel"
let together = 1000

/// Runs as it is told, one run after the other, inside the loop.
final class Runs: @unchecked Sendable {
  // Used on its loop only.
  private let loop: any EventLoop
  private let clock = ContinuousClock()
  private var start = ContinuousClock.now
  private var calls: [Scheduled<Void>] = []
  private var count = 0
  private var done = 0
  private var fired = 0
  private var random: UInt32 = 1

  init(_ loop: any EventLoop) { self.loop = loop }

  func next() {
    guard let line = readLine(), let count = Int(line), count > 0 else { exit(0) }
    (self.count, done, random) = (count, 0, 1)
    start = clock.now
    set()
  }

  private func set() {
    fired = 0
    for _ in 0..<together {
      random = random &* 1_664_525 &+ 1_013_904_223
      if cancels {
        calls.append(loop.scheduleTask(in: .milliseconds(100_000 + Int64(random >> 16) * 10)) {})
      } else {
        loop.scheduleTask(in: .zero) { self.fire() }
      }
    }
    if cancels { loop.execute { self.cancel() } }
  }

  private func cancel() {
    for call in calls { call.cancel() }
    calls.removeAll(keepingCapacity: true)
    loop.execute { self.goOn() }
  }

  private func fire() {
    fired += 1
    if fired == together { goOn() }
  }

  private func goOn() {
    done += together
    if done < count { set() } else { finish() }
  }

  private func finish() {
    let (seconds, attoseconds) = (clock.now - start).components
    print(count, seconds * 1_000_000_000 + attoseconds / 1_000_000_000, count)
    fflush(nil)
    loop.execute { self.next() }
  }
}

print("ready")
fflush(nil)
MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { loop in
  let runs = Runs(loop)
  loop.execute { runs.next() }
}
