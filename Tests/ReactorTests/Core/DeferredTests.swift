import Reactor
import Testing

@Suite struct DeferredTests {
  @Test func `callbacks run in order inside the call that fires it, and at once when it has fired`() throws {
    var events: [String] = []
    let deferred = Deferred<Int>()
    deferred.addCallback { events.append("one \($0)") }
    deferred.addErrback { _ in events.append("never") }
    deferred.addBoth { _ in
      events.append("both")
      throw Oops("dropped")
    }
    #expect(!deferred.called)
    try deferred.callback(5)
    events.append("fired")
    deferred.addCallback { events.append("late \($0)") }
    #expect(events == ["one 5", "both", "fired", "late 5"])
    #expect(deferred.called)
    #expect(throws: DeferredError.alreadyCalled) { try deferred.callback(6) }
    #expect(throws: DeferredError.alreadyCalled) { try deferred.errback(Oops()) }
  }

  @Test func `a failure goes to errbacks`() throws {
    var events: [String] = []
    let deferred = Deferred<Int>.fail(Oops("x"))
    deferred.addCallback { _ in events.append("never") }
    deferred.addErrback { events.append("\($0)") }
    #expect(events == ["x"])
    Deferred.succeed(1).addCallback { events.append("\($0)") }
    #expect(events == ["x", "1"])
  }

  @Test func `cancel asks the canceller, and fails by itself when that gives no result`() throws {
    var events: [String] = []
    let silent = Deferred<Int> { _ in events.append("cancelling") }
    silent.addErrback { events.append("\($0)") }
    silent.cancel()
    silent.cancel()
    let answering = Deferred<Int> { try? $0.callback(7) }
    answering.addCallback { events.append("\($0)") }
    answering.cancel()
    #expect(events == ["cancelling", "cancelled", "7"])
    // Without a canceller, the one result that still comes is dropped.
    let plain = Deferred<Int>()
    plain.addErrback { events.append("plain \($0)") }
    plain.cancel()
    try plain.callback(1)
    #expect(throws: DeferredError.alreadyCalled) { try plain.callback(2) }
    #expect(events.last == "plain cancelled")
    let done = Deferred.succeed(3)
    done.cancel()
    #expect(try done.result?.get() == 3)
  }

  @Test func `an error that nobody handled is logged when the last reference is dropped`() throws {
    let log = LogLines()
    for isHandled in [true, false] {
      let deferred = Deferred<Int>()
      deferred.unhandledErrors = log.sink
      deferred.observe { _ in }
      if isHandled { deferred.addErrback { _ in } }
      try deferred.errback(Oops("handled \(isHandled)"))
    }
    #expect(log.errors == ["handled false"])
  }

  @Test func `a callback that a callback adds comes after those that wait`() throws {
    var called: [String] = []
    let deferred = Deferred<Int>()
    deferred.addBoth { _ in
      called.append("a")
      deferred.addBoth { _ in called.append("nested") }
    }
    deferred.addBoth { _ in called.append("b") }
    try deferred.callback(1)
    deferred.addBoth { _ in called.append("late") }
    #expect(called == ["a", "b", "nested", "late"])
  }
}
