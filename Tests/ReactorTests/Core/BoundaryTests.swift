import Addresses
import Glibc
import Reactor
import Testing

/// Writes down every crossing, indented by depth.
private final class Recorder: BoundaryObserver {
  private(set) var lines: [String] = []
  private var depth = 0
  private var names: [ObjectIdentifier: String] = [:]
  private var kept: [AnyObject] = []

  func name(_ object: AnyObject, _ name: String) {
    kept.append(object)
    names[ObjectIdentifier(object)] = name
  }

  /// Lets go of the objects, which may hold the recorder.
  func forget() { kept = [] }

  func callBegan(_ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument]) {
    open("call \(text(target)).\(method)(\(arguments.map { "\($0.name): \(text($0.value))" }.joined(separator: ", ")))")
  }

  func callEnded(_ outcome: BoundaryOutcome) { close(outcome) }

  func callbackBegan(
    _ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument], of cause: AnyObject?
  ) {
    let list = arguments.map { "\($0.name): \(text($0.value))" }.joined(separator: ", ")
    open("back \(text(target)).\(method)(\(list))\(cause.map { " of \(text($0))" } ?? "")")
  }

  func callbackEnded(_ outcome: BoundaryOutcome) { close(outcome) }

  func pollBegan() {}

  func connecting(_ transport: AnyObject, connector: AnyObject?, from local: Address) {}

  func attributeRead(_ target: AnyObject, _ name: StaticString, _ value: BoundaryValue) {
    line("get \(text(target)).\(name) \(text(value))")
  }

  private func open(_ text: String) {
    line(text)
    depth += 1
  }

  private func close(_ outcome: BoundaryOutcome) {
    depth -= 1
    switch outcome {
    case .gave(.none): break
    case .gave(let value): line("gave \(text(value))")
    case .raised(let error): line("raised \(error)")
    }
  }

  private func line(_ text: String) { lines.append(String(repeating: "  ", count: depth) + text) }

  private func text(_ object: AnyObject) -> String {
    if let name = names[ObjectIdentifier(object)] { return name }
    let kind = "\(type(of: object))".prefix { $0 != "<" }
    let count = names.values.count { $0.hasPrefix("\(kind)-") } + 1
    name(object, "\(kind)-\(count)")
    return "\(kind)-\(count)"
  }

  private func text(_ value: BoundaryValue) -> String {
    switch value {
    case .none: "none"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double: "double"
    case .duration(let value): "\(value)"
    case .text(let value): value
    case .error(let error): "\(error)"
    case .object(let object, let kind): "\(text(object)):\(kind)"
    case .callable(let callable): callable.method.map { "method \($0.name)" } ?? text(callable)
    case .deferred(let object, let fired): "\(text(object))\(fired.map { " fired \(text($0))" } ?? "")"
    case .set(let values): "{\(values.map(text).joined(separator: " "))}"
    default: "\(value)"
    }
  }
}

@Suite struct BoundaryTests {
  private func make() throws -> (ReactorWorld, Recorder) {
    let world = try ReactorWorld()
    let recorder = Recorder()
    recorder.name(world.reactor, "reactor")
    recorder.name(world.reactor.handle, "handle")
    world.reactor.boundary = Boundary(observer: recorder)
    world.onTearDown { [unowned world] in
      world.reactor.boundary = nil
      recorder.forget()
    }
    return (world, recorder)
  }

  @Test func `calls and callbacks nest, and what one side does within itself is not seen`() throws {
    let (world, recorder) = try make()
    defer { world.tearDown() }
    let reactor = world.reactor
    try reactor.callWhenRunning {
      // Application within application.
      try reactor.callLater(.zero) {
        _ = reactor.running
        try reactor.stop()
        try? reactor.stop()
      }
    }
    try world.run()
    #expect(
      recorder.lines == [
        "call reactor.callWhenRunning(callable: Callable-1)",
        "gave TriggerID-1:trigger",
        "call reactor.run(installSignalHandlers: false)",
        "  back Callable-1.call() of TriggerID-1",
        "    call reactor.callLater(delay: 0.0 seconds, callable: Callable-2)",
        "    gave DelayedCall-1:timer",
        "  back Callable-2.call() of DelayedCall-1",
        "    get reactor.running true",
        "    call reactor.stop()",
        "    call reactor.stop()",
        "    raised notRunning",
      ])
  }

  @Test func `a method of the reactor's that is called later crosses nothing`() throws {
    let (world, recorder) = try make()
    defer { world.tearDown() }
    let reactor = world.reactor
    try reactor.callWhenRunning(Callable(method: reactor, "stop") { try reactor.stop() })
    try world.run()
    #expect(
      recorder.lines == [
        "call reactor.callWhenRunning(callable: method stop)", "gave TriggerID-1:trigger",
        "call reactor.run(installSignalHandlers: false)",
      ])
  }

  @Test func `a Deferred that holds an event is fired by a call, with the phases after it inside`() throws {
    let (world, recorder) = try make()
    defer { world.tearDown() }
    let reactor = world.reactor
    let gate = Deferred<Void>()
    reactor.addSystemEventTrigger(holding: "x") { gate }
    reactor.addSystemEventTrigger(.after, "x") { throw Oops("after") }
    reactor.fireSystemEvent("x")
    try gate.callback(())
    #expect(
      recorder.lines.dropFirst(4) == [
        "call reactor.fireSystemEvent(eventType: x)",
        "  back Callable-1.call() of TriggerID-1",
        "  gave Deferred-1",
        "call Deferred-1.callback(result: none)",
        "  back Callable-2.call() of TriggerID-2",
        "  raised after",
      ])
  }

  @Test func `an application's descriptor is called back`() throws {
    let (world, recorder) = try make()
    defer { world.tearDown() }
    let pipe = Pipe()
    pipe.send("x")
    let reader = TestDescriptor("r", pipe.reading, in: world)
    recorder.name(reader, "reader")
    reader.onRead = { ConnectionClosed.lost }
    try world.reactor.addReader(reader)
    _ = world.reactor.getReaders()
    world.reactor.iterate()
    #expect(
      recorder.lines == [
        "call reactor.addReader(reader: reader:reader)", "call reactor.getReaders()", "gave {reader:reader}",
        "call reactor.iterate()", "  back reader.doRead()", "  gave lost", "  back reader.connectionLost(reason: lost)",
      ])
  }

  @Test func `calls on a delayed call, thread calls and clocks are seen`() throws {
    let (world, recorder) = try make()
    defer { world.tearDown() }
    let call = try world.reactor.callLater(.seconds(1)) {}
    _ = call.getTime()
    _ = call.active()
    try call.reset(.seconds(2))
    try call.cancel()
    try? call.delay(.seconds(1))
    world.reactor.handle.callFromThread { _ in }
    world.reactor.callFromThread {}
    world.reactor.iterate()
    #expect(
      recorder.lines == [
        "call reactor.callLater(delay: 1.0 seconds, callable: Callable-1)", "gave DelayedCall-1:timer",
        "call DelayedCall-1.getTime()", "gave double", "call DelayedCall-1.active()", "gave true",
        "call DelayedCall-1.reset(secondsFromNow: 2.0 seconds)", "call DelayedCall-1.cancel()",
        "call DelayedCall-1.delay(secondsLater: 1.0 seconds)", "raised alreadyCancelled",
        "call handle.callFromThread(callable: Callable-2)", "call reactor.callFromThread(callable: Callable-3)",
        "call reactor.iterate()", "  back Callable-2.call() of ThreadCall-1",
        "  back Callable-3.call() of ThreadCall-2",
      ])
    let clock = ManualClock()
    let clockRecorder = Recorder()
    clockRecorder.name(clock, "clock")
    clock.boundary = Boundary(observer: clockRecorder)
    defer {
      clock.boundary = nil
      clockRecorder.forget()
    }
    clock.callLater(.seconds(1)) { throw Oops("clock") }
    try? clock.pump([.seconds(1)])
    #expect(
      clockRecorder.lines == [
        "call clock.callLater(delay: 1.0 seconds, callable: Callable-1)", "gave DelayedCall-1:timer",
        "call clock.pump(timings: list([Reactor.BoundaryValue.duration(1.0 seconds)]))",
        "  back Callable-1.call() of DelayedCall-1", "  raised clock", "raised clock",
      ])
  }
}
