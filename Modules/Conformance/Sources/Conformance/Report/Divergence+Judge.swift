extension Divergence {
  /// How many recorded events before the differing one are shown.
  private static let before = 3
  /// How many after it.
  private static let after = 1

  /// Tells what the judge found with the events around it.
  ///
  /// - Parameters:
  ///   - found: What the judge found.
  ///   - recording: The recording that it judged by.
  ///   - last: The last recorded event that had come, where that is known: what was not expected at all came after it.
  init(_ found: Judgement.Divergence, in recording: Recording, after last: Int? = nil) {
    var context: [Line] = []
    if let expected = found.expected, let event = recording[expected] {
      for n in max(1, expected - Self.before)..<max(1, expected) { context += Self.line(.same, n, recording) }
      context += Self.line(.expected, expected, recording)
      if !found.happened.isEmpty {
        context.append(Line(.seen, event: nil, depth: recording.depth(of: event), text: found.happened))
      }
      for n in (expected + 1)..<(expected + 1 + Self.after) { context += Self.line(.same, n, recording) }
    } else {
      if let last { for n in max(1, last - Self.before)...last { context += Self.line(.same, n, recording) } }
      if !found.happened.isEmpty { context.append(Line(.seen, event: nil, depth: 0, text: found.happened)) }
    }
    let words = found.rule.description.split(separator: " ", maxSplits: 1).map(String.init)
    let isOrder =
      switch found.rule {
      case .strand, .edge: true
      default: false
      }
    self.init(
      kind: isOrder ? "order" : found.rule.description, event: found.expected,
      line: found.expected.flatMap { recording[$0]?.line }, edge: isOrder ? words.joined(separator: " ") : nil,
      required: found.reason, seen: found.happened.isEmpty ? "nothing of the kind" : found.happened, context: context,
      source: recording.header.source)
  }

  private static func line(_ mark: Line.Mark, _ n: Int, _ recording: Recording) -> [Line] {
    guard let event = recording[n] else { return [] }
    return [Line(mark, event: n, depth: recording.depth(of: event), text: EventText.line(event.written))]
  }
}

extension Judgement {
  /// The freedoms that were used, by name, with how often each was.
  var freedomCounts: [String: Int] {
    var counts: [String: Int] = [:]
    for (freedom, count) in freedoms where count > 0 { counts[freedom.rawValue] = count }
    return counts
  }
}
