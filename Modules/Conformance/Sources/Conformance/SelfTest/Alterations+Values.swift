// Alterations of what crossings come to, and of values inside them.

extension Alterations {
  /// A call, a callback or an attribute comes to something else.
  func outcomes(_ sink: Sink) throws {
    for (place, row) in rows.enumerated() {
      guard let n = row.event.n ?? row.event.end, let event = original[n], event.outcome != .opened else { continue }
      guard place == closing[n] ?? opening[n] else { continue }
      switch event.kind {
      case .call, .back, .get: break
      case .io where isStrict: break
      default: continue
      }
      var changed = rows
      changed[place].event = Self.otherOutcome(row.event)
      let isReading = Agreement.readsClock(event.method) && event.outcome.value.double != nil
      try sink(
        Alteration(
          n: n, what: event.member, rows: changed, equivalent: isReading ? .clock : equivalence(event),
          isStimulus: isStimulus(event, "gives")))
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

  /// A value inside an event is another.
  func values(_ kind: Mutant.Kind, _ sink: Sink) throws {
    for (place, row) in rows.enumerated() {
      guard let n = row.event.n ?? row.event.end, let event = original[n] else { continue }
      for key in ["args", "gives", "raises", "to", "log"] {
        guard let value = row.event[key] else { continue }
        for (path, replacement) in value.alterations(kind, at: [.key(key)]) {
          var changed = rows
          changed[place].event.fields[key] = value.replacing(at: path.dropFirst(), with: replacement)
          let what = "\(event.told) \(path.map(\.description).joined(separator: "."))"
          let reason = kind == .port && isOnlyUse(value, path) ? .placeholder : equivalence(event)
          let isOwn = isStimulus(event, key) || isOwnAnswer(event, path)
          try sink(Alteration(n: n, what: what, rows: changed, equivalent: reason, isStimulus: isOwn))
        }
      }
    }
  }

  /// Whether a part of an event is the application's doing: what it calls with, what its callbacks come to, what its objects
  /// answer, and what it answers in place of the operating system.
  private func isStimulus(_ event: Recording.Event, _ key: String) -> Bool {
    let isOutcome = key == "gives" || key == "raises"
    switch event.kind {
    case .back: return isOutcome
    case .io: return isOutcome && isFed
    case .log: return false
    default: return !isOutcome
    }
  }

  /// Whether this is what an object of the application's own kind says of itself when it is made.
  private func isOwnAnswer(_ event: Recording.Event, _ path: [ValueStep]) -> Bool {
    event.target == "abstract" && path.last == .key("logPrefix")
  }

  /// Whether another name for a placeholder changes nothing: it stands nowhere else.
  private func isOnlyUse(_ value: TraceValue, _ path: [ValueStep]) -> Bool {
    guard let name = value.value(at: path.dropFirst()), name.text != nil else { return false }
    var uses = 0
    for event in original.events {
      uses += TraceValue.mapping(event.args).uses(ofPort: name) + event.outcome.value.uses(ofPort: name)
    }
    return uses <= 1
  }
}

extension Recording.Event {
  /// What it is, for people: its member, or that it is a line of the log.
  var told: String { kind == .log ? "log" : member }
}
