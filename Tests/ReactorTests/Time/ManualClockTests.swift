import Reactor
import Testing

@Suite struct ManualClockTests {
  @Test func `all calls see the time to which the clock was advanced`() throws {
    let clock = ManualClock()
    var events: [String] = []
    func note(_ name: String) { events.append("\(name) \(clock.seconds())") }
    clock.callLater(.seconds(2)) { note("two") }
    clock.callLater(.seconds(1)) {
      note("one")
      clock.callLater(.zero) { note("zero from one") }
    }
    clock.callLater(.seconds(2)) { note("two b") }
    clock.callLater(.seconds(-1)) { note("negative") }
    #expect(clock.seconds() == 0)
    try clock.advance(.seconds(5))
    #expect(events == ["negative 5.0", "one 5.0", "two 5.0", "two b 5.0", "zero from one 5.0"])
    #expect(clock.getDelayedCalls().isEmpty)
  }

  @Test func `an error leaves advance, and the calls after it wait for the next`() throws {
    let clock = ManualClock()
    var events: [String] = []
    clock.callLater(.seconds(1)) { events.append("x1") }
    clock.callLater(.seconds(2)) { throw Oops("x2") }
    clock.callLater(.seconds(3)) { events.append("x3") }
    #expect(throws: Oops("x2")) { try clock.advance(.seconds(3)) }
    #expect(events == ["x1"] && clock.seconds() == 3)
    try clock.advance(.zero)
    #expect(events == ["x1", "x3"])
  }

  @Test func `calls can be moved, cancelled and listed by due time`() throws {
    let clock = ManualClock()
    var events: [String] = []
    let first = clock.callLater(.seconds(1)) { events.append("first") }
    let second = clock.callLater(.seconds(2)) { events.append("second") }
    let third = clock.callLater(.seconds(3)) { events.append("third") }
    try first.reset(.seconds(5))
    try third.delay(.milliseconds(-1500))
    #expect(clock.getDelayedCalls().map { $0.getTime() } == [1.5, 2, 5])
    try second.cancel()
    #expect(clock.getDelayedCalls().count == 2)
    try clock.pump([.seconds(1), .seconds(1), .seconds(1)])
    #expect(events == ["third"])
    #expect(clock.seconds() == 3)
    try clock.pump([.seconds(2)])
    #expect(events == ["third", "first"])
    #expect(throws: DelayedCallError.alreadyCalled) { try first.cancel() }
    #expect(throws: DelayedCallError.alreadyCancelled) { try second.reset(.zero) }
  }

  @Test func `a call is already made while it is being made`() throws {
    let clock = ManualClock()
    var call: DelayedCall?
    var outcome: String?
    call = clock.callLater(.seconds(1)) {
      do {
        try call?.reset(.seconds(1))
      } catch {
        outcome = "\(error) \(call?.active() ?? true)"
      }
    }
    try clock.advance(.seconds(1))
    #expect(outcome == "alreadyCalled false")
  }

  @Test func `of calls due at the same time the one that came to it first is first`() throws {
    let clock = ManualClock()
    var made: [String] = []
    clock.callLater(.seconds(2)) { made.append("a") }
    let b = clock.callLater(.seconds(1)) { made.append("b") }
    try b.reset(.seconds(2))
    try clock.advance(.seconds(2))
    #expect(made == ["b", "a"])
  }
}
