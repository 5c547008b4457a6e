/// One event of a trace with its place in the tree: what it happened inside of, and what happened inside it.
public struct Crossing: Sendable {
  /// The event as it stands in the trace, with the outcome and `repeat` of its `end` line merged in.
  public internal(set) var event: TraceEvent
  /// Its number, from 1.
  public let n: Int
  /// What kind of event it is.
  public let kind: TraceEvent.Kind
  /// The line it stands on.
  public let line: Int
  /// The number of the crossing that it happened inside of, nil at the top.
  public let parent: Int?
  /// The numbers of the events directly inside it, in order.
  public internal(set) var children: [Int] = []
  /// Where its `end` line stands, nil for a crossing of one line.
  public internal(set) var endLine: Int?
  /// When it ended, in nanoseconds since the header's `started`, nil for a crossing of one line.
  public internal(set) var endAt: Int?
  /// Whether it was opened and not closed: at the end of a truncated trace its outcome is not known.
  public internal(set) var isOpen = false

  /// What was crossed: `reactor-1.listenTCP`; empty for kinds that name no member.
  public var name: String { event.name ?? "" }
  /// The object: `reactor-1`.
  public var target: String { event.target ?? "" }
  /// The member: `listenTCP`.
  public var method: String { event.method ?? "" }
}

/// The events of a trace as a forest.
///
/// The crossings are values, found by number: a tree from a stranger can be deep without harm.
public struct TraceTree: Sendable {
  /// Every crossing in the order of the file; event `n` is at index `n - 1`.
  public private(set) var crossings: [Crossing] = []
  /// The numbers of the top-level events, in order.
  public private(set) var roots: [Int] = []

  var nesting = Nesting()

  /// An empty tree.
  public init() {}

  /// The tree of these events, `end` lines included and `eof` left out.
  ///
  /// - Parameters:
  ///   - events: The events with their line numbers, in the order of the file.
  ///   - file: The file's name for errors.
  /// - Throws: What `add` throws.
  public init(_ events: some Sequence<(line: Int, event: TraceEvent)>, file: String = "") throws(TraceError) {
    for (line, event) in events {
      do { _ = try add(event, line: line) } catch { throw error.at(file: file, line: line) }
    }
  }

  /// The crossing with this number, nil where there is none.
  ///
  /// - Parameter n: The number, from 1.
  public subscript(n: Int) -> Crossing? { crossings.indices.contains(n - 1) ? crossings[n - 1] : nil }

  /// The crossing's own number and those of all inside it, in the order of the file.
  ///
  /// - Parameter n: The number of a crossing.
  /// - Returns: Numbers, `n` first; nothing where there is no such crossing.
  public func walk(_ n: Int) -> [Int] {
    var found: [Int] = []
    var stack = [n]
    while let next = stack.popLast() {
      guard let crossing = self[next] else { continue }
      found.append(next)
      stack.append(contentsOf: crossing.children.reversed())
    }
    return found
  }

  /// Takes the next event in.
  ///
  /// - Parameters:
  ///   - event: An event that is not `eof`.
  ///   - line: Its line.
  /// - Returns: The number of its crossing, or of the one that it closes.
  /// - Throws: `order`, `parent`, `nesting` and their like where it does not fit.
  public mutating func add(_ event: TraceEvent, line: Int) throws(TraceError) -> Int {
    let step = try nesting.step(event)
    switch step {
    case .began(let n, let kind, let parent, let closed):
      if let closed { crossings[closed - 1].isOpen = false }
      var crossing = Crossing(event: event, n: n, kind: kind, line: line, parent: parent)
      crossing.isOpen = nesting.mayBeOpen(event, kind)
      crossings.append(crossing)
      if let parent { crossings[parent - 1].children.append(n) } else { roots.append(n) }
      return n
    case .ended(let n, let closed):
      if let closed { crossings[closed - 1].isOpen = false }
      crossings[n - 1].isOpen = false
      crossings[n - 1].endLine = line
      crossings[n - 1].endAt = event.at
      for entry in event.fields.entries where Nesting.isOutcome(entry.key) {
        crossings[n - 1].event.fields[entry.key] = entry.value
      }
      return n
    }
  }
}
