import Glibc
import Reactor
import Testing

@Suite struct RunTests {
  @Test(arguments: BackEnd.allCases)
  func `startup runs before, during and after, and running is true from during on`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    for phase in TriggerPhase.allCases {
      reactor.addSystemEventTrigger(phase, .startup) { world.noteTurn("\(phase) \(reactor.running)") }
    }
    try reactor.callWhenRunning {
      world.noteTurn("called")
      try reactor.stop()
    }
    try world.run()
    world.note("returned \(reactor.running)")
    #expect(world.events == ["before false@0", "during true@0", "after true@0", "called@0", "returned false"])
    #expect(world.log.events.contains { $0.message == "Main loop terminated." && $0.level == .info })
  }

  @Test(arguments: BackEnd.allCases)
  func `each wrong state has its error`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    world.noteThrow("stop before run") { try reactor.stop() }
    reactor.crash()
    try reactor.callWhenRunning {
      world.noteThrow("run inside") { try world.run() }
      world.noteThrow("stop") { try reactor.stop() }
      world.noteThrow("stop again") { try reactor.stop() }
      world.noteThrow("run after stop, inside") { try world.run() }
    }
    try world.run()
    world.noteThrow("stop after") { try reactor.stop() }
    world.noteThrow("run after") { try world.run() }
    #expect(
      world.events == [
        "stop before run: notRunning", "run inside: alreadyRunning", "stop: none", "stop again: notRunning",
        "run after stop, inside: alreadyRunning", "stop after: notRunning", "run after: notRestartable",
      ])
  }

  @Test(arguments: BackEnd.allCases)
  func `a Deferred of a before trigger holds the start, and the loop turns without waiting`(_ backEnd: BackEnd) throws {
    let io = StillIO()
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    let reactor = world.reactor
    let gate = Deferred<Void>()
    reactor.addSystemEventTrigger(holding: .startup, { gate })
    try reactor.callLater(.zero) {
      world.note("timer \(reactor.running)")
      try reactor.callLater(.zero) {
        try reactor.callLater(.seconds(60)) {}
        try reactor.callLater(.zero) {
          world.note("fire \(io.takeTimeouts())")
          try gate.callback(())
          world.note("fired \(reactor.running)")
        }
      }
    }
    try reactor.callWhenRunning {
      world.note("called")
      try reactor.stop()
    }
    try world.run()
    #expect(world.events == ["timer false", "fire [Optional(0), Optional(0)]", "called", "fired true"])
  }

  @Test(arguments: BackEnd.allCases)
  func `stop in a before trigger of startup lets the start go on to the end`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    try reactor.callLater(.zero) { world.noteTurn("timer") }
    reactor.addSystemEventTrigger(.before, .startup) {
      world.noteTurn("before startup")
      try reactor.stop()
    }
    try reactor.callWhenRunning { world.noteTurn("called \(reactor.running)") }
    reactor.addSystemEventTrigger(.before, .shutdown) { world.noteTurn("before shutdown") }
    try world.run()
    world.note("returned")
    #expect(
      world.events == ["before startup@0", "called true@0", "timer@1t", "before shutdown@1t", "returned"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a crashed reactor finishes its turn and runs again, a stopped one does not`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    try reactor.callWhenRunning {
      world.note("called 1")
      try reactor.callLater(.zero) {
        reactor.crash()
        world.noteTurn("crashed, running \(reactor.running)")
      }
      try reactor.callLater(.zero) { world.noteTurn("due too") }
    }
    reactor.addSystemEventTrigger(.during, .shutdown) { world.note("shutdown") }
    try world.run()
    world.note("run 1 returned")
    try reactor.callWhenRunning {
      world.note("called 2")
      try reactor.stop()
    }
    try world.run()
    world.note("run 2 returned")
    world.noteThrow("run 3") { try world.run() }
    #expect(
      world.events == [
        "called 1", "crashed, running false@1t", "due too@1t", "run 1 returned", "called 2", "shutdown",
        "run 2 returned", "run 3: notRestartable",
      ])
  }

  @Test(arguments: BackEnd.allCases)
  func `iterate turns a reactor that was never started`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    reactor.addSystemEventTrigger(.before, .startup) { world.note("startup") }
    reactor.callFromThread { world.noteTurn("thread") }
    try reactor.callLater(.zero) { world.noteTurn("timer \(reactor.running)") }
    reactor.iterate()
    #expect(world.events == ["thread@1t", "timer false@1t"])
  }

  @Test(arguments: BackEnd.allCases)
  func `iterate inside a delayed call makes the others that are due`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    try reactor.callLater(.zero) {
      world.noteTurn("outer(")
      reactor.iterate()
      world.noteTurn(")outer")
    }
    try reactor.callLater(.zero) { world.noteTurn("other") }
    reactor.iterate()
    #expect(world.events == ["outer(@1t", "other@2t", ")outer@2t"])
  }

  @Test(arguments: BackEnd.allCases)
  func `what is scheduled during shutdown stays, and is made by a later iterate`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    try reactor.callWhenRunning {
      try reactor.callLater(.zero) {
        world.noteTurn("stop")
        try reactor.stop()
      }
      try reactor.callLater(.zero) { world.noteTurn("due too") }
      try reactor.callLater(.seconds(100)) {}
    }
    reactor.addSystemEventTrigger(.during, .shutdown) {
      world.noteTurn("during")
      try reactor.callLater(.zero) { world.note("late timer") }
      reactor.callFromThread { world.note("late thread call") }
    }
    try world.run()
    world.note("left \(reactor.getDelayedCalls().count)")
    #expect(world.take() == ["stop@1t", "due too@1t", "during@1t", "left 2"])
    reactor.iterate()
    #expect(world.events == ["late thread call", "late timer"])
  }

  @Test(arguments: BackEnd.allCases)
  func `stop from a descriptor ends in the next turn, after its delayed calls`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pipe = Pipe()
    pipe.send("x")
    let reader = TestDescriptor("r", pipe.reading, in: world)
    reader.onRead = {
      _ = Pipe.drain(pipe.reading)
      try reactor.stop()
      try reactor.callLater(.zero) { world.noteTurn("timer") }
      return nil
    }
    try reactor.addReader(reader)
    reactor.addSystemEventTrigger(.before, .shutdown) { world.noteTurn("shutdown \(reactor.phase)") }
    try world.run()
    #expect(world.events == ["r.doRead@1p", "timer@2t", "shutdown shutdown@2t", "r.lost lost@2t"])
  }

  @Test(arguments: BackEnd.allCases)
  func `an error that leaves a turn is logged, and the next turn begins`(_ backEnd: BackEnd) throws {
    let io = StillIO()
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    let reactor = world.reactor
    try reactor.callWhenRunning {
      io.failNextWait = .invalidArgument
      try reactor.callLater(.milliseconds(10)) {
        world.note("timer")
        try reactor.stop()
      }
    }
    try world.run()
    #expect(world.events == ["timer"])
    #expect(world.log.errors == ["EINVAL"])
    #expect(world.log.events.first { $0.error != nil }?.message == "Unexpected error in main loop")
  }

  @Test(arguments: BackEnd.allCases)
  func `a stopped reactor closes its waker and poller, and a crashed one keeps them`(_ backEnd: BackEnd) throws {
    let ledger = LedgerIO()
    var world: ReactorWorld? = try ReactorWorld(backEnd, io: ledger)
    let reactor = try #require(world?.reactor)
    #expect(ledger.open.count == 1 && ledger.pollers == 1)
    try reactor.callWhenRunning { reactor.crash() }
    try world?.run()
    #expect(ledger.open.count == 1 && ledger.pollers == 1)
    try reactor.callWhenRunning { try reactor.stop() }
    try world?.run()
    #expect(ledger.open.isEmpty && ledger.pollers == 0)
    // It is still good for a turn, for which it opens them again.
    reactor.iterate()
    #expect(ledger.open.count == 1 && ledger.pollers == 1)
    world = nil
  }

  @Test(arguments: BackEnd.allCases)
  func `a reactor that was run and stopped is released with what it held`(_ backEnd: BackEnd) throws {
    weak var released: Reactor?
    weak var reader: TestDescriptor?
    do {
      let world = try ReactorWorld(backEnd)
      defer { world.tearDown() }
      let pipe = Pipe()
      let descriptor = TestDescriptor("r", pipe.reading, in: world)
      released = world.reactor
      reader = descriptor
      try world.reactor.addReader(descriptor)
      try world.reactor.callWhenRunning { [unowned reactor = world.reactor] in try reactor.stop() }
      try world.run()
      #expect(world.events == ["r.lost lost@1t"])
    }
    #expect(released == nil)
    #expect(reader == nil)
  }

  @Test(arguments: BackEnd.allCases)
  func `a stopped reactor takes descriptors again, and its next turn serves them`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    try reactor.callWhenRunning { try reactor.stop() }
    try reactor.run(installSignalHandlers: false)
    let (one, other) = (SocketPair(), SocketPair())
    try reactor.addReader(TestDescriptor("one", one.near, in: world))
    try reactor.addReader(TestDescriptor("other", other.near, in: world))
    for pair in [one, other] { #expect(Glibc.write(pair.far, "x", 1) == 1) }
    reactor.iterate()
    #expect(world.events.map { String($0.prefix { $0 != "@" }) } == ["one.doRead", "other.doRead"])
    _ = reactor.removeAll()
  }

  @Test(arguments: BackEnd.allCases)
  func `a crash while the shutdown waits leaves what is open`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let waits = Deferred<Void>()
    let port = try reactor.listenTCP(port: 0, factory: Factory { Protocol() }, interface: "127.0.0.1")
    reactor.addSystemEventTrigger(holding: .shutdown) { waits }
    try reactor.callWhenRunning {
      try reactor.stop()
      try reactor.callLater(.milliseconds(1)) { reactor.crash() }
    }
    try reactor.run(installSignalHandlers: false)
    #expect(port.connected)
    try waits.callback(())
    #expect(!port.connected)
  }
}
