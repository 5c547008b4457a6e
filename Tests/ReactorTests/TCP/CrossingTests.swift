import Addresses
import Testing

@testable import Reactor

/// Writes each crossing down, indented by the crossings that it is inside of.
private final class Crossings: BoundaryObserver {
  private(set) var lines: [String] = []
  private(set) var connectingFrom: [Address] = []
  private var depth = 0
  private var names: [(object: AnyObject, name: String)] = []

  private func name(_ object: AnyObject, _ kind: String) -> String {
    if let known = names.first(where: { $0.object === object }) { return known.name }
    let name = "\(kind)-\(names.count { $0.name.hasPrefix("\(kind)-") } + 1)"
    names.append((object, name))
    return name
  }

  private func name(_ object: AnyObject) -> String {
    names.first { $0.object === object }?.name ?? (object is Reactor ? "reactor" : "function")
  }

  private func show(_ value: BoundaryValue) -> String {
    switch value {
    case .none: "none"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): "\(value)"
    case .duration(let value): "\(value)"
    case .text(let value): value
    case .bytes(let value): String(decoding: value, as: UTF8.self)
    case .address: "address"
    case .error(let error): text(error)
    case .object(let object, let kind): name(object, kind.rawValue)
    case .callable(let callable): name(callable, "function")
    case .deferred(let deferred, let fired): name(deferred, "deferred") + (fired == nil ? "" : " fired")
    case .list(let values), .set(let values), .tuple(let values): "[\(values.map(show).joined(separator: " "))]"
    case .descriptor: "descriptor"
    }
  }

  private func begin(_ mark: String, _ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument]) {
    let shown = arguments.map { "\($0.name): \(show($0.value))" }.joined(separator: ", ")
    lines.append("\(String(repeating: " ", count: depth))\(mark) \(name(target)).\(method)(\(shown))")
    depth += 1
  }

  private func end(_ outcome: BoundaryOutcome) {
    depth -= 1
    switch outcome {
    case .gave(.none): break
    case .gave(let value): lines[lines.endIndex - 1] += depth == 0 ? " = \(show(value))" : ""
    case .raised(let error): lines.append("\(String(repeating: " ", count: depth))raised \(text(error))")
    }
  }

  func callBegan(_ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument]) {
    begin(">", target, method, arguments)
  }
  func callEnded(_ outcome: BoundaryOutcome) { end(outcome) }
  func callbackBegan(
    _ target: AnyObject, _ method: StaticString, _ arguments: [BoundaryArgument], of cause: AnyObject?
  ) {
    begin("<", target, method, arguments)
  }
  func callbackEnded(_ outcome: BoundaryOutcome) {
    if case .gave(.object(let object, let kind)) = outcome { _ = name(object, kind.rawValue) }
    end(outcome)
  }
  func pollBegan() {}

  /// Lets what was seen go.
  func forget() { names = [] }

  func connecting(_ transport: AnyObject, connector: AnyObject?, from local: Address) { connectingFrom.append(local) }
  func attributeRead(_ target: AnyObject, _ name: StaticString, _ value: BoundaryValue) {
    lines.append("\(String(repeating: " ", count: depth))get \(self.name(target)).\(name) = \(show(value))")
  }
}

/// What crosses between an application and its TCP connections.
@Suite struct CrossingTests {
  @Test(arguments: BackEnd.allCases)
  func `a connection with a producer that closes crosses as Twisted's does`(_ backEnd: BackEnd) throws {
    final class Client: Protocol {
      var made: (any StreamTransport) throws -> Void = { _ in }
      var lost: () throws -> Void = {}
      override func connectionMade() throws { if let transport { try made(transport) } }
      override func connectionLost(_ reason: any Error) throws { try lost() }
    }
    final class Pull: Producer {
      func resumeProducing() throws {}
      func stopProducing() throws {}
    }
    let reactor = try Reactor(backEnd, log: .none)
    let crossings = Crossings()
    reactor.boundary = Boundary(observer: crossings)
    // What was seen refers to the reactor.
    defer {
      reactor.boundary = nil
      crossings.forget()
    }
    let port = try reactor.listenTCP(port: 0, factory: Factory { Protocol() }, interface: "127.0.0.1")
    let number = try #require(port.getHost().port)
    let client = Client()
    client.made = { (transport) in
      try transport.registerProducer(Pull(), streaming: false)
      try transport.loseConnection()
      try reactor.callLater(
        .zero,
        Callable(method: reactor, "callLater") {
          try reactor.callLater(.zero, Callable { try transport.unregisterProducer() })
        })
    }
    client.lost = { [client] in
      client.lost = {}
      try reactor.stop()
    }
    try reactor.connectTCP(host: "127.0.0.1", port: .number(Int(number)), factory: ClientFactory { client })
    try reactor.run(installSignalHandlers: false)
    #expect(
      crossings.lines.dropLast(2) == [
        "> reactor.listenTCP(port: 0, factory: factory-1, interface: 127.0.0.1)",
        " < factory-1.doStart() = port-1",
        "> port-1.getHost() = address",
        "> reactor.connectTCP(host: 127.0.0.1, port: \(number), factory: factory-2)",
        " < factory-2.doStart()",
        " < factory-2.startedConnecting(connector: connector-1) = connector-1",
        "> reactor.run(installSignalHandlers: false)",
        " < factory-1.buildProtocol(addr: address)",
        " < protocol-1.makeConnection(transport: transport-1)",
        " < factory-2.buildProtocol(addr: address)",
        " < protocol-2.makeConnection(transport: transport-2)",
        "  > transport-2.registerProducer(producer: producer-1, streaming: false)",
        "   < producer-1.resumeProducing()",
        "  > transport-2.loseConnection()",
        "  > reactor.callLater(delay: 0.0 seconds, callable: function-1)",
        " < producer-1.resumeProducing()",
        " < function.call()",
        "  > transport-2.unregisterProducer()",
        " < protocol-2.connectionLost(reason: done)",
        "  > reactor.stop()",
        " < factory-2.clientConnectionLost(connector: connector-1, reason: done)",
        " < factory-2.doStop()",
      ])
    // What the shutdown loses is a set.
    #expect(
      Set(crossings.lines.suffix(2)) == [" < protocol-1.connectionLost(reason: lost)", " < factory-1.doStop()"])
    #expect(crossings.connectingFrom.count == 1)
  }

  @Test(arguments: BackEnd.allCases)
  func `what an application calls, reads and resolves crosses with its arguments`(_ backEnd: BackEnd) throws {
    final class Names: SimpleResolver {
      func getHostByName(_ name: String, timeout: [Int]) throws -> Deferred<String> { .succeed("127.0.0.1") }
    }
    let reactor = try Reactor(backEnd, log: .none)
    let crossings = Crossings()
    reactor.boundary = Boundary(observer: crossings)
    // What was seen refers to the reactor.
    defer {
      reactor.boundary = nil
      crossings.forget()
    }
    reactor.installResolver(Names())
    let port = try reactor.listenTCP(port: 0, factory: Factory { Protocol() }, backlog: 7, interface: "127.0.0.1")
    let number = try #require(port.getHost().port)
    let client = Protocol()
    let connector = try reactor.connectTCP(
      host: "some.example", port: .number(Int(number)), factory: ClientFactory { client }, timeout: nil,
      bindAddress: ("127.0.0.1", 0))
    for _ in 0..<10 where client.transport == nil { reactor.iterate() }
    let before = crossings.lines.count
    let transport = try #require(client.transport)
    try transport.write("abc")
    try transport.writeSequence([Array("d".utf8), Array("e".utf8)])
    _ = transport.connected
    _ = connector.state
    try connector.disconnect()
    _ = transport.disconnecting
    let stopped = port.stopListening()
    for _ in 0..<5 { reactor.iterate() }
    #expect(stopped?.called == true)
    #expect(crossings.lines.first == "> reactor.installResolver(resolver: resolver-1) = resolver-2")
    let arguments = "host: some.example, port: \(number), factory: factory-2, timeout: none, bindAddress: [127.0.0.1 0]"
    #expect(crossings.lines.contains("> reactor.connectTCP(\(arguments))"))
    #expect(crossings.lines.contains(" < resolver-1.getHostByName(name: some.example, timeout: [1 3 11 45])"))
    #expect(
      crossings.lines[before...].filter { !$0.contains("iterate") } == [
        "> transport-2.write(data: abc)", "> transport-2.writeSequence(data: [d e])", "get transport-2.connected = 1",
        "get connector-1.state = connected", "> connector-1.disconnect()", "get transport-2.disconnecting = 1",
        "> port-1.stopListening() = deferred-1", " < factory-1.doStop()", " < deferred-1.callback(result: none)",
        " < protocol-2.connectionLost(reason: done)",
        " < factory-2.clientConnectionLost(connector: connector-1, reason: done)", " < factory-2.doStop()",
        " < protocol-1.dataReceived(data: abcde)", " < protocol-1.connectionLost(reason: done)",
      ])
  }
}
