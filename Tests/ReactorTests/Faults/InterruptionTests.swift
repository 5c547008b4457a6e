import Glibc
import Synchronization
import Testing

@testable import Reactor

/// How many signals the storms of this process have had handled.
private let handled = Atomic<Int>(0)

/// Sends one thread SIGUSR2, whose handler restarts nothing.
private final class SignalStorm: Sendable {
  private let target: pthread_t

  /// A storm over the calling thread.
  init() {
    target = pthread_self()
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in handled.add(1, ordering: .relaxed) }
    sigaction(SIGUSR2, &action, nil)
    // A thread that runs tests may have all signals blocked, and what it starts inherits that.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGUSR2)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Sends signals until so many more have been handled.
  func rage(_ count: Int) {
    let end = handled.load(ordering: .relaxed) + count
    while handled.load(ordering: .relaxed) < end { pthread_kill(target, SIGUSR2) }
  }
}

/// Makes a call that blocks on a thread in a storm of signals; what ends its waiting is done when it was interrupted many times.
private func interrupted<Value: Sendable>(
  _ call: @escaping @Sendable () -> Value, endedBy end: @escaping @Sendable () -> Void
) throws -> Value {
  let outcome = Outbox<Value>()
  let thread = try #require(
    Thread {
      let storm = SignalStorm()
      let weather = Thread {
        storm.rage(500)
        end()
      }
      outcome.value.withLock { $0 = call() }
      weather?.join()
    })
  thread.join()
  return try #require(outcome.value.withLock { $0 })
}

private final class Outbox<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}

/// EINTR is dealt with below the seam: no operation of the real system ever gives it.
///
/// Descriptors that block are made here, so that there is something to interrupt; a reactor's own do not block.
@Suite(.timeLimit(.minutes(10))) struct InterruptionTests {
  /// A connected pair of blocking stream sockets.
  private func pair() -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    return (ends[0], ends[1])
  }

  @Test func `the storm interrupts a call that nobody makes again`() throws {
    let (near, far) = pair()
    defer { for end in [near, far] { close(end) } }
    let error = try interrupted {
      var byte: UInt8 = 0
      return recv(near, &byte, 1, 0) == -1 ? errno : 0
    } endedBy: {
      // In case that it was not interrupted, which the test then tells.
      var byte: UInt8 = 1
      send(far, &byte, 1, 0)
    }
    #expect(error == EINTR)
  }

  @Test func `receive is made again`() throws {
    let (near, far) = pair()
    defer { for end in [near, far] { close(end) } }
    let line = try interrupted {
      SystemIO().receive(near).line
    } endedBy: {
      _ = SystemIO().send(far, "hello")
    }
    #expect(line == "done hello")
  }

  @Test func `send is made again`() throws {
    let (near, far) = pair()
    defer { for end in [near, far] { close(end) } }
    while SystemIO().send(near, dontWait: true) {}
    let line = try interrupted {
      SystemIO().send(near, "x").line
    } endedBy: {
      var taken = [UInt8](repeating: 0, count: 1 << 20)
      recv(far, &taken, taken.count, 0)
    }
    #expect(line == "done 1")
  }

  @Test(arguments: Loopback.allCases)
  func `accept is made again`(_ loopback: Loopback) throws {
    let io = SystemIO()
    let listener = try io.socket(loopback.family, .stream)
    defer { try? io.close(listener) }
    try io.bind(listener, to: loopback.address(port: 0))
    try io.listen(listener, backlog: 1)
    let address = try io.localAddress(listener)
    _ = fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) & ~O_NONBLOCK)
    let outcome = try interrupted { () -> String in
      switch SystemIO().accept(listener) {
      case .done(let accepted):
        close(accepted.descriptor)
        return "done"
      case .wouldBlock: return "would block"
      case .failed(let errno): return errno.name
      }
    } endedBy: {
      let io = SystemIO()
      guard let client = try? io.socket(loopback.family, .stream) else { return }
      _ = io.connect(client, to: address)
      wait(client, POLLOUT)
      try? io.close(client)
    }
    #expect(outcome == "done")
  }

  @Test(arguments: BackEnd.allCases)
  func `a wait that is interrupted finds nothing and is no error`(_ backEnd: BackEnd) throws {
    let pipe = Pipe()
    let reading = pipe.reading
    let found = try interrupted { () -> [String] in
      guard let poller = try? SystemIO().makePoller(backEnd) else { return ["no poller"] }
      defer { poller.close() }
      try? poller.add(reading, .read, registration: 1)
      var kinds: Set<String> = []
      var events: [PollEvent] = []
      while true {
        do throws(Errno) {
          try poller.wait(timeout: nil, into: &events)
        } catch {
          return [error.name]
        }
        kinds.insert(events.isEmpty ? "nothing" : "readable")
        if !events.isEmpty { return kinds.sorted() }
      }
    } endedBy: { [writing = pipe.writing] in
      var byte: UInt8 = 1
      write(writing, &byte, 1)
    }
    #expect(found == ["nothing", "readable"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a reactor in a storm serves what comes, and logs nothing`(_ backEnd: BackEnd) throws {
    let lines = Outbox<[String]>()
    lines.value.withLock { $0 = [] }
    let handle = Outbox<ReactorHandle>()
    let result = try interrupted { () -> [String] in
      let sink = LogSink { (event) in if event.level > .info { lines.value.withLock { $0?.append(event.message) } } }
      guard let reactor = try? Reactor(backEnd, log: sink) else { return ["no reactor"] }
      handle.value.withLock { $0 = reactor.handle }
      try? reactor.run(installSignalHandlers: false)
      return lines.value.withLock { $0 ?? [] }
    } endedBy: {
      while true {
        if let reactor = handle.value.withLock({ $0 }) {
          reactor.callFromThread { try $0.stop() }
          return
        }
      }
    }
    #expect(result == [])
  }
}

extension SystemIO {
  /// Sends a little, whatever room there is; false when there is none.
  fileprivate func send(_ descriptor: Int32, dontWait: Bool) -> Bool {
    let bytes = [UInt8](repeating: 0, count: 4_096)
    return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0
  }
}
