/// The alterations of one trace.
struct Alterations {
  typealias Row = (line: Int, event: TraceEvent)
  /// Takes one alteration: the event, what it is, the altered events, and why it changes nothing.
  typealias Sink = (Int, String, [Row], String?) throws -> Void

  let rows: [Row]
  let original: Recording
  let strands: Strands
  /// Where each event opens and, on another line, closes.
  private var opening: [Int: Int] = [:]
  private var closing: [Int: Int] = [:]

  init(_ trace: TraceFile) throws(TraceError) {
    rows = trace.events
    original = try Recording(trace)
    strands = Strands(original)
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
    case .byte, .length, .error, .errno, .address, .port, .type: try values(kind, sink)
    case .outcome: try outcomes(sink)
    case .tail: try tails(sink)
    case .earlyClose: try earlyCloses(sink)
    }
  }

  // Crossings as wholes.

  /// The places of a crossing: its opening, all that is inside it, its end.
  private func block(_ n: Int) -> [Int] {
    original.subtree(n).flatMap { [opening[$0], closing[$0]].compactMap(\.self) }.sorted()
  }

  private func rows(_ places: [Int]) -> [Row] { places.map { rows[$0] } }

  private func without(_ places: [Int]) -> [Row] {
    let gone = Set(places)
    return rows(rows.indices.filter { !gone.contains($0) })
  }

  private func dropped(_ sink: Sink) throws {
    for event in original.callbacks {
      try sink(event.n, event.member, without(block(event.n)), nil)
    }
  }

  private func added(_ sink: Sink) throws {
    let fresh = original.events.count + 1
    for event in original.callbacks {
      let block = block(event.n)
      guard let first = block.first, let last = block.last else { continue }
      var row = rows[first]
      row.event.fields["n"] = .int(fresh)
      row.event.fields["repeat"] = nil
      row.event.fields = row.event.fields.referring
      let isEmpty = event.method == "dataReceived" && event.args["data"]?.bytes?.isEmpty ?? true
      let changed = rows[...last] + [row] + rows[(last + 1)...]
      try sink(event.n, event.member, Array(changed), isEmpty ? "a delivery of no bytes" : nil)
    }
  }

  private func swapped(_ sink: Sink) throws {
    for strand in strands.names {
      let callbacks = strands.callbacks[strand] ?? []
      for (first, second) in zip(callbacks, callbacks.dropFirst()) {
        guard let a = original[first], let b = original[second], a.parent == b.parent, a.thread == b.thread else {
          continue
        }
        let (one, other) = (block(first), block(second))
        guard let start = one.first, let stop = other.first, start < stop else { continue }
        let moved = Set(one + other)
        let between = (start..<stop).filter { !moved.contains($0) }
        let after = (stop..<rows.count).filter { !moved.contains($0) }
        let places = Array(0..<start) + other + between + one + after
        try sink(first, "\(a.member) and \(b.member)", rows(places), areEqual(a, b) ? "the two are equal" : nil)
      }
    }
  }

  private func areEqual(_ a: Recording.Event, _ b: Recording.Event) -> Bool {
    guard a.children.isEmpty, b.children.isEmpty else { return false }
    if a.method == "dataReceived", b.method == "dataReceived" {
      let (x, y) = (a.args["data"]?.bytes ?? [], b.args["data"]?.bytes ?? [])
      return x + y == y + x
    }
    return a.member == b.member && a.args == b.args && a.of == b.of && a.outcome == b.outcome
  }

  private func tails(_ sink: Sink) throws {
    let callbacks = original.callbacks.filter { original.isLoopLevel($0) }.map(\.n)
    for count in 1...3 where callbacks.count > count {
      let last = callbacks.suffix(count)
      try sink(last.first ?? 0, "the last \(count) callbacks", without(last.flatMap(block)), nil)
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
        try sink(n, event.member, rows(Array(0..<place) + block + rest), nil)
      }
    }
  }

  private func outcomes(_ sink: Sink) throws {
    for (place, row) in rows.enumerated() {
      guard let n = row.event.n ?? row.event.end, let event = original[n], event.outcome != .opened else { continue }
      guard place == closing[n] ?? opening[n] else { continue }
      switch event.kind {
      case .call, .back, .get: break
      default: continue
      }
      var changed = rows
      changed[place].event = Self.otherOutcome(row.event)
      let isReading = Agreement.readsClock(event.method) && event.outcome.value.double != nil
      try sink(n, event.member, changed, isReading ? "the reading of a clock" : nil)
    }
  }

  private static func otherOutcome(_ event: TraceEvent) -> TraceEvent {
    var changed = event
    switch event.gives {
    case _ where event["raises"] != nil:
      changed.fields["raises"] = nil
      changed.fields["gives"] = 7
    case .bool(let value): changed.fields["gives"] = .bool(!value)
    case .int(let value): changed.fields["gives"] = .int(value &+ 1)
    case .double(let value): changed.fields["gives"] = .double(value == 0 ? 1 : value / 2)
    case nil, .null: changed.fields["gives"] = 7
    default:
      changed.fields["gives"] = nil
      changed.fields["raises"] = ["error": "application", "class": "Mutant"]
    }
    return changed
  }

  // Values inside crossings.

  private func values(_ kind: Mutant.Kind, _ sink: Sink) throws {
    for (place, row) in rows.enumerated() {
      guard let n = row.event.n ?? row.event.end, let event = original[n] else { continue }
      for key in ["args", "gives", "raises", "to"] {
        guard let value = row.event[key] else { continue }
        for (path, replacement) in value.alterations(kind, at: [.key(key)]) {
          var changed = rows
          changed[place].event.fields[key] = value.replacing(at: path.dropFirst(), with: replacement)
          let what = "\(event.member) \(path.map(\.description).joined(separator: "."))"
          try sink(n, what, changed, kind == .port ? onlyUse(value, path) : nil)
        }
      }
    }
  }

  /// Why another name for a placeholder changes nothing: it stands nowhere else.
  private func onlyUse(_ value: TraceValue, _ path: [ValueStep]) -> String? {
    guard let name = value.value(at: path.dropFirst()), name.text != nil else { return nil }
    var uses = 0
    for event in original.events {
      uses += TraceValue.mapping(event.args).uses(ofPort: name) + event.outcome.value.uses(ofPort: name)
    }
    return uses <= 1 ? "the only use of this placeholder" : nil
  }

  // What says nothing else.

  /// Where an abort by the other end decides how much of a stream is read, more or less of the same bytes says nothing else.
  func sameTail(_ kind: Mutant.Kind, _ n: Int, _ altered: TraceFile) throws(TraceError) -> String? {
    guard kind == .dropped || kind == .added || kind == .length, let event = original[n],
      event.method == "dataReceived", event.children.isEmpty,
      let before = Stream.all(original, strands)[event.target], before.cutAt != nil
    else { return nil }
    let recording = try Recording(altered)
    guard let after = Stream.all(recording, Strands(recording))[event.target] else { return nil }
    let (a, b) = (before.content, after.content)
    let common = min(a.count, b.count)
    return a.prefix(common) == b.prefix(common) ? "the tail of an aborted stream" : nil
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
