/// Whether a trace can be replayed here at all: decided before anything is done, so that it is never half done.
enum Requirements {
  /// What is missing, in words; `nil` when the trace can be replayed.
  static func missing(for recording: Recording, network: NetworkNamespace?) -> String? {
    var needsLinkLocal = false
    for event in recording.events {
      if let reason = missing(for: event) { return "event \(event.n): \(reason)" }
      needsLinkLocal =
        needsLinkLocal || mentionsLinkLocal(.mapping(event.args)) || mentionsLinkLocal(event.outcome.value)
    }
    if needsLinkLocal, network == nil {
      return "it needs a link-local address, and there is no network namespace to have one in"
    }
    return nil
  }

  private static func missing(for event: Recording.Event) -> String? {
    let kind = Vocabulary.kind(ofObject: event.target)
    switch event.kind {
    case .call where event.unexpressible == nil:
      if event.method.hasPrefix("super.") { return "Swift has no \(kind).\(event.method)" }
      if CallTable.call(kind, event.method) == nil { return "Swift has no \(kind).\(event.method) yet" }
    case .get:
      if CallTable.attribute(kind, event.method) == nil { return "Swift has no attribute \(kind).\(event.method) yet" }
    case .set:
      if event.method != "fileno", !CallTable.canSet(kind, event.method) {
        return "Swift cannot set \(kind).\(event.method) yet"
      }
    default: break
    }
    if event.kind != .back, let opaque = opaque(.mapping(event.args)) {
      return "a value of the class \(opaque) has no form"
    }
    return nil
  }

  private static func opaque(_ value: TraceValue) -> String? {
    if let name = value["opaque"]?.text { return name }
    return (value.list ?? value.mapping?.entries.map(\.value) ?? []).lazy.compactMap(opaque).first
  }

  private static func mentionsLinkLocal(_ value: TraceValue) -> Bool {
    if value["host"]?.text?.hasPrefix("linklocal") == true || value["scope"] != nil { return true }
    return (value.list ?? value.mapping?.entries.map(\.value) ?? []).contains(where: mentionsLinkLocal)
  }
}
