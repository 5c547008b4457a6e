import CLinux
import Glibc
import Reactor
import Testing

/// What a failed check of a process of its own ends with.
private func require(_ condition: Bool, _ code: Int32) {
  if !condition { exit(code) }
}

/// Sends a signal to this thread, whose handler has run when this returns.
private func send(_ signal: Int32) {
  var all = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_UNBLOCK, &all, nil)
  require(raise(signal) == 0, 9)
}

private func disposition(_ signal: Int32) -> clinux_disposition { clinux_signal_disposition(signal) }

/// Signals belong to the process: each test has one of its own, which exits with 0 or with the number of what failed.
@Suite(.timeLimit(.minutes(1))) struct SignalTests {
  @Test func `SIGTERM stops the reactor in a thread step, and a second one is only logged`() async {
    await #expect(processExitsWith: .success) {
      let world = try ReactorWorld()
      let reactor = world.reactor
      let gate = Deferred<Void>()
      reactor.addSystemEventTrigger(holding: .shutdown) {
        world.note("before \(reactor.phase)")
        send(SIGTERM)
        func fireOnceLogged() throws {
          if world.log.errors.isEmpty {
            try reactor.callLater(.milliseconds(1), fireOnceLogged)
          } else {
            try gate.callback(())
          }
        }
        try fireOnceLogged()
        return gate
      }
      try reactor.callWhenRunning {
        send(SIGTERM)
        world.note("raised")
      }
      try reactor.run()
      require(world.events == ["raised", "before shutdown"], 10)
      require(reactor.exitSignal == SIGTERM, 11)
      require(world.log.errors == ["notRunning"], 12)
      require(world.log.events.contains { $0.message == "Received SIGTERM, shutting down." }, 13)
    }
  }

  @Test func `handlers stand from startup's during phase, and SIGCHLD's goes to the default after the run`() async {
    await #expect(processExitsWith: .success) {
      signal(SIGCHLD, SIG_IGN)
      var world: ReactorWorld? = try ReactorWorld(.poll)
      let reactor = world!.reactor
      reactor.addSystemEventTrigger(.before, .startup) {
        require(disposition(SIGINT) == CLINUX_DEFAULT && disposition(SIGCHLD) == CLINUX_IGNORED, 10)
      }
      reactor.addSystemEventTrigger(.during, .startup) {
        require([SIGINT, SIGTERM, SIGCHLD].allSatisfy { disposition($0) == CLINUX_OURS }, 11)
      }
      try reactor.callWhenRunning { send(SIGINT) }
      try reactor.run()
      require(reactor.exitSignal == SIGINT, 12)
      require([SIGINT, SIGTERM].allSatisfy { disposition($0) == CLINUX_OURS }, 13)
      require(disposition(SIGCHLD) == CLINUX_DEFAULT, 14)
      // Nobody is stopped by a signal that comes now.
      send(SIGTERM)
      reactor.iterate()
      require(world!.log.errors.isEmpty, 15)
      world = nil
    }
  }

  @Test func `what stood before comes back when the reactor is released`() async {
    await #expect(processExitsWith: .success) {
      signal(SIGTERM, SIG_IGN)
      do {
        let world = try ReactorWorld()
        try world.reactor.callWhenRunning { [unowned reactor = world.reactor] in try reactor.stop() }
        try world.reactor.run()
        require(disposition(SIGTERM) == CLINUX_OURS, 10)
      }
      require(disposition(SIGTERM) == CLINUX_IGNORED, 11)
      require(disposition(SIGINT) == CLINUX_DEFAULT, 12)
    }
  }

  @Test func `an application's handler of SIGINT is kept, and no handler is installed unasked`() async {
    await #expect(processExitsWith: .success) {
      signal(SIGINT) { _ in _exit(0) }
      let world = try ReactorWorld()
      try world.reactor.callWhenRunning {
        require(disposition(SIGTERM) == CLINUX_DEFAULT, 10)
        world.reactor.crash()
      }
      try world.run()
      try world.reactor.callWhenRunning {
        require(disposition(SIGTERM) == CLINUX_OURS, 11)
        send(SIGINT)
      }
      try world.reactor.run()
      exit(12)
    }
  }

  @Test func `the reactor that runs now gets the signal, not one that ran before`() async {
    await #expect(processExitsWith: .success) {
      let first = try ReactorWorld()
      try first.reactor.callWhenRunning { try first.reactor.stop() }
      try first.reactor.run()
      let second = try ReactorWorld()
      try second.reactor.callWhenRunning { send(SIGINT) }
      try second.reactor.run()
      require(second.reactor.exitSignal == SIGINT, 10)
      require(first.reactor.exitSignal == nil, 11)
    }
  }

  @Test func `SIGCHLD wakes the reactor to reap`() async {
    await #expect(processExitsWith: .success) {
      let world = try ReactorWorld()
      var reaps = 0
      world.reactor.reapProcesses = { [unowned reactor = world.reactor] in
        reaps += 1
        if reaps == 2 { try? reactor.stop() }
      }
      try world.reactor.callWhenRunning { send(SIGCHLD) }
      try world.reactor.run()
      require(reaps == 2, 10)
    }
  }
}
