import Reactor
import Testing

@Suite struct SystemEventTests {
  @Test func `before Deferreds are waited for together, failures do not hold, and later results are ignored`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let reactor = world.reactor
    let first = Deferred<Void>()
    var second: Deferred<Void>? = Deferred<Void>()
    reactor.addSystemEventTrigger(
      holding: "x",
      {
        world.note("b1"); return first
      })
    reactor.addSystemEventTrigger(
      holding: "x",
      { [weak second] in
        world.note("b2"); return second
      })
    reactor.addSystemEventTrigger(.before, "x") { world.note("b3") }
    reactor.addSystemEventTrigger(
      .during, "x",
      .holding {
        world.note("during"); return Deferred<Void>()
      })
    reactor.addSystemEventTrigger(.after, "x") { world.note("after") }
    reactor.fireSystemEvent("x")
    world.note("fail")
    try second?.errback(Oops("unhandled"))
    world.note("fire")
    try first.callback(())
    world.note("fired")
    #expect(world.events == ["b1", "b2", "b3", "fail", "fire", "during", "after", "fired"])
    #expect(world.log.errors == [])
    second = nil
    #expect(world.log.errors == ["unhandled"])
    #expect(world.log.events.last?.message == "Unhandled error in Deferred")
  }

  @Test func `an error in any phase is logged, and every trigger is called once`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let reactor = world.reactor
    for phase in TriggerPhase.allCases {
      for number in 0..<2 {
        reactor.addSystemEventTrigger(phase, "x") {
          world.note("\(phase)\(number)")
          throw Oops("\(phase)\(number)")
        }
      }
    }
    reactor.fireSystemEvent("x")
    let names = ["before0", "before1", "during0", "during1", "after0", "after1"]
    #expect(world.take() == names)
    #expect(world.log.errors == names)
    reactor.fireSystemEvent("x")
    reactor.fireSystemEvent("never heard of")
    #expect(world.events == [])
  }

  @Test func `a trigger added to a phase that has not ended is called in the same firing`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let reactor = world.reactor
    let gate = Deferred<Void>()
    func add(_ phase: TriggerPhase, _ name: String, _ then: @escaping () -> Void = {}) {
      reactor.addSystemEventTrigger(phase, "x") {
        world.note(name)
        then()
      }
    }
    add(.before, "b1") {
      add(.before, "b late")
      add(.during, "d from b")
    }
    reactor.addSystemEventTrigger(
      holding: "x",
      {
        world.note("b waits"); return gate
      })
    add(.during, "d1") {
      add(.before, "b from d")
      add(.during, "d late")
    }
    add(.after, "a1") {
      add(.during, "d from a")
      add(.after, "a late")
    }
    reactor.fireSystemEvent("x")
    add(.before, "b while waiting")
    #expect(world.take() == ["b1", "b waits", "b late"])
    try gate.callback(())
    #expect(world.take() == ["d1", "d from b", "d late", "a1", "a late"])
    reactor.fireSystemEvent("x")
    #expect(world.take() == ["b while waiting", "b from d", "d from a"])
  }

  @Test func `removal while an event is fired`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let reactor = world.reactor
    var ids: [String: TriggerID] = [:]
    func add(_ phase: TriggerPhase, _ name: String, _ then: @escaping () throws -> Void = {}) {
      ids[name] = reactor.addSystemEventTrigger(phase, "x") {
        world.note(name)
        try then()
      }
    }
    defer { ids = [:] }
    func remove(_ name: String) {
      world.noteThrow("remove \(name)") { try reactor.removeSystemEventTrigger(#require(ids[name])) }
    }
    add(.before, "b1")
    add(.before, "b2") {
      remove("b1")
      remove("b3")
      remove("d2")
    }
    add(.before, "b3")
    add(.during, "d1")
    add(.during, "d2")
    add(.after, "a") {
      remove("d1")
      remove("b1")
    }
    reactor.fireSystemEvent("x")
    #expect(
      world.take() == [
        "b1", "b2", "remove b1: none", "remove b3: none", "remove d2: none", "d1", "a",
        "remove d1: alreadyRemoved", "remove b1: alreadyRemoved",
      ])
    #expect(world.log.events.filter { $0.level == .warn }.count == 1)
    let other = try ReactorWorld()
    let stranger = other.reactor.addSystemEventTrigger(.before, "y") {}
    world.noteThrow("unknown") { try reactor.removeSystemEventTrigger(stranger) }
    #expect(world.events == ["unknown: unknownEvent"])
  }

  @Test func `one function added twice is removed once for each id`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let reactor = world.reactor
    let function = Callable { world.note("called") }
    let first = reactor.addSystemEventTrigger(.during, "x", function)
    let second = reactor.addSystemEventTrigger(.during, "x", function)
    try reactor.removeSystemEventTrigger(first)
    reactor.fireSystemEvent("x")
    #expect(world.events == ["called"])
    #expect(throws: TriggerError.alreadyRemoved) { try reactor.removeSystemEventTrigger(second) }
  }

  @Test(arguments: BackEnd.allCases)
  func `callWhenRunning calls at once while running, ahead of those that wait`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    reactor.addSystemEventTrigger(.before, .startup) {
      try reactor.callWhenRunning { world.note("from before") }
    }
    reactor.addSystemEventTrigger(.during, .startup) {
      let id = try reactor.callWhenRunning { world.note("from during") }
      world.note("id \(id == nil)")
    }
    let kept = try reactor.callWhenRunning { world.note("one") }
    let removed = try #require(try reactor.callWhenRunning { world.note("removed") })
    try reactor.callWhenRunning {
      world.note("two(")
      try reactor.callWhenRunning { world.note("nested") }
      world.note(")two")
    }
    try reactor.callWhenRunning {
      world.noteThrow("throwing") { try reactor.callWhenRunning { throw Oops("inside") } }
      try reactor.stop()
      throw Oops("outside")
    }
    #expect(kept != nil)
    try reactor.removeSystemEventTrigger(removed)
    try world.run()
    #expect(
      world.events == [
        "from during", "id true", "one", "two(", "nested", ")two", "throwing: inside", "from before",
      ])
    #expect(world.log.errors == ["outside"])
  }

  @Test(arguments: BackEnd.allCases)
  func `shutdown: before with everything alive, then the losses, then during and after`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pipes = [Pipe(), Pipe()]
    let both = TestDescriptor("both", pipes[0].reading, in: world)
    let bad = TestDescriptor("bad", pipes[1].reading, in: world)
    bad.onLost = { throw Oops("in lost") }
    let gate = Deferred<Void>()
    try reactor.callWhenRunning {
      try reactor.addReader(both)
      try reactor.addReader(bad)
      try reactor.stop()
    }
    reactor.addSystemEventTrigger(
      holding: .shutdown,
      {
        world.noteTurn("before \(reactor.running) \(reactor.getReaders().count)")
        world.noteThrow("stop") { try reactor.stop() }
        try reactor.callLater(.zero) {
          world.noteTurn("fire")
          try gate.callback(())
          world.noteTurn("fired")
        }
        return gate
      })
    reactor.addSystemEventTrigger(.during, .shutdown) { world.noteTurn("during \(reactor.running)") }
    reactor.addSystemEventTrigger(.after, .shutdown) { world.noteTurn("after \(reactor.getReaders().count)") }
    try world.run()
    #expect(world.events.prefix(3) == ["before true 2@1t", "stop: notRunning", "fire@2t"])
    #expect(Set(world.events[3..<5]) == ["both.lost lost@2t", "bad.lost lost@2t"])
    #expect(world.events.dropFirst(5) == ["during false@2t", "after 0@2t", "fired@2t"])
    #expect(world.log.errors == ["in lost"])
    #expect(world.log.events.first { $0.error != nil }?.system == "bad")
  }

  @Test func `an event that is fired while it waits lets go of what was called when it may`() throws {
    final class Touching {
      let reactor: Reactor
      init(_ reactor: Reactor) { self.reactor = reactor }
      deinit { reactor.addSystemEventTrigger(.after, "e") {} }
    }
    let reactor = try Reactor(log: .none)
    defer { reactor.discard() }
    var touching: Touching? = Touching(reactor)
    reactor.addSystemEventTrigger(holding: "e") { [touching] in
      _ = touching
      return Deferred()
    }
    touching = nil
    reactor.fireSystemEvent("e")
    reactor.fireSystemEvent("e")
  }
}
