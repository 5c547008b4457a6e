import Addresses
import Glibc
import Reactor
import Synchronization
import Testing

/// Runs a function in a thread of its own, and waits until it has ended.
func inThread(_ body: @escaping @Sendable () -> Void) throws {
  let pool = try ThreadPool(minimum: 1, maximum: 1, log: .none)
  pool.start()
  pool.callInThread(body)
  pool.stop()
}

/// What happened in several threads, in order.
final class ThreadNotes: Sendable {
  private let lines = Mutex<[String]>([])

  func note(_ line: String) { lines.withLock { $0.append(line) } }

  var all: [String] { lines.withLock { $0 } }
}

@Suite struct ReactorHandleTests {
  @Test(arguments: BackEnd.allCases)
  func `calls are made in the order of queueing, those queued meanwhile in the next turn`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    reactor.callFromThread {
      world.noteTurn("a")
      reactor.callFromThread { world.noteTurn("added") }
      throw Oops("thread")
    }
    reactor.callFromThread { world.noteTurn("b") }
    try reactor.callLater(.zero) { world.noteTurn("timer") }
    #expect(world.events == [])
    // With a call in the queue the poll does not wait.
    reactor.iterate(.seconds(60))
    reactor.iterate()
    #expect(world.events == ["a@1t", "b@1t", "timer@1t", "added@2t"])
    #expect(world.log.errors == ["thread"])
    #expect(world.log.events.first { $0.error != nil }?.message == "while calling from thread")
  }

  @Test(arguments: BackEnd.allCases)
  func `one thread's calls keep their order`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let handle = world.reactor.handle
    let notes = ThreadNotes()
    try inThread {
      for index in 0..<100 { handle.callFromThread { _ in notes.note("\(index)") } }
    }
    world.reactor.iterate()
    #expect(notes.all == (0..<100).map { "\($0)" })
  }

  @Test(arguments: BackEnd.allCases)
  func `a call from another thread ends a poll that has no time-out`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let handle = world.reactor.handle
    let polls = Mutex(0)
    final class Watcher: BoundaryObserver {
      let pollBeganAction: () -> Void
      init(_ action: @escaping () -> Void) { pollBeganAction = action }
      func callBegan(_ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument]) {}
      func callEnded(_ outcome: BoundaryOutcome) {}
      func callbackBegan(
        _ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument], of cause: AnyObject?
      ) {}
      func callbackEnded(_ outcome: BoundaryOutcome) {}
      func pollBegan() { pollBeganAction() }
      func connecting(_ transport: AnyObject, connector: AnyObject?, from local: Address) {}
      func attributeRead(_ target: AnyObject, _ name: StaticString, _ value: BoundaryValue) {}
    }
    let pool = try ThreadPool(minimum: 1, maximum: 1, log: .none)
    pool.start()
    defer { pool.stop() }
    var asked = false
    // Just before each poll without work a thread is told to end it.
    world.reactor.boundary = Boundary(
      observer: Watcher {
        polls.withLock { $0 += 1 }
        if !asked {
          asked = true
          pool.callInThread { handle.callFromThread { (reactor) in try reactor.stop() } }
        }
      })
    try world.run()
    world.reactor.boundary = nil
    #expect(polls.withLock { $0 } >= 2)
  }

  @Test(arguments: BackEnd.allCases)
  func `wakeUp ends a poll without a call`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    world.reactor.handle.wakeUp()
    world.reactor.iterate(.seconds(60))
    #expect(world.reactor.turn == 1)
  }

  @Test func `a handle that outlives its reactor drops what it is given`() throws {
    final class Canary: Sendable {}
    weak var kept: Canary?
    let handle: ReactorHandle
    do {
      let world = try ReactorWorld()
      defer { world.tearDown() }
      handle = world.reactor.handle
      let canary = Canary()
      kept = canary
      handle.callFromThread { _ in _ = canary }
    }
    #expect(kept == nil)
    handle.callFromThread { _ in }
    handle.wakeUp()
  }
}

@Suite struct ReactorThreadPoolTests {
  @Test(arguments: BackEnd.allCases)
  func `work given before the run waits for it, and shutdown waits for the work`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let notes = ThreadNotes()
    reactor.callInThread { notes.note("job") }
    let pool = reactor.getThreadPool()
    #expect(pool === reactor.getThreadPool())
    #expect(pool.workers == 0 && pool.backlog == 1 && pool.maximum == 10)
    try reactor.callWhenRunning {
      notes.note("called")
      try reactor.stop()
    }
    reactor.addSystemEventTrigger(.after, .shutdown) { notes.note("after") }
    try world.run()
    #expect(Set(notes.all.prefix(2)) == ["called", "job"])
    #expect(notes.all.last == "after")
    #expect(pool.workers == 0)
    // A pool that is asked for now never starts.
    #expect(reactor.getThreadPool() !== pool)
    reactor.callInThread { notes.note("lost") }
    #expect(reactor.getThreadPool().workers == 0 && !notes.all.contains("lost"))
  }

  @Test(arguments: BackEnd.allCases)
  func `deferToThread gives its result in a thread step, and never once the reactor has stopped`(
    _ backEnd: BackEnd
  ) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    try reactor.callWhenRunning {
      let value = reactor.deferToThread { 6 * 7 }
      value.addCallback { (number) in
        world.note("value \(number) \(reactor.phase)")
        let failed: Deferred<Int> = reactor.deferToThread { throw Oops("work") }
        failed.addErrback { (error) in
          world.note("error \(error)")
          let late: Deferred<Int> = reactor.deferToThread { 1 }
          late.addCallback { _ in world.note("late") }
          try reactor.stop()
        }
      }
    }
    try world.run()
    #expect(world.take() == ["value 42 thread", "error work"])
    reactor.iterate()
    #expect(world.events == ["late"])
  }

  @Test func `a pool of impossible size is refused`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    #expect(throws: ThreadPoolError.minimumAboveMaximum) { try world.reactor.suggestThreadPoolSize(-1) }
    try world.reactor.suggestThreadPoolSize(3)
    #expect(world.reactor.getThreadPool().maximum == 3)
    #expect(throws: ThreadPoolError.negativeMinimum) { try ThreadPool(minimum: -1, maximum: 1) }
    #expect(throws: ThreadPoolError.minimumAboveMaximum) { try ThreadPool(minimum: 2, maximum: 1) }
    #expect(ThreadPoolError.negativeMinimum.traceName == "assertion")
  }
}

@Suite struct ThreadPoolTests {
  @Test func `it grows with the work up to its greatest, and stop does what is left`() throws {
    let pool = try ThreadPool(minimum: 0, maximum: 3, log: .none)
    let notes = ThreadNotes()
    let gate = Gate()
    pool.start()
    #expect(pool.workers == 0)
    for index in 0..<5 {
      pool.callInThread {
        gate.wait()
        notes.note("\(index)")
      }
    }
    #expect(pool.workers == 3)
    gate.open()
    pool.stop()
    #expect(Set(notes.all) == ["0", "1", "2", "3", "4"])
    #expect(pool.workers == 0 && pool.backlog == 0)
    pool.callInThread { notes.note("after stop") }
    pool.start()
    pool.stop()
    #expect(notes.all.count == 5)
  }

  @Test func `results and errors come in the thread of the work`() throws {
    let log = LogLines()
    let pool = try ThreadPool(minimum: 2, maximum: 2, log: log.sink)
    let notes = ThreadNotes()
    pool.start()
    #expect(pool.workers == 2)
    pool.callInThreadWithCallback({ notes.note("\($0)") }, { 5 })
    pool.callInThreadWithCallback({ (result: Result<Int, any Error>) in notes.note("\(result)") }, { throw Oops("w") })
    pool.callInThread { throw Oops("nobody asked") }
    pool.stop()
    #expect(Set(notes.all) == ["success(5)", "failure(w)"])
    #expect(log.errors == ["nobody asked"])
  }

  @Test func `threads above a smaller greatest number end`() throws {
    let pool = try ThreadPool(minimum: 4, maximum: 4, log: .none)
    pool.start()
    #expect(pool.workers == 4)
    try pool.adjustPoolSize(minimum: 1, maximum: 1)
    while pool.workers > 1 { sched_yield() }
    let notes = ThreadNotes()
    pool.callInThread { notes.note("still works") }
    pool.stop()
    #expect(notes.all == ["still works"])
  }
}

/// Holds threads back until it is opened.
final class Gate: Sendable {
  private let isOpen = Atomic(false)

  func open() { isOpen.store(true, ordering: .releasing) }

  var isOpenNow: Bool { isOpen.load(ordering: .acquiring) }

  func wait() {
    while !isOpen.load(ordering: .acquiring) { sched_yield() }
  }
}
