/// What nesting promises, checked an event at a time: which crossings are open on each thread.
///
/// A line without an outcome may be the whole of a crossing that returned nothing, or open one: the next event of its
/// thread decides. Until then the crossing stands on its thread's stack as a candidate.
struct Nesting {
  /// What an event did.
  enum Step {
    /// It began a crossing; `closed` is the candidate that thereby turned out to be a whole one.
    case began(n: Int, kind: TraceEvent.Kind, parent: Int?, closed: Int?)
    /// It ended a crossing.
    case ended(n: Int, closed: Int?)
  }

  private struct Open {
    let n: Int
    var hasChildren = false
    /// Whether callbacks inside it come from the loop: `run` or `iterate`.
    let isLoop: Bool
  }

  /// How many events there were, `end` lines not counted.
  private(set) var count = 0
  private var stacks: [String?: [Open]] = [:]
  private var threads: [Int: String?] = [:]
  private let limit: Int

  init(limit: Int = TraceLimits().nesting) {
    self.limit = limit
  }

  /// The least and the greatest number of crossings that may be open now: candidates count in the second alone.
  var open: (least: Int, most: Int) {
    var least = 0
    var most = 0
    for stack in stacks.values {
      most += stack.count
      least += stack.count - (stack.last?.hasChildren == false ? 1 : 0)
    }
    return (least, most)
  }

  static func isOutcome(_ key: String) -> Bool {
    switch key {
    case "gives", "raises", "unexpressible", "repeat": true
    default: key.isExtensionKey
    }
  }

  /// Whether an event with these keys can have others inside it.
  func mayBeOpen(_ event: TraceEvent, _ kind: TraceEvent.Kind) -> Bool {
    (kind == .call || kind == .back) && event["gives"] == nil && event["raises"] == nil
  }

  /// Whether the innermost open crossing of the event's thread is `run` or `iterate`.
  func isDirectlyInLoop(_ event: TraceEvent, parent: Int?) -> Bool {
    guard let parent, let open = stacks[event.thread]?.last(where: { $0.n == parent }) else { return false }
    return open.isLoop
  }

  /// Takes the next event in, `eof` excepted.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - allowsUnknown: Whether events of kinds that the vocabulary does not know are taken.
  /// - Returns: What the event did.
  /// - Throws: `TraceError`: `order`, `parent`, `nesting` and their like where the event does not fit.
  mutating func step(_ event: TraceEvent, allowsUnknown: Bool = false) throws(TraceError) -> Step {
    event["end"] != nil ? try end(event) : try begin(event, allowsUnknown)
  }

  /// Takes a candidate off the stack that the event is not inside of; gives its number.
  private mutating func settle(_ thread: String?, _ number: Int?) -> Int? {
    guard let top = stacks[thread]?.last, !top.hasChildren, top.n != number else { return nil }
    stacks[thread]?.removeLast()
    threads[top.n] = nil
    return top.n
  }

  private mutating func begin(_ event: TraceEvent, _ allowsUnknown: Bool) throws(TraceError) -> Step {
    let kind = event.kind
    if kind == .eof || (kind == .other && !allowsUnknown && !event.fields.entries.contains { $0.key.isExtensionKey }) {
      throw TraceError(
        .unknownKind, expected: "an event of a known kind",
        found: shownKeys(event))
    }
    guard event.n == count + 1 else {
      throw TraceError(.order, expected: "the number \(count + 1)", found: shown(event["n"]), field: "n")
    }
    if let thread = event["thread"], thread.text == nil {
      throw TraceError(.type, expected: "a thread's name, such as t-1", found: shown(thread), field: "thread")
    }
    let n = count + 1
    let thread = event.thread
    let closed = settle(thread, event.parent)
    let depth = stacks[thread]?.count ?? 0
    var parent: Int?
    if let top = stacks[thread]?.last {
      guard event.parent == top.n else {
        throw TraceError(
          .parent, expected: "the innermost open crossing, \(top.n)",
          found: event["in"] == nil ? "none" : shown(event["in"]), field: "in")
      }
      parent = top.n
      stacks[thread]?[depth - 1].hasChildren = true
    } else if let found = event["in"] {
      throw TraceError(.parent, expected: "no parent: nothing is open", found: shown(found), field: "in")
    }
    count = n
    if mayBeOpen(event, kind) {
      guard depth < limit else {
        throw TraceError(
          .tooDeep, expected: "at most \(limit) crossings inside one another", found: "more", field: "in")
      }
      let method = event.method
      let isLoop = method == "run" || method == "iterate"
      stacks[thread, default: []].append(Open(n: n, isLoop: isLoop))
      threads[n] = .some(thread)
    }
    return .began(n: n, kind: kind, parent: parent, closed: closed)
  }

  private mutating func end(_ event: TraceEvent) throws(TraceError) -> Step {
    let number = event.end
    let thread: String?
    if let number, let known = threads[number] {
      thread = known
    } else {
      throw TraceError(
        .nesting, expected: "a crossing that is open", found: shown(event["end"]), field: "end")
    }
    let closed = settle(thread, number)
    guard let top = stacks[thread]?.last, top.n == number else {
      let expected = stacks[thread]?.last.map { "the innermost open crossing, \($0.n)" } ?? "a crossing that is open"
      throw TraceError(.nesting, expected: expected, found: shown(event["end"]), field: "end")
    }
    stacks[thread]?.removeLast()
    threads[top.n] = nil
    return .ended(n: top.n, closed: closed)
  }
}
