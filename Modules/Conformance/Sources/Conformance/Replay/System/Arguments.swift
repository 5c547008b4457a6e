import Addresses
import Reactor

/// The arguments of one recorded call, decoded as the call that takes them asks.
struct Arguments {
  let replay: SystemReplay
  let values: TraceMapping

  /// The value of a name, or a complaint.
  private func value(_ name: String) throws -> TraceValue {
    guard let value = values[name] else { throw Unplayable("the argument \(name) is missing") }
    return value
  }

  private func wrong(_ name: String, _ expected: String) -> Unplayable {
    Unplayable("\(name): expected \(expected), found \(shown(values[name]))")
  }

  func bool(_ name: String, default fallback: Bool? = nil) throws -> Bool {
    if values[name] == nil, let fallback { return fallback }
    switch try value(name) {
    case .bool(let value): return value
    case .int(let value): return value != 0
    default: throw wrong(name, "a boolean")
    }
  }

  func int(_ name: String, default fallback: Int? = nil) throws -> Int {
    if values[name] == nil, let fallback { return fallback }
    guard let value = try value(name).int else { throw wrong(name, "an integer") }
    return value
  }

  func text(_ name: String, default fallback: String? = nil) throws -> String {
    if values[name] == nil, let fallback { return fallback }
    guard let text = try value(name).text else { throw wrong(name, "a text") }
    return text
  }

  func bytes(_ name: String) throws -> [UInt8] {
    guard let bytes = try value(name).bytes else { throw wrong(name, "bytes") }
    return bytes
  }

  func byteStrings(_ name: String) throws -> [[UInt8]] {
    guard let list = try value(name).list else { throw wrong(name, "a list of bytes") }
    return try list.map { item in
      guard let bytes = item.bytes else { throw wrong(name, "a list of bytes") }
      return bytes
    }
  }

  /// Seconds, saturated at what a `Duration` holds; `null` is `nil`.
  func duration(_ name: String, default fallback: Duration?) throws -> Duration? {
    guard let value = values[name] else { return fallback }
    if case .null = value { return nil }
    guard let seconds = value.double else { throw wrong(name, "a number of seconds") }
    return Self.duration(seconds)
  }

  func duration(_ name: String) throws -> Duration {
    guard let duration = try duration(name, default: nil) else { throw wrong(name, "a number of seconds") }
    return duration
  }

  static func duration(_ seconds: Double) -> Duration {
    // As many seconds as a `Duration` holds; Twisted's own clock counts on.
    let limit = 0x1p63
    if seconds.isNaN { return .zero }
    if seconds >= limit { return Duration(secondsComponent: .max, attosecondsComponent: 0) }
    if seconds <= -limit { return Duration(secondsComponent: -.max, attosecondsComponent: 0) }
    let whole = seconds.rounded(.towardZero)
    return Duration(
      secondsComponent: Int64(whole), attosecondsComponent: Int64(((seconds - whole) * 1e18).rounded()))
  }

  /// A host: a text, or an input of the machine's.
  func host(_ name: String, default fallback: String? = nil) throws -> String {
    if values[name] == nil, let fallback { return fallback }
    return try replay.host(try value(name))
  }

  /// A port: a number, a service's name, or a number that the system assigned.
  func port(_ name: String) throws -> PortSpecifier {
    switch try value(name) {
    case .string(let service), .word(let service): return .service(service)
    case let value: return .number(try replay.port(value))
    }
  }

  /// The local address to bind to.
  func bindAddress(_ name: String) throws -> (host: String, port: PortSpecifier)? {
    guard let value = values[name] else { return nil }
    if case .null = value { return nil }
    guard let form = value["ipv4"]?.list ?? value["ipv6"]?.list ?? value.list, form.count >= 2 else {
      throw wrong(name, "a host and a port")
    }
    return (host: try replay.host(form[0]), port: .number(try replay.port(form[1])))
  }

  /// A description of how to bind, where it is one and no plain address or port.
  func binding(_ name: String) throws -> Binding? {
    guard let value = values[name], let place = value["binding"] else { return nil }
    guard let form = place["ipv4"]?.list ?? place["ipv6"]?.list, form.count >= 2 else {
      throw wrong(name, "a host and a port")
    }
    return Binding(
      interface: try replay.host(form[0]), port: try replay.port(form[1]),
      reuseAddress: value["reuseAddress"]?.bool ?? false, reusePort: value["reusePort"]?.bool ?? false)
  }

  func family(_ name: String) throws -> AddressFamily {
    let value = try value(name)
    switch value["constant"]?.text ?? value.text {
    case "inet", "AF_INET": return .inet
    case "inet6", "AF_INET6": return .inet6
    case "unix", "AF_UNIX": return .unix
    default:
      guard let number = value.int.flatMap({ Int32(exactly: $0) }) else { throw wrong(name, "an address family") }
      return .other(number)
    }
  }

  func descriptor(_ name: String) throws -> Int32 {
    try replay.descriptor(try value(name))
  }

  /// An object, introduced here or known.
  func object<Object>(_ name: String, as type: Object.Type) throws -> Object {
    // In two steps: Swift 6.3.1 casts an absent object to a generic type by looking at it.
    guard let found = replay.object(try value(name)), let object = found as? Object else {
      throw wrong(name, "\(type)")
    }
    return object
  }

  func error(_ name: String) throws -> any Error {
    replay.error(try value(name))
  }

  /// A function, with what it is to be called with.
  func callable(_ name: String) throws -> Callable {
    try replay.callable(try value(name), passing: values)
  }

  func optionalInt(_ name: String) throws -> Int? {
    guard let value = values[name] else { return nil }
    if case .null = value { return nil }
    return try int(name)
  }

  /// Work for a thread of the pool: what the recorded function did there is played, and what it returned is given.
  func work(_ name: String) throws -> @Sendable () throws -> TraceValue? {
    guard let form = values[name], form["new"] != nil || form["ref"] != nil else { throw wrong(name, "a function") }
    let shared = SharedReplay(replay)
    return { try shared.replay.play() }
  }

  /// What the recorded function of a name returned in its thread.
  func result(of name: String) -> TraceValue {
    let function = values[name]?["new"]?.text ?? values[name]?["ref"]?.text
    let firing = replay.recording.events.first { $0.kind == .back && $0.target == function && $0.method == "call" }
    return firing?.outcome.value ?? .null
  }
}
