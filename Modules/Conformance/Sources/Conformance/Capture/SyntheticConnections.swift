/// Finds the connections of a trace: which ends are in it, and what happened at each, in order.
///
/// An attempt to connect, a peer's connection or an accepted one is a connection. What a `buildProtocol` comes `after`
/// says which one it belongs to, so that a client and a server in one program are the two ends of one connection.
struct SyntheticConnections {
  /// What the streams of one trace may hold together, in bytes.
  static let mostBytes = 256 * 1024 * 1024

  private let tree: TraceTree
  private var found: [SyntheticConnection] = []
  private var byEvent: [Int: Int] = [:]
  private var byConnector: [String: Int] = [:]
  private var byProtocol: [String: Owner] = [:]
  private var byTransport: [String: Owner] = [:]
  private var serving: [String: SyntheticPlace] = [:]
  private var factoryOfPort: [String: String] = [:]
  private var at = 0
  private var bytes = 0

  private struct Owner {
    var connection: Int
    var role: SyntheticRole
  }

  private init(_ tree: TraceTree) {
    self.tree = tree
  }

  /// The connections that packets went over, in the order in which they began.
  ///
  /// - Parameter tree: The trace's crossings.
  /// - Returns: The connections.
  /// - Throws: ``SyntheticCaptureError`` when bytes are missing, or too many.
  static func connections(of tree: TraceTree) throws(SyntheticCaptureError) -> [SyntheticConnection] {
    var finder = SyntheticConnections(tree)
    for crossing in tree.crossings { try finder.take(crossing) }
    return finder.found.filter(\.hasPackets).sorted { $0.n < $1.n }
  }

  private mutating func take(_ crossing: Crossing) throws(SyntheticCaptureError) {
    if let time = crossing.event.at { at = time }
    let method = crossing.method
    let target = crossing.target
    switch crossing.kind {
    case .back:
      switch method {
      case "buildProtocol": build(crossing)
      case "startedConnecting": started(crossing)
      case "clientConnectionFailed": failed(crossing)
      default: if let owner = byProtocol[target] { try callback(crossing, owner) }
      }
    case .call:
      if ["connectTCP", "connectSSL", "connectUNIX"].contains(method) {
        attempt(crossing)
      } else if method == "connect", let before = byConnector[target] {
        again(crossing, after: before)
      } else if let owner = byTransport[target] {
        try call(crossing, owner)
      } else {
        listening(crossing)
      }
    case .peer where method == "connect" && crossing.event.raises == nil:
      let args = crossing.event.args
      begin(
        SyntheticConnection(
          n: crossing.n, name: target, client: SyntheticPlace(crossing.event.gives),
          server: SyntheticPlace(args["address"])))
    default: break
    }
  }

  private static func reference(_ value: TraceValue?) -> String? {
    value?["new"]?.text ?? value?["ref"]?.text
  }

  private mutating func act(_ connection: Int, _ n: Int, _ what: SyntheticAct.What, _ role: SyntheticRole = .client) {
    found[connection].acts.append(SyntheticAct(n: n, at: at, what: what, role: role))
  }
}

// Where connections begin.
extension SyntheticConnections {
  @discardableResult
  private mutating func begin(_ connection: SyntheticConnection) -> Int {
    let index = found.count
    found.append(connection)
    byEvent[connection.n] = index
    act(index, connection.n, .connect)
    return index
  }

  private mutating func attempt(_ crossing: Crossing) {
    let args = crossing.event.args
    let server = SyntheticPlace(host: SyntheticPlace.host(args["host"]), port: SyntheticPlace.port(args["port"]))
    let index = begin(
      SyntheticConnection(
        n: crossing.n, name: "attempt \(crossing.n)", factory: Self.reference(args["factory"]),
        client: SyntheticPlace(args["bindAddress"]), server: server, port: args["port"]))
    name(index, Self.reference(crossing.event.gives))
  }

  private mutating func again(_ crossing: Crossing, after before: Int) {
    let before = found[before]
    let index = begin(
      SyntheticConnection(
        n: crossing.n, name: crossing.target, factory: before.factory,
        client: SyntheticPlace(host: before.client.host), server: before.server, port: before.port))
    byConnector[crossing.target] = index
  }

  private mutating func name(_ connection: Int, _ connector: String?) {
    guard let connector else { return }
    found[connection].name = connector
    byConnector[connector] = connection
  }

  /// The connector is shown to the factory before the call that made it gives it.
  private mutating func started(_ crossing: Crossing) {
    guard let connection = crossing.parent.flatMap({ byEvent[$0] }) else { return }
    name(connection, Self.reference(crossing.event.args["connector"]))
  }

  private mutating func failed(_ crossing: Crossing) {
    guard let connector = Self.reference(crossing.event.args["connector"]), let connection = byConnector[connector],
      Self.error(crossing) == "refused"
    else { return }
    act(connection, crossing.n, .refused, .server)
  }

  /// Where a factory's port listens, for connections that nothing else tells the server's address of.
  private mutating func listening(_ crossing: Crossing) {
    let args = crossing.event.args
    if ["listenTCP", "listenSSL", "adoptStreamPort"].contains(crossing.method),
      let factory = Self.reference(args["factory"])
    {
      let adopted = SyntheticPlace(args["fileDescriptor"]?["is"]?["listening"])
      let binding = SyntheticPlace(args["port"]?.mapping.map { .mapping($0) })
      let named = SyntheticPlace(host: SyntheticPlace.host(args["interface"]), port: SyntheticPlace.port(args["port"]))
      serving[factory] = adopted.orElse(binding).orElse(named)
      if let port = Self.reference(crossing.event.gives) { factoryOfPort[port] = factory }
    } else if crossing.method == "getHost", let factory = factoryOfPort[crossing.target] {
      serving[factory] = serving[factory]?.orElse(SyntheticPlace(crossing.event.gives))
    }
  }
}

// Where ends appear.
extension SyntheticConnections {
  private mutating func build(_ crossing: Crossing) {
    let factory = crossing.target
    let address = crossing.event.args["addr"]
    let cause = crossing.event.after.compactMap { byEvent[$0] }.first ?? waiting(factory)
    let index = cause ?? begin(SyntheticConnection(n: crossing.n, name: factory))
    let role: SyntheticRole = isClient(found[index], factory, address) ? .client : .server
    switch role {
    case .client:
      found[index].server = SyntheticPlace(address).orElse(found[index].server)
    case .server:
      found[index].client = SyntheticPlace(address).orElse(found[index].client)
      found[index].server = found[index].server.orElse(serving[factory] ?? SyntheticPlace())
    }
    act(index, crossing.n, .established, role)
    var end = found[index].ends[role] ?? SyntheticConnection.End()
    if let proto = Self.reference(crossing.event.gives) {
      end.proto = proto
      byProtocol[proto] = Owner(connection: index, role: role)
    } else {
      act(index, crossing.n, .close, role)
    }
    found[index].ends[role] = end
  }

  /// The attempt of a factory's that has come to nothing yet, where the trace does not tie one.
  private func waiting(_ factory: String) -> Int? {
    found.firstIndex { $0.factory == factory && !$0.hasPackets }
  }

  private func isClient(_ connection: SyntheticConnection, _ factory: String, _ address: TraceValue?) -> Bool {
    guard connection.factory == factory, connection.ends[.client] == nil else { return false }
    let parts = (address?["ipv4"] ?? address?["ipv6"])?.list ?? []
    return (parts.count > 1 && parts[1] == connection.port) || serving[factory] == nil
  }

  private mutating func made(_ crossing: Crossing, _ owner: Owner) {
    guard let transport = Self.reference(crossing.event.args["transport"]) else { return }
    found[owner.connection].ends[owner.role]?.transports.append(transport)
    byTransport[transport] = owner
  }
}

// What happens at them.
extension SyntheticConnections {
  private static func error(_ crossing: Crossing) -> String? { crossing.event.args["reason"]?["error"]?.text }

  /// How often a crossing happened, as far as floods of equal ones are folded into it or what it is inside of.
  private func times(_ crossing: Crossing) -> Int {
    var times = 1
    var next: Crossing? = crossing
    while let crossing = next {
      let (product, overflow) = times.multipliedReportingOverflow(by: max(crossing.event.times ?? 1, 1))
      if overflow || product > Self.mostBytes { return Self.mostBytes }
      times = product
      next = crossing.parent.flatMap { tree[$0] }
    }
    return times
  }

  /// Counts what a crossing carried, and repeats it as often as the crossing happened.
  private mutating func stream(_ crossing: Crossing, _ data: [UInt8]) throws(SyntheticCaptureError) -> [UInt8] {
    let times = self.times(crossing)
    let (product, overflow) = data.count.multipliedReportingOverflow(by: times)
    let (sum, overflows) = bytes.addingReportingOverflow(product)
    guard !overflow, !overflows, sum <= Self.mostBytes else { throw .tooLarge(event: crossing.n) }
    bytes = sum
    if times == 1 { return data }
    var all: [UInt8] = []
    all.reserveCapacity(product)
    for _ in 0..<(data.isEmpty ? 0 : times) { all += data }
    return all
  }

  private mutating func callback(_ crossing: Crossing, _ owner: Owner) throws(SyntheticCaptureError) {
    let (index, role) = (owner.connection, owner.role)
    let method = crossing.method
    if method == "makeConnection" { return made(crossing, owner) }
    guard let end = found[index].ends[role], end.proto == crossing.target else {
      return  // Another protocol has adopted the socket.
    }
    switch method {
    case "dataReceived":
      guard let data = crossing.event.args["data"]?.bytes else { throw .incomplete(event: crossing.n) }
      let all = try stream(crossing, data)
      if !data.isEmpty { act(index, crossing.n, .received(all), role) }
    case "readConnectionLost": act(index, crossing.n, .end, role)
    case "connectionLost":
      switch Self.error(crossing) {
      case "aborted"?: act(index, crossing.n, .abort, role)
      case "lost"? where crossing.event.phase == "io": act(index, crossing.n, .reset, role)
      case let error:
        if error == "done", !end.isLosing { act(index, crossing.n, .end, role) }
        act(index, crossing.n, .close, role)
      }
    default: break
    }
  }

  private mutating func call(_ crossing: Crossing, _ owner: Owner) throws(SyntheticCaptureError) {
    let (index, role) = (owner.connection, owner.role)
    switch crossing.method {
    case "write", "writeSequence":
      guard crossing.event.raises == nil else { return }
      let data = crossing.event.args["data"]
      var all: [UInt8] = []
      for piece in data?.list ?? [data ?? .null] {
        guard let bytes = piece.bytes else { throw .incomplete(event: crossing.n) }
        all += bytes
      }
      let repeated = try stream(crossing, all)
      if !all.isEmpty { act(index, crossing.n, .written(repeated), role) }
    case "loseConnection": found[index].ends[role]?.isLosing = true
    case "loseWriteConnection": act(index, crossing.n, .shutdown, role)
    case "getHost":
      let known = SyntheticPlace(crossing.event.gives)
      switch role {
      case .client: found[index].client = found[index].client.orElse(known)
      case .server: found[index].server = found[index].server.orElse(known)
      }
    default: break
    }
  }
}
