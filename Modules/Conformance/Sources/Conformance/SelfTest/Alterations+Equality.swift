// Whether two crossings are the same with all that is inside them.

extension Alterations {
  /// Whether two crossings are the same but for the names of what they introduce, and nothing else bears those names.
  func isSame(_ a: Recording.Event, _ b: Recording.Event) -> Bool {
    let (one, other) = (original.subtree(a.n).sorted(), original.subtree(b.n).sorted())
    guard one.count == other.count else { return false }
    return spelled(one) == spelled(other) && isIsolated(one) && isIsolated(other)
  }

  /// Events with the names that they introduce numbered in their order.
  private func spelled(_ events: [Int]) -> [TraceMapping] {
    let found = events.compactMap { original[$0] }
    let names = Dictionary(
      found.flatMap(\.introductions).enumerated().map { ($1, "own-\($0)") }, uniquingKeysWith: { first, _ in first })
    let place = Dictionary(uniqueKeysWithValues: events.enumerated().map { ($1, $0) })
    return found.map { event in
      [
        "kind": .string("\(event.kind)"), "target": .string(names[event.target] ?? event.target),
        "method": .string(event.method), "of": event.of.map { .string(names[$0] ?? $0) } ?? .null,
        "in": event.parent.flatMap { place[$0] }.map { .int($0) } ?? .null,
        "args": TraceValue.mapping(event.args).renamed(names), "outcome": event.outcome.value.renamed(names),
        "raises": .bool(event.outcome.isError), "times": .int(event.fold?.times ?? 1),
      ]
    }
  }

  /// Whether what events introduce is named by none outside of them.
  private func isIsolated(_ events: [Int]) -> Bool {
    let inside = Set(events)
    let names = Set(events.compactMap { original[$0] }.flatMap(\.introductions))
    return original.events.allSatisfy { event in
      inside.contains(event.n)
        || (names.isDisjoint(with: event.neededNames) && names.isDisjoint(with: event.outcome.value.references))
    }
  }
}

extension Recording.Outcome {
  fileprivate var isError: Bool {
    if case .raised = self { true } else { false }
  }
}

extension TraceValue {
  /// This value with other names for objects.
  fileprivate func renamed(_ names: [String: String]) -> TraceValue {
    switch self {
    case .mapping(let fields): .mapping(TraceMapping(fields.entries.map { ($0.key, $0.value.renamed(names)) }))
    case .list(let items): .list(items.map { $0.renamed(names) })
    case .string(let text), .word(let text): names[text].map(TraceValue.word) ?? self
    case .null, .bool, .int, .double, .bytes: self
    }
  }
}
