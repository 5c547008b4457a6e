/// A whole trace as the judge reads it: events with their outcomes, what is inside of what, and the order of openings and
/// closings, so that it can also be walked as if it were happening.
public struct Recording: Sendable {
  /// What a crossing came to.
  public enum Outcome: Hashable, Sendable {
    /// It returned this value, `null` for nothing.
    case returned(TraceValue)
    /// It raised this error, a value of the error form.
    case raised(TraceMapping)
    /// It was still under way when the recording ended.
    case opened

    /// What was given or raised, as one value.
    public var value: TraceValue {
      switch self {
      case .returned(let value): value
      case .raised(let error): .mapping(error)
      case .opened: .null
      }
    }
  }

  /// Equal crossings in a row that stand as one.
  public struct Fold: Hashable, Sendable {
    /// How many there were.
    public var times: Int
    /// The call that they went on until, nil where it was the end.
    public var until: String?
  }

  /// An event's opening or its closing, in the order of the file.
  struct Step: Hashable, Sendable {
    let n: Int
    let opens: Bool
  }

  /// The header.
  public let header: TraceHeader
  /// The file's name, empty for memory.
  public let file: String
  /// Whether the trace has its `eof` event.
  public let isComplete: Bool
  /// The events; event `n` is at index `n - 1`.
  public let events: [Event]

  let roots: [Int]
  let steps: [Step]
  /// The event that introduces each object.
  let introducer: [String: Int]
  /// The events on each object, in order.
  let onObject: [String: [Int]]

  /// The events of a trace, put together.
  ///
  /// - Parameter trace: The trace; a truncated one counts as far as it goes.
  /// - Throws: `TraceError` where its events do not nest.
  public init(_ trace: TraceFile) throws(TraceError) {
    let tree = try trace.tree()
    header = trace.header
    file = trace.file
    isComplete = !trace.isTruncated
    roots = tree.roots
    let open = Self.stillOpen(tree, declared: trace.eof?["open"]?.int ?? 0)
    var events = tree.crossings.map { Event($0) }
    for n in open { events[n - 1].outcome = .opened }
    self.events = events
    steps = Self.steps(trace, tree, open)

    var introducer: [String: Int] = [:]
    var onObject: [String: [Int]] = [:]
    for event in events {
      for name in event.introductions where introducer[name] == nil { introducer[name] = event.n }
      if !event.target.isEmpty { onObject[event.target, default: []].append(event.n) }
    }
    self.introducer = introducer
    self.onObject = onObject
  }

  /// The crossings without an end: those with something inside, and of the rest as many as the trace says.
  private static func stillOpen(_ tree: TraceTree, declared: Int) -> Set<Int> {
    var open = Set(tree.crossings.lazy.filter { $0.endLine == nil && !$0.children.isEmpty }.map(\.n))
    var left = declared - min(declared, open.count)
    for crossing in tree.crossings.reversed() where left > 0 {
      if crossing.isOpen, crossing.children.isEmpty {
        open.insert(crossing.n)
        left -= 1
      }
    }
    return open
  }

  private static func steps(_ trace: TraceFile, _ tree: TraceTree, _ open: Set<Int>) -> [Step] {
    var steps: [Step] = []
    for (_, event) in trace.events {
      if let n = event.n {
        steps.append(Step(n: n, opens: true))
        if tree[n]?.endLine == nil, !open.contains(n) { steps.append(Step(n: n, opens: false)) }
      } else if let n = event.end {
        steps.append(Step(n: n, opens: false))
      }
    }
    return steps
  }

  /// The event with this number, nil where there is none.
  ///
  /// - Parameter n: The number, from 1.
  public subscript(n: Int) -> Event? { events.indices.contains(n - 1) ? events[n - 1] : nil }

  /// What the recording is of: its case, or its title, or its file.
  public var title: String {
    if let name = header.caseName, !name.isEmpty { return name }
    return header.title.isEmpty ? file : header.title
  }

  /// The callbacks, in the order of the file.
  var callbacks: some Sequence<Event> { events.lazy.filter { $0.kind == .back } }

  /// The events directly inside another, or at the top.
  func children(of n: Int?) -> [Int] {
    guard let n else { return roots }
    return self[n]?.children ?? []
  }

  /// What the application does inside a callback, or outside every callback on the reactor's thread.
  func script(of n: Int?) -> [Int] {
    children(of: n).filter { child in
      guard let event = self[child] else { return false }
      return event.isAction && (n != nil || event.thread == nil)
    }
  }

  /// What comes from outside while the loop turns, for each who does it: peers in other processes, and the reactor's own
  /// signal handlers.
  var actors: [[Int]] {
    var names: [String] = []
    var found: [String: [Int]] = [:]
    for event in events where comesFromOutside(event) {
      if found[event.target] == nil { names.append(event.target) }
      found[event.target, default: []].append(event.n)
    }
    return names.compactMap { found[$0] }
  }

  /// Whether nobody in the application does this: it stands in the loop itself, between callbacks.
  func comesFromOutside(_ event: Event) -> Bool {
    guard event.kind == .peer || event.kind == .call else { return false }
    return event.parent.flatMap { self[$0] }?.turnsTheLoop ?? false
  }

  /// Whether an event is another one, or inside it.
  func isWithin(_ n: Int, _ outer: Int) -> Bool {
    guard let event = self[n] else { return false }
    return n == outer || around(event).contains { $0.n == outer }
  }

  /// An event's number and those of all inside it.
  func subtree(_ n: Int) -> [Int] {
    var found: [Int] = []
    var below = [n]
    while let next = below.popLast() {
      found.append(next)
      below.append(contentsOf: children(of: next))
    }
    return found
  }

  /// The events around an event, innermost first.
  func around(_ event: Event) -> some Sequence<Event> {
    sequence(state: event.parent) { parent in
      guard let n = parent, let outer = self[n] else { return Event?.none }
      parent = outer.parent
      return outer
    }
  }

  /// Whether a callback comes from the loop, or stands at the bottom of a thread of its own.
  func isLoopLevel(_ event: Event) -> Bool {
    guard let parent = event.parent else { return true }
    return self[parent]?.turnsTheLoop ?? false
  }

  /// The outermost callback around an event, up to the one that the loop dispatched; the event itself outside of any.
  func dispatch(of event: Event) -> Event {
    var found = event
    if event.kind == .back, isLoopLevel(event) { return event }
    for outer in around(event) where outer.kind == .back {
      found = outer
      if isLoopLevel(outer) { break }
    }
    return found
  }
}
