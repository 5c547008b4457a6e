/// Which strand each callback of a recording belongs to.
///
/// Order inside a strand is total. A strand is a client's attempt to connect with all that follows from it, an accepted connection, a port, a system event, a
/// timer, one thread's queue of calls, or an object of the application's own that the system calls.
struct Strands: Sendable {
  /// One attempt of a connector to connect.
  struct Attempt: Sendable {
    let call: Int
    let factory: String
    let strand: String
    let destination: TraceValue?
    var connector: String?
    var isBuilt = false
    var isEnded = false
  }

  let recording: Recording
  /// The strand of each callback.
  private(set) var ofCallback: [Int: String] = [:]
  /// The strand of a call's own object when the call was made; none for the reactor's own calls.
  private(set) var ofTarget: [Int: String] = [:]
  /// The callbacks of each strand, in order.
  private(set) var callbacks: [String: [Int]] = [:]
  /// The strands in the order in which they begin.
  private(set) var names: [String] = []
  /// The transport of each connection's strand.
  private(set) var transports: [String: String] = [:]
  /// The protocol of each connection's strand.
  private(set) var protocols: [String: String] = [:]
  /// The connections' strands in the order in which they get their protocols.
  private(set) var connections: [String] = []
  /// What is at the other end of an accepted connection, a client's strand or a peer, both ways, as far as the recording says.
  private(set) var peers: [String: String] = [:]
  /// Successive strands of one connector: a strand and the one before it.
  private(set) var previous: [String: String] = [:]
  /// The strand of each object.
  private(set) var ofObject: [String: String] = [:]

  private var attempts: [Int: Attempt] = [:]
  private var attemptsOfFactory: [String: [Int]] = [:]
  /// The call that began a connector's latest attempt.
  private var current: [String: Int] = [:]
  private var portsOfFactory: [String: [String]] = [:]
  private var factoryOfPort: [String: String] = [:]
  private var systemEvents: [String: String] = [:]

  init(_ recording: Recording) {
    // Twice: what a later event says about an object also places the earlier ones that use it.
    var first = Strands(empty: recording)
    first.scan()
    self.init(empty: recording)
    systemEvents = first.systemEvents
    ofObject = first.ofObject.filter { name, _ in
      let kind = Vocabulary.kind(ofObject: name)
      return kind == "protocol" || kind == "transport"
    }
    scan()
  }

  private init(empty recording: Recording) {
    self.recording = recording
  }

  /// The strand of a callback.
  func strand(of event: Recording.Event) -> String { ofCallback[event.n] ?? event.target }

  private mutating func scan() {
    for event in recording.events {
      if event.kind == .back {
        let strand = callback(event)
        ofCallback[event.n] = strand
        if callbacks[strand] == nil { names.append(strand) }
        callbacks[strand, default: []].append(event.n)
        continue
      }
      switch event.kind {
      case .call, .get, .set: ofTarget[event.n] = ofObject[event.target]
      default: break
      }
      if event.kind == .call { call(event) }
    }
  }

  // Calls, which introduce most strands.

  private mutating func call(_ event: Recording.Event) {
    let given = event.returnedObject
    switch event.method {
    case "connectTCP", "connectUNIX", "connectSSL":
      attempt(event, given)
    case "connect" where event.targetKind == "connector":
      attempt(event, given)
    case let method where Self.isListen(method):
      let port = given ?? "port of \(event.n)"
      ofObject[port] = port
      if let factory = event.args["factory"]?.object ?? event.args["protocol"]?.object {
        factoryOfPort[port] = factory
        portsOfFactory[factory, default: []].append(port)
      }
    case "startListening" where event.targetKind == "port":
      if let factory = factoryOfPort[event.target] { portsOfFactory[factory, default: []].append(event.target) }
    case "adoptStreamConnection":
      if let given { ofObject[given] = "adopted \(event.n)" }
    case "registerProducer":
      if let producer = event.args["producer"]?.object, Vocabulary.kind(ofObject: producer) != "protocol",
        let strand = ofObject[event.target]
      {
        ofObject[producer] = strand
      }
    case "addSystemEventTrigger":
      if let given { systemEvents[given] = "event \(event.args["eventType"]?.text ?? "")" }
    case "callWhenRunning":
      if let given { systemEvents[given] = "event startup" }
    default:
      break
    }
    for name in event.introductions where ofObject[name] == nil {
      switch Vocabulary.kind(ofObject: name) {
      case "deferred": ofObject[name] = ofObject[event.target] ?? name
      case "timer", "threadcall": ofObject[name] = name
      default: break
      }
    }
  }

  static func isListen(_ method: String) -> Bool {
    switch method {
    case "listenTCP", "listenUNIX", "listenSSL", "listenUDP", "listenMulticast", "listenWith", "adoptStreamPort",
      "adoptDatagramPort":
      true
    default: false
    }
  }

  private mutating func attempt(_ event: Recording.Event, _ given: String?) {
    // Refused before it began: the factory was told nothing.
    if case .raised = event.outcome, event.children.isEmpty { return }
    let strand = "connection \(event.n)"
    let attempt: Attempt
    if event.method == "connect" {
      let before = current[event.target].flatMap { attempts[$0] }
      attempt = Attempt(
        call: event.n, factory: before?.factory ?? "", strand: strand, destination: before?.destination,
        connector: event.target)
      if let before { previous[strand] = before.strand }
    } else {
      attempt = Attempt(
        call: event.n, factory: event.args["factory"]?.object ?? "", strand: strand,
        destination: event.args["port"] ?? event.args["address"], connector: given)
    }
    attempts[event.n] = attempt
    attemptsOfFactory[attempt.factory, default: []].append(event.n)
    if let connector = attempt.connector {
      current[connector] = event.n
      ofObject[connector] = strand
    }
  }

  // Callbacks, which belong to them.

  private mutating func callback(_ event: Recording.Event) -> String {
    let strand = byFiring(event) ?? byCall(event) ?? byConnector(event) ?? byObject(event)
    if event.method == "buildProtocol" {
      if let made = event.returnedObject {
        ofObject[made] = strand
        carry(made, on: strand)
      }
    } else if event.method == "makeConnection", let transport = event.args["transport"]?.object {
      ofObject[transport] = strand
      transports[strand] = transport
      if protocols[strand] == nil { carry(event.target, on: strand) }
    }
    for name in event.introductions where ofObject[name] == nil {
      ofObject[name] = Vocabulary.kind(ofObject: name) == "deferred" ? name : strand
    }
    return strand
  }

  private mutating func carry(_ protocolName: String, on strand: String) {
    if protocols[strand] == nil { connections.append(strand) }
    protocols[strand] = protocolName
  }

  private func byFiring(_ event: Recording.Event) -> String? {
    guard let of = event.of else { return nil }
    if let systemEvent = systemEvents[of] { return systemEvent }
    if Vocabulary.kind(ofObject: of) == "threadcall", event.thread == nil {
      return "calls of \(caller(of))"
    }
    return of
  }

  /// Who asked for a thread's call: what a thread of the pool does for a call of its own, or another thread.
  ///
  /// The reactor's own thread may make its calls in another order than they were recorded in: each is by itself.
  private func caller(_ name: String) -> String {
    guard let event = recording.introducer[name].flatMap({ recording[$0] }), let thread = event.thread
    else { return name }
    return event.parent.flatMap { recording[$0] }?.of ?? thread
  }

  /// The strand of what a connecting, listening or adopting call does inside itself.
  private mutating func byCall(_ event: Recording.Event) -> String? {
    guard let parent = event.parent, let call = recording[parent] else { return nil }
    if var attempt = attempts[call.n] {
      if event.method == "startedConnecting" {
        if attempt.connector == nil { attempt.connector = event.args["connector"]?.object }
        attempts[call.n] = attempt
        if let connector = attempt.connector {
          current[connector] = call.n
          ofObject[connector] = attempt.strand
        }
        return attempt.strand
      }
      if event.method == "doStart" { return attempt.strand }
    }
    if Self.isListen(call.method) || call.method == "startListening" {
      switch event.method {
      case "doStart", "makeConnection", "startProtocol":
        let given = call.method == "startListening" ? call.target : call.outcome.value.object
        return given ?? "port of \(call.n)"
      default: break
      }
    }
    return call.method == "adoptStreamConnection" ? "adopted \(call.n)" : nil
  }

  private mutating func byConnector(_ event: Recording.Event) -> String? {
    let ends = Self.isFactoryEnding(event.method)
    guard ends || event.method == "startedConnecting" else { return nil }
    guard let connector = event.args["connector"]?.object, let call = current[connector] else { return nil }
    attempts[call]?.isEnded = ends
    return attempts[call]?.strand
  }

  static func isFactoryEnding(_ method: String) -> Bool {
    method == "clientConnectionFailed" || method == "clientConnectionLost"
  }

  private mutating func byObject(_ event: Recording.Event) -> String {
    switch event.method {
    case "buildProtocol":
      return built(event)
    case "doStart", "doStop":
      let kind = event.targetKind
      if kind == "factory" || kind == "protocol" { return startedOrStopped(event) }
    default:
      break
    }
    return ofObject[event.target] ?? event.target
  }

  /// The strand of a `buildProtocol`: a client's attempt that is under way, or a connection just accepted.
  private mutating func built(_ event: Recording.Event) -> String {
    let address = event.args["addr"]
    let tied = event.after.filter { attempts[$0] != nil }
    let mine = (tied.isEmpty ? attemptsOfFactory[event.target] ?? [] : tied)
      .compactMap { attempts[$0] }.filter { $0.factory == event.target }
    let candidates = tied.isEmpty ? mine.filter { !$0.isBuilt && !$0.isEnded } : mine
    let serves = !(portsOfFactory[event.target] ?? []).isEmpty
    let fitting = candidates.first { Self.goes(to: $0.destination, address) }
    if let chosen = fitting ?? (serves ? nil : candidates.first) {
      attempts[chosen.call]?.isBuilt = true
      return chosen.strand
    }
    let strand = "accepted \(event.n)"
    if let other = tied.first.flatMap({ attempts[$0] }) {
      peers[strand] = other.strand
      peers[other.strand] = strand
    }
    for case let cause? in event.after.map({ recording[$0] }) where cause.kind == .peer {
      peers[strand] = cause.target
      peers[cause.target] = strand
    }
    return strand
  }

  /// A factory's start or stop, which bears no argument: of what came before it in the same dispatch.
  private mutating func startedOrStopped(_ event: Recording.Event) -> String {
    if let before = callbackBefore(event), Self.isFactoryEnding(before.method), before.target == event.target,
      before.turn == event.turn, before.phase == event.phase, before.thread == event.thread
    {
      return strand(of: before)
    }
    if event.method == "doStop", var ports = portsOfFactory[event.target], !ports.isEmpty {
      let port = ports.removeFirst()
      portsOfFactory[event.target] = ports
      return port
    }
    let tried = (attemptsOfFactory[event.target] ?? []).compactMap { attempts[$0] }
    if let attempt = tried.first(where: { !$0.isEnded }) ?? tried.last { return attempt.strand }
    return ofObject[event.target] ?? event.target
  }

  /// The callback before an event, inside the same crossing.
  private func callbackBefore(_ event: Recording.Event) -> Recording.Event? {
    let siblings = recording.children(of: event.parent)
    var index = siblings.partition(before: event.n)
    while index > 0 {
      index -= 1
      if let before = recording[siblings[index]], before.kind == .back { return before }
    }
    return nil
  }

  /// Whether an address is the one that a connecting call named, as far as the port tells.
  private static func goes(to destination: TraceValue?, _ address: TraceValue?) -> Bool {
    guard let destination, let address else { return false }
    for form in ["ipv4", "ipv6", "unix"] {
      guard let place = address[form] else { continue }
      guard let parts = place.list, parts.count > 1 else { return place == destination }
      return parts[1] == destination
    }
    return false
  }
}

extension [Int] {
  /// Where a number is, or would go, in an array of ascending numbers.
  func partition(before number: Int) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
