import Addresses

/// Ports and hosts that the machine gave out, which differ from run to run: written as names, one name a number.
struct PlaceNames {
  /// A port: one that the application chose stands as it is.
  private enum Port {
    case chosen
    case obtained
    case named(String)
  }

  private var ports: [Int: Port] = [:]
  private var hosts: [String: String] = [:]

  /// The application had the system choose this port and then let it go: an input of the trace, `free-k`.
  mutating func obtained(port: Int) {
    if ports[port] == nil { ports[port] = .obtained }
  }

  /// The application chose this port itself: a literal wherever it comes back.
  mutating func chosen(port: Int) {
    if port > 0, ports[port] == nil { ports[port] = .chosen }
  }

  /// Gives a port a name that is known already.
  mutating func name(port: Int, _ name: String) {
    ports[port] = .named(name)
  }

  /// Gives a host, with the interface as its zone, a name that is known already.
  mutating func name(host: String, _ name: String) {
    hosts[host] = name
  }

  /// A port as the format writes it.
  ///
  /// One that the system tells, and that nobody chose, is `p-k`.
  mutating func value(port: Int, isTold: Bool, names: inout ObjectNames) -> TraceValue {
    switch ports[port] {
    case .named(let name): return ["port": .word(name)]
    case .obtained:
      let name = names.next("free")
      ports[port] = .named(name)
      return ["port": .word(name)]
    case .chosen: return .int(port)
    case nil:
      guard isTold, port > 0 else { return .int(port) }
      let name = names.next("p")
      ports[port] = .named(name)
      return ["port": .word(name)]
    }
  }

  /// The number of a port that has a name.
  func port(named name: String) -> Int? {
    ports.first { if case .named(name) = $0.value { true } else { false } }?.key
  }

  /// A host as the format writes it: a link-local one with a zone is an input, `linklocal-k`.
  mutating func value(host: String, names: inout ObjectNames) -> TraceValue {
    guard Self.isLinkLocal(host), host.contains("%") else { return .string(host) }
    return ["host": .word(name(of: host, &names))]
  }

  /// The scope that goes with a host.
  mutating func value(scope: UInt32, of host: String, names: inout ObjectNames) -> TraceValue {
    guard scope > 0, Self.isLinkLocal(host), host.contains("%") else { return .int(Int(scope)) }
    return ["scope": .word(name(of: host, &names))]
  }

  private mutating func name(of host: String, _ names: inout ObjectNames) -> String {
    if let name = hosts[host] { return name }
    let name = names.next("linklocal")
    hosts[host] = name
    return name
  }

  /// Whether a text is an address of fe80::/10.
  static func isLinkLocal(_ host: String) -> Bool {
    let start = host.prefix(4).lowercased()
    return ["fe8", "fe9", "fea", "feb"].contains(String(start.prefix(3))) && start.count == 4 && host.contains(":")
  }
}
