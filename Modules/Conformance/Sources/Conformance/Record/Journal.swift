/// Takes the events of a recording, one at a time, in the order of the file.
public protocol EventSink: AnyObject {
  /// Takes one event.
  ///
  /// - Parameter event: The event, complete, or opened, or the end of an opened one.
  func take(_ event: TraceEvent)
}

/// A sink that keeps the events in memory.
public final class EventList: EventSink {
  /// The events, in order.
  public private(set) var events: [TraceEvent] = []

  /// Makes an empty one.
  public init() {}

  /// Keeps the event.
  ///
  /// - Parameter event: The event.
  public func take(_ event: TraceEvent) { events.append(event) }
}

/// Numbers events, and decides when the line of each is written.
///
/// A crossing's line waits for its outcome as long as nothing else happens. When another event comes, or the loop polls, it is
/// written without one, and its outcome follows on an `end` line: so what a killed or hung program was doing is in the file.
struct Journal {
  private let sink: any EventSink
  private let clock: () -> Int
  private let epoch: Int
  private var pending: TraceEvent?
  /// How many events there are.
  private(set) var count = 0
  /// How many crossings have no outcome yet.
  private(set) var open = 0
  private var isClosed = false

  /// A journal whose times count from now.
  init(_ sink: any EventSink, clock: @escaping () -> Int) {
    self.sink = sink
    self.clock = clock
    epoch = clock()
  }

  /// Nanoseconds since the journal was made.
  var now: Int { clock() - epoch }

  /// Numbers an event and keeps its line back until its outcome is known; gives its number.
  mutating func begin(_ event: TraceEvent) -> Int {
    flush()
    count += 1
    open += 1
    var event = event
    event.fields["n"] = .int(count)
    event.fields["at"] = .int(now)
    if !isClosed { pending = event }
    return count
  }

  /// Writes a crossing's outcome: `gives` or `raises`, or nothing for one that returned nothing.
  mutating func finish(_ n: Int, _ outcome: (key: String, value: TraceValue)?) {
    open -= 1
    guard !isClosed else { return }
    if var event = pending, event.n == n {
      pending = nil
      if let outcome { event.fields[outcome.key] = outcome.value }
      sink.take(event)
    } else {
      flush()
      var end: TraceEvent = ["end": .int(n), "at": .int(now)]
      if let outcome { end.fields[outcome.key] = outcome.value }
      sink.take(end)
    }
  }

  /// Writes an event that nothing can be inside of; gives its number.
  mutating func leaf(_ event: TraceEvent) -> Int {
    let n = begin(event)
    finish(n, nil)
    return n
  }

  /// Writes the line that is kept back, if there is one, opened.
  mutating func flush() {
    guard let event = pending else { return }
    pending = nil
    if !isClosed { sink.take(event) }
  }

  /// Opens what is open; nothing is written after this.
  mutating func close() {
    flush()
    isClosed = true
  }
}
