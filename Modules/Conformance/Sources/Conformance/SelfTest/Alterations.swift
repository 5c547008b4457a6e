/// The alterations of one trace.
struct Alterations {
  typealias Row = (line: Int, event: TraceEvent)

  /// One alteration: the event, what it is, the altered events.
  struct Alteration {
    let n: Int
    let what: String
    let rows: [Row]
    /// Why it changes nothing, where it does not.
    var equivalent: Mutant.Equivalence?
    /// Whether it alters what the application does.
    var isStimulus = false
  }

  typealias Sink = (Alteration) throws -> Void

  let rows: [Row]
  let original: Recording
  let strands: Strands
  let edges: Edges
  let streams: [String: Stream]
  let timing: RecordedTiming
  let drift: Drift
  /// Whether order is total, and operations and lines of the log are under test like callbacks.
  let isStrict: Bool
  /// Whether the answers to the system's operations come from the application.
  let isFed: Bool
  /// Where each event opens and, on another line, closes.
  private(set) var opening: [Int: Int] = [:]
  private(set) var closing: [Int: Int] = [:]

  init(_ trace: TraceFile) throws(TraceError) {
    rows = trace.events
    original = try Recording(trace)
    strands = Strands(original)
    edges = Edges(original, strands)
    streams = Stream.all(original, strands)
    timing = RecordedTiming(original)
    drift = Drift(original, strands, edges, Joins(original, strands, streams), delays: timing.delays)
    isStrict = trace.header.features.contains("pair")
    isFed = original.events.contains { $0.args["system"]?["is"]?["system"] == "fed" }
    for (place, row) in rows.enumerated() {
      if let n = row.event.n {
        opening[n] = place
      } else if let n = row.event.end {
        closing[n] = place
      }
    }
  }

  func make(_ kind: Mutant.Kind, _ sink: Sink) throws {
    switch kind {
    case .dropped: try dropped(sink)
    case .added: try added(sink)
    case .swapped: try swapped(sink)
    case .exchanged: try exchanged(sink)
    case .phase: try phases(sink)
    case .turn: try turns(sink)
    case .byte, .length, .error, .errno, .address, .port, .type, .value: try values(kind, sink)
    case .outcome: try outcomes(sink)
    case .tail: try tails(sink)
    case .earlyClose: try earlyCloses(sink)
    }
  }

  // Crossings as wholes.

  /// What the system does: its callbacks, and of tunnels its operations and what it logs.
  private var happenings: [Recording.Event] {
    original.events.filter { $0.kind == .back || (isStrict && ($0.kind == .io || $0.kind == .log)) }
  }

  /// The places of a crossing: its opening, all that is inside it, its end.
  func block(_ n: Int) -> [Int] {
    original.subtree(n).flatMap { [opening[$0], closing[$0]].compactMap(\.self) }.sorted()
  }

  func rows(_ places: [Int]) -> [Row] { places.map { rows[$0] } }

  private func without(_ places: [Int]) -> [Row] {
    let gone = Set(places)
    return rows(rows.indices.filter { !gone.contains($0) })
  }

  /// Why an alteration of an event changes nothing, whatever it is.
  func equivalence(_ event: Recording.Event) -> Mutant.Equivalence? {
    isStrict && event.isPythonOnly ? .notApplicable : nil
  }

  private func dropped(_ sink: Sink) throws {
    for event in happenings {
      let rest = without(block(event.n))
      try sink(Alteration(n: event.n, what: event.told, rows: rest, equivalent: equivalence(event)))
    }
  }

  private func added(_ sink: Sink) throws {
    let fresh = original.events.count + 1
    for event in happenings {
      let block = block(event.n)
      guard let first = block.first, let last = block.last else { continue }
      var row = rows[first]
      row.event.fields["n"] = .int(fresh)
      row.event.fields["repeat"] = nil
      row.event.fields = row.event.fields.referring
      let isEmpty = event.method == "dataReceived" && event.args["data"]?.bytes?.isEmpty ?? true
      let changed = Array(rows[...last] + [row] + rows[(last + 1)...])
      let reason = isEmpty ? .freedom(.chunks) : equivalence(event)
      try sink(Alteration(n: event.n, what: event.told, rows: changed, equivalent: reason))
    }
  }

  private func swapped(_ sink: Sink) throws {
    let sequences = isStrict ? siblings : strands.names.map { strands.callbacks[$0] ?? [] }
    for sequence in sequences {
      for (first, second) in zip(sequence, sequence.dropFirst()) {
        guard let a = original[first], let b = original[second], a.parent == b.parent, a.thread == b.thread,
          let changed = exchange(first, second)
        else { continue }
        let reason: Mutant.Equivalence? = areEqual(a, b) ? .equal : equivalence(a) ?? equivalence(b)
        try sink(Alteration(n: first, what: "\(a.told) and \(b.told)", rows: changed, equivalent: reason))
      }
    }
  }

  /// What the system does inside one and the same crossing, as far as nothing of the application's comes between.
  private var siblings: [[Int]] {
    let happening = Set(happenings.map(\.n))
    return ([nil] + original.events.map { Optional($0.n) }).flatMap { parent in
      original.children(of: parent).split { !happening.contains($0) }.map(Array.init)
    }
  }

  /// The rows with two crossings in each other's place.
  func exchange(_ first: Int, _ second: Int) -> [Row]? {
    let (one, other) = (block(first), block(second))
    guard let start = one.first, let stop = other.first, start < stop else { return nil }
    let moved = Set(one + other)
    let between = (start..<stop).filter { !moved.contains($0) }
    let after = (stop..<rows.count).filter { !moved.contains($0) }
    return rows(Array(0..<start) + other + between + one + after)
  }

  private func areEqual(_ a: Recording.Event, _ b: Recording.Event) -> Bool {
    guard a.children.isEmpty, b.children.isEmpty else { return isSame(a, b) }
    if a.method == "dataReceived", b.method == "dataReceived" {
      let (x, y) = (a.args["data"]?.bytes ?? [], b.args["data"]?.bytes ?? [])
      return (x + y)[...].isSame(as: (y + x)[...])
    }
    return a.kind == b.kind && a.member == b.member && a.args == b.args && a.of == b.of && a.outcome == b.outcome
  }

  private func tails(_ sink: Sink) throws {
    let last = happenings.filter { isStrict ? !$0.isPythonOnly : original.isLoopLevel($0) }.map(\.n)
    for count in 1...3 where last.count > count {
      let gone = last.suffix(count)
      let what = "the last \(count) callbacks"
      try sink(Alteration(n: gone.first ?? 0, what: what, rows: without(gone.flatMap(block))))
    }
  }

  private func earlyCloses(_ sink: Sink) throws {
    for strand in strands.names {
      let callbacks = strands.callbacks[strand] ?? []
      for (before, n) in zip(callbacks, callbacks.dropFirst()) {
        guard let event = original[n], event.method == "connectionLost", event.parent == original[before]?.parent,
          let place = opening[before]
        else { continue }
        let block = block(n)
        let moved = Set(block)
        let rest = (place..<rows.count).filter { !moved.contains($0) }
        try sink(Alteration(n: n, what: event.member, rows: rows(Array(0..<place) + block + rest)))
      }
    }
  }

  // What says nothing else.

  /// Where an abort by the other end decides how much of a stream is read, more or less of the same bytes says nothing else.
  func sameTail(_ kind: Mutant.Kind, _ n: Int, _ altered: TraceFile) throws(TraceError) -> Mutant.Equivalence? {
    guard kind == .dropped || kind == .added || kind == .length, let event = original[n],
      event.method == "dataReceived", event.children.isEmpty,
      let before = streams[event.target], before.cutAt != nil
    else { return nil }
    let recording = try Recording(altered)
    guard let after = Stream.all(recording, Strands(recording))[event.target] else { return nil }
    let (a, b) = (before.content, after.content)
    let common = min(a.count, b.count)
    return a.prefix(common).isSame(as: b.prefix(common)) ? .freedom(.abortTail) : nil
  }

  /// Events numbered in the order in which they stand; what refers to a number that is gone refers to none.
  static func renumbered(_ rows: [Row]) -> [Row] {
    var numbers: [Int: Int] = [:]
    for row in rows { if let n = row.event.n { numbers[n] = numbers.count + 1 } }
    return rows.map { row in
      var event = row.event
      for key in ["n", "in", "end"] {
        if let n = event[key]?.int { event.fields[key] = .int(numbers[n] ?? n) }
      }
      if event["after"] != nil {
        event.fields["after"] = .list(event.after.compactMap { numbers[$0].map(TraceValue.int) })
      }
      for key in ["args", "gives", "raises"] { event.fields[key] = event[key]?.renumbered(numbers) }
      return (row.line, event)
    }
  }
}
