import Addresses
import Reactor

/// Whether a trace can be replayed here at all: decided before anything is done, so that it is never half done.
enum Requirements {
  /// What is missing, in words; `nil` when the trace can be replayed.
  static func missing(for recording: Recording, in world: ReplayWorld, network: NetworkNamespace?) -> String? {
    var needsLinkLocal = false
    for event in recording.events {
      if world == .memory, let reason = missingInMemory(for: event) { return "event \(event.n): \(reason)" }
      if let reason = missing(for: event) { return "event \(event.n): \(reason)" }
      needsLinkLocal =
        needsLinkLocal || mentionsLinkLocal(.mapping(event.args)) || mentionsLinkLocal(event.outcome.value)
    }
    guard network == nil else { return nil }
    if needsLinkLocal { return "it needs a link-local address, and there is no network namespace to have one in" }
    if let host = recording.events.lazy.compactMap(strangeHost).first(where: { !hasResolver(recording, for: $0) }) {
      return "it names \(shown(host)), and there is no network namespace to keep it in"
    }
    return nil
  }

  /// Whether the trace answers itself what a host's address is, so that nobody else is asked.
  private static func hasResolver(_ recording: Recording, for host: String) -> Bool {
    HostKind(host) == .name
      && recording.events.contains { $0.method == "installResolver" || $0.method == "installNameResolver" }
  }

  private enum HostKind {
    case loopback, name, other

    init(_ host: String) {
      if let literal = try? IPv4Address.Host(host) {
        self = literal.isLoopback ? .loopback : .other
      } else if let literal = try? IPv6Address.ScopedHost(host) {
        self = literal.host.isLoopback ? .loopback : .other
      } else {
        self = host == "localhost" ? .loopback : host.isEmpty ? .other : .name
      }
    }
  }

  /// A host that an action names and that is not this machine alone: what a stranger's trace must not reach.
  private static func strangeHost(_ event: Recording.Event) -> String? {
    guard event.kind != .back else { return nil }
    var hosts = [event.args["host"]?.text, event.method == "resolve" ? event.args["name"]?.text : nil].compactMap(
      \.self)
    if event.method == "listenTCP" { hosts.append(event.args["interface"]?.text ?? "") }
    for form in ["ipv4", "ipv6"] {
      for value in event.args.entries.map(\.value) + [event.outcome.value]
      where event.kind == .peer || value[form] != nil {
        if let host = value[form]?.list?.first?.text { hosts.append(host) }
      }
    }
    return hosts.first { HostKind($0) != .loopback }
  }

  /// What only the operating system has.
  private static func missingInMemory(for event: Recording.Event) -> String? {
    if event.kind == .peer { return "peers are played over the system's own sockets" }
    if event.kind == .fault, !event.isBelow { return "it is the process whose descriptors run out" }
    if event.kind != .back, hasDescriptor(.mapping(event.args)) { return "the system's own descriptors are handed in" }
    // A clock that moves when the loop waits does not wait for a thread.
    if event.thread != nil || threaded.contains(event.method) || handsOver(.mapping(event.args), threaded) {
      return "threads run by the system's own clock"
    }
    if event.method == "connectTCP" || event.method == "resolve",
      let host = (event.args["host"] ?? event.args["name"])?.text, HostKind(host) == .name || host == "localhost"
    {
      return "a thread looks names up"
    }
    return nil
  }

  private static let threaded: Set<String> = ["callInThread", "callInThreadWithCallback"]

  /// Whether a method of the system's is handed over, however deep behind others.
  private static func handsOver(_ value: TraceValue, _ methods: Set<String>) -> Bool {
    if let method = value["method"]?.list, method.count == 2, let name = method[1].text, methods.contains(name) {
      return true
    }
    return (value.list ?? value.mapping?.entries.map(\.value) ?? []).contains { handsOver($0, methods) }
  }

  private static func hasDescriptor(_ value: TraceValue) -> Bool {
    value["fd"] != nil || (value.list ?? value.mapping?.entries.map(\.value) ?? []).contains(where: hasDescriptor)
  }

  private static func missing(for event: Recording.Event) -> String? {
    let kind = Vocabulary.kind(ofObject: event.target)
    switch event.kind {
    case .fault where event.isBelow && InjectedFault(event) == nil: return "Swift knows no such fault"
    case .call where event.unexpressible == nil:
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
