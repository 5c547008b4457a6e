import Glibc
import Reactor
import Testing

@Suite struct TimerTests {
  @Test(arguments: BackEnd.allCases)
  func `a delay below zero is refused, and the clock starts at the time of day`(_ backEnd: BackEnd) throws {
    let reactor = try ReactorWorld(backEnd).reactor
    #expect(throws: DelayError.negative) { try reactor.callLater(.nanoseconds(-1)) {} }
    #expect(DelayError.negative.traceName == "assertion")
    #expect(abs(reactor.seconds() - Double(time(nil))) < 2)
  }

  @Test(arguments: BackEnd.allCases)
  func `in which turn timers, thread calls and descriptors schedule each other`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pipe = Pipe()
    pipe.send("x")
    func schedule(_ origin: String) throws {
      reactor.callFromThread { world.noteTurn("thread from \(origin)") }
      try reactor.callLater(.zero) { world.noteTurn("timer from \(origin)") }
    }
    let reader = TestDescriptor("io", pipe.reading, in: world)
    reader.onRead = {
      reactor.removeReader(reader)
      try schedule("io")
      return nil
    }
    try reactor.addReader(reader)
    try reactor.callLater(.zero) {
      world.noteTurn("timer")
      try schedule("timer")
    }
    reactor.callFromThread {
      world.noteTurn("thread")
      try schedule("thread")
    }
    reactor.iterate()
    reactor.iterate()
    #expect(
      world.events == [
        "thread@1t", "timer@1t", "timer from thread@1t", "io.doRead@1p", "thread from thread@2t",
        "thread from timer@2t", "thread from io@2t", "timer from timer@2t", "timer from io@2t",
      ])
  }

  @Test(arguments: BackEnd.allCases)
  func `calls due at the same time are made in the order in which they were scheduled`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd, io: StillIO())
    defer { world.tearDown() }
    for index in 0..<6 { try world.reactor.callLater(.zero) { world.note("\(index)") } }
    world.reactor.iterate()
    #expect(world.events == ["0", "1", "2", "3", "4", "5"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a call postponed in the heap is waited for at its old time, one postponed before that at its new`(
    _ backEnd: BackEnd
  ) throws {
    let io = StillIO()
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    let reactor = world.reactor
    let early = try reactor.callLater(.milliseconds(50)) { world.note("early") }
    try early.reset(.milliseconds(200))
    try reactor.callWhenRunning {
      let late = try reactor.callLater(.milliseconds(50)) {
        world.note("late")
        try reactor.stop()
      }
      try reactor.callLater(.zero) { try late.reset(.milliseconds(200)) }
    }
    try world.run()
    #expect(world.events == ["early", "late"])
    #expect(io.takeTimeouts().compactMap { $0 }.filter { $0 > 0 } == [50, 150])
  }

  @Test(arguments: BackEnd.allCases)
  func `what a call can do to itself and to others that are due`(_ backEnd: BackEnd) throws {
    let io = StillIO()
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    let reactor = world.reactor
    var calls: [DelayedCall] = []
    calls.append(
      try reactor.callLater(.zero) {
        world.note("a active \(calls[0].active())")
        world.noteThrow("cancel") { try calls[0].cancel() }
        world.noteThrow("reset") { try calls[0].reset(.seconds(1)) }
        world.noteThrow("delay") { try calls[0].delay(.seconds(1)) }
        try calls[1].cancel()
        try calls[2].reset(.milliseconds(20))
        throw Oops("a")
      })
    for name in ["b", "c", "d"] { calls.append(try reactor.callLater(.zero) { world.note(name) }) }
    reactor.iterate()
    #expect(
      world.take() == [
        "a active false", "cancel: alreadyCalled", "reset: alreadyCalled", "delay: alreadyCalled", "d",
      ])
    #expect(world.log.errors == ["a"])
    world.noteThrow("b") { try calls[1].cancel() }
    world.noteThrow("a") { try calls[0].cancel() }
    #expect(world.take() == ["b: alreadyCancelled", "a: alreadyCalled"])
    #expect(calls.map { $0.active() } == [false, false, true, false])
    io.now += 20_000_000
    reactor.iterate()
    #expect(world.take() == ["c"])
  }

  @Test(arguments: BackEnd.allCases)
  func `reset and delay move a call both ways`(_ backEnd: BackEnd) throws {
    let io = StillIO()
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    let reactor = world.reactor
    let start = reactor.seconds()
    let call = try reactor.callLater(.seconds(10)) { world.note("call") }
    let other = try reactor.callLater(.seconds(5)) { world.note("other") }
    reactor.iterate()
    func due(_ call: DelayedCall) -> Int { Int((call.getTime() - start).rounded()) }
    #expect(due(call) == 10)
    try call.delay(.seconds(3))
    #expect(due(call) == 13)
    try call.delay(.seconds(-12))
    #expect(due(call) == 1)
    try other.reset(.seconds(-1))
    #expect(due(other) == -1)
    reactor.iterate()
    #expect(world.take() == ["other"])
    io.now += 999_999_999
    reactor.iterate()
    #expect(world.take() == [])
    io.now += 1
    reactor.iterate()
    #expect(world.take() == ["call"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a poll waits for the next call, rounded up to a millisecond`(_ backEnd: BackEnd) throws {
    let io = StillIO()
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    try world.reactor.callWhenRunning {
      try world.reactor.callLater(.nanoseconds(20_000_001)) {
        world.noteTurn("timer")
        try world.reactor.stop()
      }
    }
    try world.run()
    #expect(world.events == ["timer@2t"])
    #expect(io.takeTimeouts() == [21, 0])
  }

  @Test(arguments: BackEnd.allCases)
  func `time that passes while calls are made makes no more of them due`(_ backEnd: BackEnd) throws {
    let io = StillIO()
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    try world.reactor.callLater(.zero) {
      world.noteTurn("first")
      io.now += 1_000_000_000
    }
    try world.reactor.callLater(.milliseconds(1)) { world.noteTurn("second") }
    world.reactor.iterate()
    world.reactor.iterate()
    #expect(world.events == ["first@1t", "second@2t"])
  }

  @Test func `cancelled calls are purged above fifty and half`() throws {
    for (count, cancelled, left) in [(100, 50, 100), (100, 51, 49), (200, 100, 200), (200, 101, 99)] {
      let world = try ReactorWorld()
      defer { world.tearDown() }
      let calls = try (0..<count).map { _ in try world.reactor.callLater(.seconds(60)) {} }
      world.reactor.iterate()
      for call in calls.prefix(cancelled) { try call.cancel() }
      world.reactor.iterate()
      #expect(world.reactor.heapCount == left)
      #expect(world.reactor.getDelayedCalls().count == count - cancelled)
    }
  }

  @Test func `a delay that no clock can hold is for ever`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let call = try world.reactor.callLater(.seconds(Int64.max)) { world.note("never") }
    world.reactor.iterate()
    #expect(call.active() && world.events == [])
    try call.delay(.seconds(Int64.max))
    try call.reset(.seconds(Int64.max))
    try call.reset(.seconds(Int64.min))
    world.reactor.iterate()
    #expect(world.events == ["never"])
  }

  @Test func `a call outlives its reactor without harm`() throws {
    let call = try ReactorWorld().reactor.callLater(.seconds(1)) {}
    #expect(call.active())
    try call.delay(.seconds(1))
    try call.reset(.seconds(1))
    try call.cancel()
    #expect(throws: DelayedCallError.alreadyCancelled) { try call.cancel() }
  }

  /// Up to twelve calls, each of them cancelled, moved or left alone, some already in the heap by then.
  @Test func `calls are made by due time whatever was done to them`() throws {
    for seed in 0..<200 {
      var generator = SplitMix64(seed: UInt64(seed))
      let io = StillIO()
      let world = try ReactorWorld(.poll, io: io)
      defer { world.tearDown() }
      var expected: [(due: Int, order: Int)] = []
      for order in 0..<Int.random(in: 1...12, using: &generator) {
        let delay = Int.random(in: 0...5, using: &generator)
        let call = try world.reactor.callLater(.seconds(delay)) { world.note("\(order)") }
        if Bool.random(using: &generator) {
          world.reactor.iterate()
          _ = world.take()
          expected.removeAll { $0.due == 0 }
        }
        guard call.active() else { continue }
        switch Int.random(in: 0...3, using: &generator) {
        case 0: try call.cancel()
        case 1:
          let later = Int.random(in: 1...5, using: &generator)
          try call.delay(.seconds(later))
          expected.append((delay + later, order))
        case 2:
          let newDelay = Int.random(in: 1...5, using: &generator)
          try call.reset(.seconds(newDelay))
          expected.append((newDelay, order))
        default: expected.append((delay, order))
        }
      }
      var made: [(due: Int, order: Int)] = []
      for second in 0...11 {
        world.reactor.iterate()
        made += world.take().map { (second, Int($0) ?? -1) }
        io.now += 1_000_000_000
      }
      #expect(made.map(\.due) == expected.map(\.due).sorted())
      #expect(Set(made.map { [$0.due, $0.order] }) == Set(expected.map { [$0.due, $0.order] }))
    }
  }
}
