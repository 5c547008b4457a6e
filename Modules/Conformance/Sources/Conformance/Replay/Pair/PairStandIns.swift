import Addresses
import Pair
import Reactor

// The application's objects, as the system sees them: each tells the replay that it was called.

/// A protocol of the application's, which implements nothing.
class StandInPairProtocol: AbstractDatagramProtocol {
  fileprivate unowned let replay: PairReplay
  fileprivate let name: String
  private let className: String
  private let prefix: String

  /// Makes the protocol that a recording introduces.
  static func make(_ name: String, _ form: TraceMapping, _ replay: PairReplay) throws -> AnyObject {
    let interfaces = Set(form["implements"]?.list?.compactMap(\.text) ?? [])
    switch interfaces {
    case ["ethernet"]: return EthernetStandIn(name, form, replay)
    case ["raw-packet"]: return PacketStandIn(name, form, replay)
    case ["raw-datagram"]: return DatagramStandIn(name, form, replay)
    case ["datagram"]: return UDPStandIn(name, form, replay)
    case []: return StandInPairProtocol(name, form, replay)
    default: throw Unplayable("there is no stand-in that is \(interfaces.sorted().joined(separator: " and "))")
    }
  }

  init(_ name: String, _ form: TraceMapping, _ replay: PairReplay) {
    self.replay = replay
    self.name = name
    className = form["class"]?.text ?? ""
    prefix = form["logPrefix"]?.text ?? className.split(separator: ".").last.map(String.init) ?? className
  }

  override var logName: String { className }
  override var logPrefix: String { prefix }

  // What the base class does inside these two is the application's own affair, and in the recording's outcome.
  override func makeConnection(_ transport: TuntapPort) throws {
    try replay.back("\(name).makeConnection", ["transport": ["ref": .word(replay.name(of: transport) ?? "")]])
  }

  override func doStop() throws { try replay.back("\(name).doStop") }
}

private final class EthernetStandIn: StandInPairProtocol, EthernetReceiver {
  func datagramReceived(_ data: RawSpan, partial: Int) throws {
    try replay.back("\(name).datagramReceived", ["data": .bytes(data.copied()), "partial": .int(partial)])
  }
}

private final class PacketStandIn: StandInPairProtocol, RawPacketReceiver {
  func datagramReceived(_ data: RawSpan, partial: Int, link: LinkHeader?) throws {
    var args: TraceMapping = ["data": .bytes(data.copied()), "partial": .int(partial)]
    if let link {
      args["source"] = link.source.traced
      args["dest"] = link.destination.traced
      args["protocol"] = link.etherType.traced
    }
    try replay.back("\(name).datagramReceived", args)
  }
}

private final class DatagramStandIn: StandInPairProtocol, RawDatagramReceiver {
  func datagramReceived(_ data: RawSpan, partial: Int, header: RawIPHeader) throws {
    try replay.back(
      "\(name).datagramReceived",
      [
        "data": .bytes(data.copied()), "partial": .int(partial), "source": header.source.traced,
        "dest": header.destination.traced, "protocol": .int(header.protocolNumber), "version": .int(header.version),
        "ihl": .int(header.headerLength), "tos": .int(header.typeOfService), "tot_len": .int(header.totalLength),
        "fragment_id": .int(header.fragmentID), "fragment_offset": .int(header.fragmentOffset),
        "dont_fragment": .bool(header.dontFragment), "more_fragments": .bool(header.moreFragments),
        "ttl": .int(header.timeToLive),
      ])
  }
}

private final class UDPStandIn: StandInPairProtocol, RawUDPReceiver {
  func datagramReceived(_ datagram: RawSpan, host: HeaderValue, port: UInt16) throws {
    try replay.back(
      "\(name).datagramReceived",
      ["datagram": .bytes(datagram.copied()), "addr": ["udp": [host.traced, .int(Int(port))]]])
  }
}

/// A reactor of the application's, as a port calls it.
final class StandInPortReactor: ReactorFDSet, ReactorTime {
  private unowned let replay: PairReplay
  private let name: String
  private let clock = ManualClock()

  init(_ name: String, _ replay: PairReplay) {
    self.name = name
    self.replay = replay
  }

  private func back(_ method: String, _ argument: String, _ object: AnyObject) throws {
    try replay.back("\(name).\(method)", [argument: ["ref": .word(replay.name(of: object) ?? "")]])
  }

  func addReader(_ reader: any ReadDescriptor) throws { try back("addReader", "reader", reader) }
  func addWriter(_ writer: any WriteDescriptor) throws { try back("addWriter", "writer", writer) }
  // What these two raise in a recording would be the application's mistake; the interface does not let it through.
  func removeReader(_ reader: any ReadDescriptor) { try? back("removeReader", "reader", reader) }
  func removeWriter(_ writer: any WriteDescriptor) { try? back("removeWriter", "writer", writer) }

  func seconds() -> Double { clock.seconds() }

  func callLater(_ delay: Duration, _ callable: Callable) -> DelayedCall {
    // The function is named by the recording, as it is introduced here.
    if let name = replay.judge.next?.args["callable"]?["new"]?.text { replay.introduce(name, callable) }
    let (seconds, attoseconds) = delay.components
    let time: TraceValue =
      attoseconds == 0 ? .int(Int(seconds)) : .double(Double(seconds) + Double(attoseconds) / 1e18)
    try? replay.back(
      "\(name).callLater", ["delay": time, "callable": ["new": .word(replay.name(of: callable) ?? "function")]])
    return clock.callLater(delay, callable)
  }

  func getDelayedCalls() -> [DelayedCall] { clock.getDelayedCalls() }

  /// Lets go of what was to be called later, which may hold who holds this reactor.
  func discard() {
    for call in clock.getDelayedCalls() { try? call.cancel() }
  }
}

/// The I/O system that a port is given: each of its operations is an event.
final class CrossingIO: InputOutputSystem {
  private unowned let replay: PairReplay
  private let name: String
  /// The system itself; nil where its answers are taken from the recording.
  private let inner: (any InputOutputSystem)?
  let openFlags: OpenFlags
  private let isReal: Bool

  init(_ name: String, _ inner: (any InputOutputSystem)?, isReal: Bool, _ replay: PairReplay) {
    self.name = name
    self.inner = inner
    self.replay = replay
    self.isReal = isReal
    openFlags = inner?.openFlags ?? (isReal ? SystemIO().openFlags : MemoryIOSystem().openFlags)
  }

  /// One operation: the real one, or what the recording has of it.
  private func crossing<Value>(
    _ method: String, _ args: TraceMapping, shown: (Value) -> TraceValue, recorded: (TraceValue) throws -> Value,
    _ body: (any InputOutputSystem) throws -> Value
  ) throws -> Value {
    guard let event = replay.judge.began(.io, "\(name).\(method)", args) else { throw Unplayable("the run is over") }
    guard let inner else {
      replay.judge.ended(event, event.outcome)
      switch event.outcome {
      case .returned(let value): return try recorded(value)
      case .raised(let form): throw replay.error(.mapping(form))
      case .opened: throw Unplayable("the recording ends inside \(event.member)")
      }
    }
    do {
      let value = try body(inner)
      if method == "open", let number = value as? Int32, let name = event.outcome.value["fd"]?.text {
        replay.descriptors.bind(name, to: number)
      }
      replay.judge.ended(event, .returned(shown(value)))
      return value
    } catch {
      replay.judge.ended(event, .raised(replay.describe(error)))
      throw error
    }
  }

  func open(_ path: [UInt8], flags: Int32) throws -> Int32 {
    try crossing(
      "open", ["filename": .bytes(path), "flag": PairValues.flags(flags, isReal: isReal)],
      shown: { replay.descriptors.value($0) },
      recorded: { (value) in
        // A descriptor of the recording's, which is open nowhere here.
        let number = 8192 + (value["fd"]?.text.map(Self.ordinal) ?? 0)
        if let name = value["fd"]?.text { replay.descriptors.bind(name, to: number) }
        return number
      }
    ) { try $0.open(path, flags: flags) }
  }

  /// The number in a recorded name; a stranger's trace may have any.
  private static func ordinal(_ name: String) -> Int32 {
    Int(name.drop { $0 != "-" }.dropFirst()).flatMap { (0...1_000_000).contains($0) ? Int32($0) : nil } ?? 0
  }

  func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: [UInt8]) throws -> [UInt8] {
    try crossing(
      "ioctl",
      [
        "fd": replay.descriptors.value(descriptor), "opt": PairValues.request(request),
        "arg": PairValues.packed(argument),
      ], shown: PairValues.packed, recorded: PairValues.packed
    ) { try $0.ioctl(descriptor, request, argument) }
  }

  func read(_ descriptor: Int32, limit: Int, into buffer: inout [UInt8]) throws -> Int {
    let bytes = try crossing(
      "read", ["fd": replay.descriptors.value(descriptor), "limit": .int(limit)], shown: { .bytes($0) },
      recorded: { $0.bytes ?? [] }
    ) { try $0.read(descriptor, limit: limit) }
    buffer = bytes
    return bytes.count
  }

  func write(_ descriptor: Int32, _ datagram: RawSpan) throws -> Int {
    let bytes = datagram.copied()
    return try crossing(
      "write", ["fd": replay.descriptors.value(descriptor), "data": .bytes(bytes)], shown: { .int($0) },
      recorded: { $0.int ?? 0 }
    ) { try $0.write(descriptor, unsafe bytes.span.bytes) }
  }

  func close(_ descriptor: Int32) throws(Errno) {
    do {
      try crossing(
        "close", ["fd": replay.descriptors.value(descriptor)], shown: { _ in .null }, recorded: { _ in }
      ) { try $0.close(descriptor) }
    } catch {
      throw error as? Errno ?? .badDescriptor
    }
  }
}

extension HeaderValue {
  /// The value as a trace has it.
  var traced: TraceValue {
    switch self {
    case .none: .null
    case .ethernet(let address): .bytes((0..<6).map { address.bytes[$0] })
    case .host(let host): .string("\(host)")
    case .number(let number): .int(number)
    case .bytes(let bytes): .bytes(bytes)
    case .text(let text): .string(text)
    }
  }

  /// A recorded value that the application hands to a layer.
  init(traced value: TraceValue?) {
    switch value {
    case .bytes(let bytes): self = .bytes(bytes)
    case .string(let text), .word(let text): self = .text(text)
    case .int(let number): self = .number(number)
    default: self = .none
    }
  }
}
