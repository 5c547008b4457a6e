// Events as people read them.

extension Recording {
  /// How many crossings an event is inside of.
  ///
  /// - Parameter event: The event.
  /// - Returns: 0 at the top.
  public func depth(of event: Event) -> Int { around(event).reduce(0) { count, _ in count + 1 } }
}

extension Recording.Event {
  /// The event as a trace writes it, outcome included.
  var written: TraceEvent {
    var fields = begun
    switch outcome {
    case .returned(.null), .opened: break
    case .returned(let value): fields["gives"] = value
    case .raised(let error): fields["raises"] = .mapping(error)
    }
    return TraceEvent(fields)
  }

  /// The event without its outcome, in words: what is known of it when it begins.
  var invocation: String {
    EventText.line(TraceEvent(begun)) + (phase.map { " [turn \(turn.map(String.init) ?? "?"), \($0)]" } ?? "")
  }

  private var begun: TraceMapping {
    if kind == .log { return ["log": .mapping(args)] }
    var fields: TraceMapping = ["\(kind)": .word(member)]
    if !args.isEmpty { fields["args"] = .mapping(args) }
    if let of { fields["of"] = .word(of) }
    return fields
  }
}
