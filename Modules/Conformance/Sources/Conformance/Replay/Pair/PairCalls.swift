import Addresses
import Pair
import Reactor

/// What the application does, by the name of the call or attribute.
enum PairCalls {
  typealias Body = @Sendable (Recording.Event, PairReplay) throws -> TraceValue

  /// Does it.
  ///
  /// - Returns: What it gave.
  /// - Throws: What it raised; ``Unplayable`` for what Swift has no counterpart of.
  static func make(_ event: Recording.Event, in replay: PairReplay) throws -> TraceValue {
    let kind = Vocabulary.kind(ofObject: event.target)
    let table: [String: Body]
    switch event.kind {
    case .get: table = attributes
    case .set: table = settings
    default: table = calls
    }
    guard let body = table["\(kind).\(event.method)"] else {
      throw Unplayable("Swift has no counterpart of \(event.kind) \(kind).\(event.method)")
    }
    return try body(event, replay)
  }

  private static let calls: [String: Body] = constructors.merging(systems) { $1 }.merging(ports) { $1 }
    .merging(layers) { $1 }.merging(values) { $1 }

  // What the application makes.
  private static let constructors: [String: Body] = [
    "pair.MemoryIOSystem": { (event, replay) in system(MemoryIOSystem(), event, replay) },
    "pair.RealSystem": { (event, replay) in
      replay.real = RealTunnels()
      return system(SystemIO(), event, replay)
    },
    "pair.Tunnel": { (event, replay) in
      let name = try event.name("system")
      let tunnel = Tunnel(
        try replay.object(name, as: MemoryIOSystem.self), openFlags: try PairValues.flags(try event.value("openFlags")))
      return replay.given(tunnel, event)
    },
    "pair.TuntapPort": { (event, replay) in
      let size = event.args["maxPacketSize"]?.int ?? 8192
      guard let own = try replay.argument("proto", of: event) as? AbstractDatagramProtocol else {
        throw Unplayable("a protocol that is none")
      }
      let sink = ReplayLog(replay)
      let port = try TuntapPort(
        InterfaceName(bytes: try event.bytes("interface")), own, maxPacketSize: size,
        reactor: try replay.reactor(of: event), system: try replay.portSystem(of: event),
        log: LogSink { sink.replay.log($0) }, profile: replay.profile)
      return replay.given(port, event)
    },
    "pair.TunnelAddress": { (event, replay) in
      let address = TunnelAddress(
        type: try PairValues.tunnelFlags(event.args["type"]?["flags"]), name: try name(event.value("name")))
      return replay.given(address, event, isText: event.args["name"]?.bytes == nil)
    },
    "pair.EthernetProtocol": { (event, replay) in replay.given(EthernetProtocol(), event) },
    "pair.IPProtocol": { (event, replay) in replay.given(IPProtocol(profile: replay.profile), event) },
    "pair.RawUDPProtocol": { (event, replay) in replay.given(RawUDPProtocol(profile: replay.profile), event) },
  ]

  private static func system(_ system: AnyObject, _ event: Recording.Event, _ replay: PairReplay) -> TraceValue {
    var form = replay.given(system, event).mapping ?? [:]
    form["is"] = ["system": .word(system is SystemIO ? "real" : "memory")]
    return .mapping(form)
  }

  private static func name(_ value: TraceValue) throws -> InterfaceName {
    if let text = value.text { return InterfaceName(text) }
    guard let bytes = value.bytes else { throw Unplayable("this is no name") }
    return InterfaceName(bytes: bytes)
  }

  // The I/O system, the tunnels in it, and what builds packets.
  private static let systems: [String: Body] = [
    "io.open": { (event, replay) in
      let path = try event.bytes("filename")
      if replay.real != nil { try RealTunnels.allow(path) }
      let number = try replay.system(event).open(path, flags: try PairValues.flags(try event.value("flag")))
      if let name = event.outcome.value["fd"]?.text { replay.descriptors.bind(name, to: number) }
      if let port = replay.port(around: event) { replay.openedBy[port] = number }
      return replay.descriptors.value(number)
    },
    "io.ioctl": { (event, replay) in
      let argument = try event.args["arg"].map { try PairValues.packed($0) } ?? []
      return PairValues.packed(
        try replay.system(event).ioctl(
          try replay.descriptor(event), try PairValues.request(event.args["opt"]), argument))
    },
    "io.read": { (event, replay) in
      try replay.read(event, limit: try event.int("limit"))
    },
    "io.write": { (event, replay) in
      let data = try event.bytes("data")
      // The bytes are valid while the array is.
      return .int(try replay.system(event).write(try replay.descriptor(event), unsafe data.span.bytes))
    },
    "io.close": { (event, replay) in
      let number = try replay.descriptor(event)
      try replay.system(event).close(number)
      for (port, opened) in replay.openedBy where opened == number { replay.openedBy[port] = -1 }
      return .null
    },
    "io.registerSpecialDevice": { (event, replay) in
      guard event.args["device"]?.text == "tunnel" else { throw Unplayable("a device of the application's own") }
      try replay.memory(event).registerSpecialDevice(try event.bytes("name")) { Tunnel($0, openFlags: $1) }
      return .null
    },
    "io.permissions.remove": { (event, replay) in
      guard let permission = MemoryIOSystem.Permission(rawValue: try event.text("item")) else {
        throw Unplayable("there is no such permission")
      }
      try replay.memory(event).permissions.remove(permission)
      return .null
    },
    "io.getTunnel": { (event, replay) in
      let port = try event.name("port")
      let memory = try replay.memory(event)
      if let object = replay.object(named: port) as? TuntapPort {
        return replay.given(try memory.getTunnel(object), event)
      }
      return replay.given(try memory.tunnel(at: replay.openedBy[port] ?? -1), event)
    },
    "io.sendUDP": { (event, replay) in
      let address = event.args["address"]?["udp"]?.list ?? []
      guard address.count == 2, let port = address[1].int else { throw Unplayable("this is no address") }
      let (datagram, host) = (try event.bytes("datagram"), try PairValues.text(address[0]))
      if let real = replay.real { return try replay.sendUDP(event, datagram, host, port, through: real) }
      let from = try replay.memory(event).sendUDP(datagram, host: host, port: port)
      return ["udp": [.string(from.host), .int(from.port)]]
    },
    "io.receiveUDP": { (event, replay) in
      let (host, port) = (try PairValues.text(event.args["host"]), try event.int("port"))
      if let real = replay.real { return replay.given(try real.receiver(host, port), event) }
      let number = try replay.descriptors.number(try event.value("fileno"))
      return replay.given(try replay.memory(event).receiveUDP(number, host: host, port: port), event)
    },
    "socket.recv": { (event, replay) in
      let object = replay.object(named: event.target)
      if let socket = object as? RealTunnels.Receiver { return .bytes(try socket.recv(try event.int("nbytes"))) }
      guard let port = object as? FakePort else { throw Unplayable("there is no \(event.target)") }
      return .bytes(try port.recv(try event.int("nbytes")))
    },
    "tunnel.read": { (event, replay) in .bytes(try replay.tunnel(event).read(try event.int("limit"))) },
    "tunnel.write": { (event, replay) in
      let datagram = try event.bytes("datagram")
      return .int(try replay.tunnel(event).write(unsafe datagram.span.bytes))
    },
    "tunnel.addToReadBuffer": { (event, replay) in
      try replay.tunnel(event).addToReadBuffer(try event.bytes("datagram"))
      return .null
    },
    "tunnel.readBuffer.append": { (event, replay) in
      try replay.tunnel(event).readBuffer.append(try event.bytes("item"))
      return .null
    },
    "tunnel.readBuffer.extend": { (event, replay) in
      try replay.tunnel(event).readBuffer += (try event.value("items").list ?? []).compactMap(\.bytes)
      return .null
    },
    "tunnel.pendingSignals.append": { (event, replay) in
      // Which signal it is makes no difference to a write.
      try replay.tunnel(event).pendingSignals.append(2)
      return .null
    },
    "build.H": { (event, _) in .bytes(try MemoryPackets.number(try event.int("n"))) },
    "build.ethernet": { (event, _) in
      .bytes(
        MemoryPackets.ethernet(
          source: try event.bytes("src"), destination: try event.bytes("dst"), etherType: try event.int("protocol"),
          payload: try event.bytes("payload")))
    },
    "build.ip": { (event, _) in
      .bytes(
        try MemoryPackets.ip(
          source: try host(event.args["src"]), destination: try host(event.args["dst"]),
          payload: try event.bytes("payload")))
    },
    "build.udp": { (event, _) in
      .bytes(
        try MemoryPackets.udp(
          source: try event.int("src"), destination: try event.int("dst"), payload: try event.bytes("payload")))
    },
  ]

  private static func host(_ value: TraceValue?) throws -> IPv4Address.Host {
    let text = try PairValues.text(value)
    guard let host = try? IPv4Address.Host(text) else { throw TunnelError.illegalAddress(text) }
    return host
  }

  private static let ports: [String: Body] = [
    "tunnelport.startListening": { (event, replay) in
      try replay.port(event).startListening()
      return .null
    },
    "tunnelport.stopListening": { (event, replay) in replay.stopped(try replay.port(event).stopListening(), event) },
    "tunnelport.loseConnection": { (event, replay) in
      try replay.port(event).stopListening().addErrback { _ in }
      return .null
    },
    "tunnelport.connectionLost": { (event, replay) in
      try replay.port(event).connectionLost()
      return .null
    },
    "tunnelport.getHost": { (event, replay) in replay.given(try replay.port(event).getHost(), event, isText: false) },
    "tunnelport.fileno": { (event, replay) in replay.descriptors.value(try replay.port(event).fileno()) },
    "tunnelport.doRead": { (event, replay) in
      _ = try replay.port(event).doRead()
      return .null
    },
    "tunnelport.write": { (event, replay) in
      let datagram = try event.bytes("datagram")
      return .int(try replay.port(event).write(unsafe datagram.span.bytes))
    },
    "tunnelport.writeSequence": { (event, replay) in
      try replay.port(event).writeSequence((try event.value("seq").list ?? []).compactMap(\.bytes))
      return .null
    },
    "tunnelport.logPrefix": { (event, replay) in .string(try replay.port(event).logPrefix) },
    "function.call": { (event, replay) in
      try replay.object(event.target, as: Callable.self).call()
      return .null
    },
  ]

  private static let layers: [String: Body] = [
    "ethernet.addProto": { (event, replay) in
      let layer = try replay.object(event.target, as: EthernetProtocol.self)
      try replay.adapting(event, "raw-packet") { try layer.addProto(try event.int("num"), $0) }
      return .null
    },
    "ip.addProto": { (event, replay) in
      let layer = try replay.object(event.target, as: IPProtocol.self)
      try replay.adapting(event, "raw-datagram") { try layer.addProto(try event.int("num"), $0) }
      return .null
    },
    "udp.addProto": { (event, replay) in
      let layer = try replay.object(event.target, as: RawUDPProtocol.self)
      try replay.adapting(event, "") { try layer.addProto(try event.int("num"), $0) }
      return .null
    },
    "ethernet.datagramReceived": { (event, replay) in
      let data = try event.bytes("data")
      try replay.object(event.target, as: EthernetProtocol.self)
        .datagramReceived(unsafe data.span.bytes, partial: event.args["partial"]?.int ?? 0)
      return .null
    },
    "ip.datagramReceived": { (event, replay) in
      let data = try event.bytes("data")
      let link = LinkHeader(
        destination: HeaderValue(traced: event.args["dest"]), source: HeaderValue(traced: event.args["source"]),
        etherType: HeaderValue(traced: event.args["protocol"]))
      try replay.object(event.target, as: IPProtocol.self)
        .datagramReceived(unsafe data.span.bytes, partial: event.args["partial"]?.int ?? 0, link: link)
      return .null
    },
    "udp.datagramReceived": { (event, replay) in
      let data = try event.bytes("data")
      // The layer reads nothing of these but the source: what stands there need not be a number.
      func number(_ key: String) -> Int { event.args[key]?.int ?? 0 }
      let header = RawIPHeader(
        source: HeaderValue(traced: event.args["source"]), destination: HeaderValue(traced: event.args["dest"]),
        protocolNumber: number("protocol"), version: number("version"), headerLength: number("ihl"),
        typeOfService: number("tos"), totalLength: number("tot_len"), fragmentID: number("fragment_id"),
        fragmentOffset: number("fragment_offset"), dontFragment: event.args["dont_fragment"]?.bool ?? false,
        moreFragments: event.args["more_fragments"]?.bool ?? false, timeToLive: number("ttl"))
      try replay.object(event.target, as: RawUDPProtocol.self)
        .datagramReceived(unsafe data.span.bytes, partial: event.args["partial"]?.int ?? 0, header: header)
      return .null
    },
  ]

  private static let values: [String: Body] = [
    "address.equal": { (event, replay) in .bool(try replay.isEqual(event)) },
    "address.unequal": { (event, replay) in .bool(try !replay.isEqual(event)) },
  ]

  private static let attributes: [String: Body] = [
    "io._openFiles": { (event, replay) in
      .list(try replay.memory(event).openDescriptors.map { replay.descriptors.value($0) })
    },
    "io.O_RDWR": { (event, replay) in .int(Int(try replay.system(event).openFlags.readWrite)) },
    "io.O_NONBLOCK": { (event, replay) in .int(Int(try replay.system(event).openFlags.nonBlocking)) },
    "io.O_CLOEXEC": { (event, replay) in .int(Int(try replay.system(event).openFlags.closeOnExec)) },
    "tunnel.openFlags": { (event, replay) in
      PairValues.flags(try replay.tunnel(event).openFlags, isReal: event.outcome.value["os"] != nil)
    },
    "tunnel.tunnelMode": { (event, replay) in
      try replay.tunnel(event).tunnelMode.map { .int(Int($0.rawValue)) } ?? .null
    },
    "tunnel.requestedName": { (event, replay) in try replay.tunnel(event).requestedName.map { .bytes($0) } ?? .null },
    "tunnel.name": { (event, replay) in try replay.tunnel(event).name.map { .bytes($0) } ?? .null },
    "tunnel.blocking": { (event, replay) in .bool(try replay.tunnel(event).blocking) },
    "tunnel.closeOnExec": { (event, replay) in .bool(try replay.tunnel(event).closeOnExec) },
    "tunnel.writeBuffer": { (event, replay) in .list(try replay.tunnel(event).writeBuffer.map { .bytes($0) }) },
    "tunnel.readBuffer": { (event, replay) in .list(try replay.tunnel(event).readBuffer.map { .bytes($0) }) },
    "tunnel.SEND_BUFFER_SIZE": { (_, _) in .int(Tunnel.sendBufferSize) },
    "tunnelport.interface": { (event, replay) in .bytes(try replay.port(event).interface.bytes) },
    "tunnelport.connected": { (event, replay) in .int(try replay.port(event).connected ? 1 : 0) },
    "tunnelport.disconnected": { (event, replay) in .int(try replay.port(event).disconnected ? 1 : 0) },
    "tunnelport.disconnecting": { (event, replay) in .bool(try replay.port(event).disconnecting) },
    "tunnelport.maxPacketSize": { (event, replay) in .int(try replay.port(event).maxPacketSize) },
    "tunnelport.maxThroughput": { (_, _) in .int(TuntapPort.maxThroughput) },
    "tunnelport._system": { (event, replay) in system(try replay.port(event).system, event, replay) },
    "address.type": { (event, replay) in ["flags": PairValues.tunnelFlags(try replay.address(event.target).type)] },
    "address.name": { (event, replay) in .bytes(try replay.address(event.target).name.bytes) },
  ]

  private static let settings: [String: Body] = [
    "tunnel.nonBlockingExceptionStyle": { (event, replay) in
      try replay.tunnel(event).nonBlockingExceptionStyle = replay.error(try event.value("to"))
      return .null
    }
  ]
}

/// A replay in the hands of a log, which takes lines on any thread; here there is one.
private struct ReplayLog: @unchecked Sendable {
  // A port logs on the thread that calls it, and that is the replay's.
  unowned let replay: PairReplay

  init(_ replay: PairReplay) { self.replay = replay }
}

extension Recording.Event {
  fileprivate func value(_ name: String) throws -> TraceValue {
    guard let value = args[name] else { throw Unplayable("the argument \(name) is missing") }
    return value
  }

  fileprivate func bytes(_ name: String) throws -> [UInt8] {
    guard let bytes = try value(name).bytes else { throw Unplayable("the argument \(name) is not bytes") }
    return bytes
  }

  fileprivate func int(_ name: String) throws -> Int {
    guard let number = try value(name).int else { throw Unplayable("the argument \(name) is no whole number") }
    return number
  }

  fileprivate func text(_ name: String) throws -> String {
    guard let text = try value(name).text else { throw Unplayable("the argument \(name) is no text") }
    return text
  }

  /// The name of the object that an argument is.
  fileprivate func name(_ name: String) throws -> String {
    let value = try value(name)
    guard let found = value["ref"]?.text ?? value["new"]?.text else { throw Unplayable("\(name) is no object") }
    return found
  }
}

// What a call needs, by its recorded names.
extension PairReplay {
  fileprivate func memory(_ event: Recording.Event) throws -> MemoryIOSystem {
    try object(event.target, as: MemoryIOSystem.self)
  }

  fileprivate func system(_ event: Recording.Event) throws -> any InputOutputSystem {
    guard let system = object(named: event.target) as? any InputOutputSystem else {
      throw Unplayable("there is no \(event.target)")
    }
    // A port that was given no system has the machine's own, which a trace may name and not use.
    guard real != nil || !(system is SystemIO) else { throw Unplayable("\(event.target) is the machine's own") }
    return system
  }

  fileprivate func tunnel(_ event: Recording.Event) throws -> Tunnel { try object(event.target, as: Tunnel.self) }

  fileprivate func port(_ event: Recording.Event) throws -> TuntapPort { try object(event.target, as: TuntapPort.self) }

  fileprivate func descriptor(_ event: Recording.Event) throws -> Int32 {
    try descriptors.number(try event.value("fd"))
  }

  /// The port whose call an operation happened in.
  fileprivate func port(around event: Recording.Event) -> String? {
    recording.around(event).first { Vocabulary.kind(ofObject: $0.target) == "tunnelport" }?.target
  }

  /// An object that the application hands over: known, introduced here, or a plain value.
  fileprivate func argument(_ key: String, of event: Recording.Event) throws -> AnyObject {
    let value = try event.value(key)
    if let name = value["ref"]?.text, let object = object(named: name) { return object }
    guard let form = value.mapping, let name = form["new"]?.text else { return PlainValue() }
    let made = try StandInPairProtocol.make(name, form, self)
    introduce(name, made)
    return made
  }

  private final class PlainValue {}

  /// Adds a protocol, and names what was asked of it where it is refused.
  fileprivate func adapting(_ event: Recording.Event, _ interface: String, _ add: (AnyObject) throws -> Void) throws {
    do {
      try add(try argument("proto", of: event))
    } catch AddProtocolError.notAdaptable {
      throw NotAdaptable(interface: interface)
    }
  }

  fileprivate func reactor(of event: Recording.Event) throws -> any ReactorFDSet & ReactorTime {
    let name = event.args["reactor"]?["ref"]?.text ?? event.args["reactor"]?["new"]?.text ?? "reactor-1"
    if let known = object(named: name) as? StandInPortReactor { return known }
    let made = StandInPortReactor(name, self)
    introduce(name, made)
    return made
  }

  /// The I/O system of a port: the one it is given, seen from outside; the real one where it is given none.
  fileprivate func portSystem(of event: Recording.Event) throws -> any InputOutputSystem {
    let form = event.args["system"]
    guard let name = form?["ref"]?.text ?? form?["new"]?.text else { return SystemIO() }
    if let known = object(named: name) as? CrossingIO { return known }
    // A system of the application's own is nobody's business here: its answers are what the recording has.
    if part == .port || form?["is"]?["system"] == "fed" {
      let fed = CrossingIO(name, nil, isReal: false, self)
      introduce(name, fed)
      return fed
    }
    guard let inner = object(named: name) as? any InputOutputSystem else { throw Unplayable("there is no \(name)") }
    return CrossingIO(name, inner, isReal: inner is SystemIO, self)
  }

  /// A Deferred as it is handed out; what it fires with later is an event.
  fileprivate func stopped(_ deferred: Deferred<Void>, _ event: Recording.Event) -> TraceValue {
    let isNew = name(of: deferred) == nil
    var form = given(deferred, event, as: "deferred").mapping ?? [:]
    guard isNew, let name = form["deferred"]?.text else { return .mapping(form) }
    if deferred.called {
      form["fired"] = .null
    } else {
      deferred.addBoth { [unowned self] (result) in
        switch result {
        case .success: try back("\(name).callback", ["result": .null])
        case .failure(let error): try back("\(name).errback", ["fail": .mapping(describe(error))])
        }
      }
    }
    return .mapping(form)
  }

  /// An address as it is handed out.
  fileprivate func given(_ address: TunnelAddress, _ event: Recording.Event, isText: Bool) -> TraceValue {
    guard let name = event.outcome.value["new"]?.text else { return ["opaque": "address"] }
    addresses[name] = address
    let shown: TraceValue =
      isText ? .string(String(decoding: address.name.bytes, as: UTF8.self)) : .bytes(address.name.bytes)
    return ["new": .word(name), "type": ["flags": PairValues.tunnelFlags(address.type)], "name": shown]
  }

  fileprivate func address(_ name: String) throws -> TunnelAddress {
    guard let address = addresses[name] else { throw Unplayable("there is no \(name)") }
    return address
  }

  /// Whether an address is another; what is no address is none.
  fileprivate func isEqual(_ event: Recording.Event) throws -> Bool {
    guard let other = event.args["other"]?["ref"]?.text, addresses[other] != nil else { return false }
    return try address(event.target) == address(other)
  }
}

/// A protocol that is not of the kind that a layer hands up to: which kind that is.
struct NotAdaptable: NamedError {
  let interface: String
  var traceName: String { "not-adaptable" }
}
