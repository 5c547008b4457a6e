import Addresses
import Glibc
import Reactor

extension SystemReplay {
  /// Does one thing that the recorded application did.
  func perform(_ event: Recording.Event) throws {
    switch event.kind {
    case .call: try call(event)
    case .get: try get(event)
    case .set: try set(event)
    case .io: try io(event)
    case .peer: try peers.perform(event)
    case .fault: try fault(event)
    case .drop:
      drop(event)
    case .check: try check(event)
    case .back, .clock, .log, .note, .lost, .end, .eof, .other:
      throw Unplayable("an application does nothing of this kind")
    }
  }

  private func call(_ event: Recording.Event) throws {
    if let why = event.unexpressible { return passOver(event, why) }
    if event.target == SystemPlace.abstract.traceName { return try construct(event) }
    guard let target = object(named: event.target) else { throw Unplayable("there is no live \(event.target)") }
    let kind = Vocabulary.kind(ofObject: event.target)
    guard let call = CallTable.call(kind, event.method) else {
      throw Unplayable("Swift has no \(kind).\(event.method)")
    }
    try call(target, Arguments(replay: self, values: event.args))
  }

  /// A call that Swift's types exclude: nothing can be done, so nothing is, and the recording's own outcome stands.
  private func passOver(_ event: Recording.Event, _ why: String) {
    var copy: TraceEvent = [
      "call": .word("\(judged.judge.liveName(of: event.target) ?? event.target).\(event.method)"),
      "args": .mapping(event.args), "unexpressible": .word(why),
    ]
    if event.args.isEmpty { copy.fields["args"] = nil }
    switch event.outcome {
    case .returned(.null): recorder.tell(copy)
    case .returned(let value): recorder.tell(copy, ("gives", value))
    case .raised(let error): recorder.tell(copy, ("raises", .mapping(error)))
    case .opened: recorder.tell(copy)
    }
    unexpressibleCount += 1
  }

  private func get(_ event: Recording.Event) throws {
    let kind = Vocabulary.kind(ofObject: event.target)
    guard let target = object(named: event.target) else { throw Unplayable("there is no live \(event.target)") }
    guard let read = CallTable.attribute(kind, event.method) else {
      throw Unplayable("Swift has no attribute \(kind).\(event.method)")
    }
    try read(target)
  }

  private func set(_ event: Recording.Event) throws {
    guard let target = object(named: event.target) else { throw Unplayable("there is no live \(event.target)") }
    var value = event.args["to"] ?? .null
    if let reader = target as? any NumberedStandIn, event.method == "fileno" {
      let number = try descriptor(value)
      reader.number = number
      value = recorder.locked { recorder.encode(descriptor: number, isTold: false) }
    } else if !CallTable.set(target, event.method, value) {
      throw Unplayable("Swift cannot set \(Vocabulary.kind(ofObject: event.target)).\(event.method)")
    }
    let name = judged.judge.liveName(of: event.target) ?? event.target
    recorder.tell(["set": .word("\(name).\(event.method)"), "to": value])
  }

  private func io(_ event: Recording.Event) throws {
    guard event.method == "close" else { return try move(event) }
    let value: TraceValue = ["fd": .word(event.target)]
    let name = judged.judge.liveValue(of: value)?.text ?? event.target
    if let descriptor = recorder.descriptor(named: name), let connection = connection(on: descriptor) {
      // The application closes the socket of a transport under the reactor's hands.
      connection.closeSocket(shutting: false)
      if let name = recorder.name(of: connection) { closedByApplication.insert(name) }
    } else {
      inputs.close(event.target)
    }
    recorder.tell(["io": .word("\(name).close")])
  }

  /// What the application does with a descriptor of its own, or with that of a transport.
  private func move(_ event: Recording.Event) throws {
    let value: TraceValue = ["fd": .word(event.target)]
    let name = judged.judge.liveValue(of: value)?.text ?? event.target
    let socket = RawSocket(lent: try descriptor(value))
    var told: TraceEvent = ["io": .word("\(name).\(event.method)")]
    if !event.args.isEmpty { told.fields["args"] = .mapping(event.args) }
    switch event.method {
    case "send", "write":
      try socket.send(event.args["data"]?.bytes ?? [])
      recorder.tell(told, event.outcome.value == .null ? nil : ("gives", event.outcome.value))
    case "recv", "read":
      recorder.tell(told, ("gives", .bytes(try socket.receive(event.outcome.value.bytes?.count ?? 0))))
    case "shutdown":
      try socket.shutdown(event.args["how"]?["constant"]?.text ?? "")
      recorder.tell(told)
    default: throw Unplayable("a descriptor cannot \(event.method)")
    }
  }

  private func fault(_ event: Recording.Event) throws {
    switch event.method {
    case "exhaust": try inputs.exhaustDescriptors()
    case "release": inputs.releaseDescriptors()
    default: throw Unplayable("there is no fault \(event.method)")
    }
    recorder.tell(["fault": .word("\(event.target).\(event.method)")])
  }

  private func drop(_ event: Recording.Event) {
    let name =
      own[event.target].flatMap { recorder.name(of: $0) } ?? judged.judge.liveName(of: event.target) ?? event.target
    recorder.locked { own[event.target] = nil }
    letGo(of: name)
    recorder.tell(["drop": .word(name)])
  }

  private func check(_ event: Recording.Event) throws {
    let name = judged.judge.liveName(of: event.target) ?? event.target
    if recorder.isAlive(name) {
      diverge("released", "\(event.target) is still referred to", "it was dropped before")
      return
    }
    recorder.tell(["check": ["released": .word(name)]])
  }

  /// Makes a descriptor like the one that a recording describes.
  func make(descriptor description: TraceMapping) throws -> Int32 {
    if description["closed"]?.bool == true { return Int32.max }
    if let end = description["pipe"]?.text { return try makePipe(end) }
    if description["file"] != nil { return try makeFile() }
    guard description["socket"]?.text == "stream" else { throw Unplayable("only stream sockets can be handed in yet") }
    if let listening = description["listening"] {
      let address = try unassigned(listening)
      let socket = try RawSocket(for: address)
      try socket.bind(to: address)
      try socket.listen()
      return finished(socket, description)
    }
    if let connected = description["connected"] {
      if let own = ownConnection(from: description["bound"], to: connected) { return own }
      if let peer = peerConnection(from: description["bound"], to: connected) { return finished(peer, description) }
      let peer = try self.address(connected)
      let socket = try RawSocket(for: peer)
      if let bound = description["bound"] { try socket.bind(to: try unassigned(bound)) }
      try socket.connect(to: peer)
      return finished(socket, description)
    }
    if let bound = description["bound"] {
      let address = try unassigned(bound)
      let socket = try RawSocket(for: address)
      try socket.bind(to: address)
      return finished(socket, description)
    }
    let any: Address =
      description["family"]?.text == "inet6"
      ? .ipv6(IPv6Address(transport: .tcp, host: .any, port: 0))
      : .ipv4(IPv4Address(transport: .tcp, host: .any, port: 0))
    return finished(try RawSocket(for: any), description)
  }

  private func finished(_ socket: RawSocket, _ description: TraceMapping) -> Int32 {
    socket.setBlocking(description["blocking"]?.bool == true)
    return socket.take()
  }

  /// The connection of a peer, which its socket hands over.
  private func peerConnection(from bound: TraceValue?, to connected: TraceValue) -> RawSocket? {
    guard let bound, let local = try? address(bound), let peer = try? address(connected) else { return nil }
    return peers.socket(from: local, to: peer)
  }

  /// A second descriptor of a connection that the reactor itself has: the application took it from its transport.
  private func ownConnection(from bound: TraceValue?, to connected: TraceValue) -> Int32? {
    guard let bound, let local = try? address(bound), let peer = try? address(connected) else { return nil }
    for descriptor in transportDescriptors {
      guard unsafe DescriptorDescription.address(descriptor, getsockname) == local,
        unsafe DescriptorDescription.address(descriptor, getpeername) == peer
      else { continue }
      let copy = dup(descriptor)
      return copy >= 0 ? copy : nil
    }
    return nil
  }

  /// A recorded address with port 0 where the system had assigned the port.
  func unassigned(_ value: TraceValue) throws -> Address {
    for form in ["ipv4", "ipv6"] {
      guard var parts = value[form]?.list, parts.count >= 2 else { continue }
      if let name = parts[1]["port"]?.text, name.hasPrefix("p-") { parts[1] = 0 }
      return try address(.mapping([form: .list(parts)]))
    }
    return try address(value)
  }

  private func makePipe(_ end: String) throws -> Int32 {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else {
      throw Unplayable(unsafe "a pipe cannot be made: \(String(cString: strerror(errno)))")
    }
    for descriptor in ends {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }
    let isReading = end == "read"
    inputs.keep(isReading ? ends[1] : ends[0])
    return isReading ? ends[0] : ends[1]
  }

  private func makeFile() throws -> Int32 {
    let descriptor = unsafe open("/tmp", O_TMPFILE_RDWR, 0o600)
    guard descriptor >= 0 else { throw Unplayable(unsafe "a file cannot be made: \(String(cString: strerror(errno)))") }
    return descriptor
  }
}

/// `O_TMPFILE | O_RDWR | O_CLOEXEC` of Linux, whose first the C library's module leaves out.
private let O_TMPFILE_RDWR: Int32 = 0o20_000_000 | 0o200_000 | O_RDWR | O_CLOEXEC
