import Addresses
import Glibc
import Reactor
import Testing

@testable import Conformance

/// A server's protocol that sends back what it gets.
private final class Echo: Protocol {
  override func dataReceived(_ data: RawSpan) throws { try transport?.write(data) }
}

/// A client's protocol with closures in the place of methods.
private final class Client: Protocol {
  var made: (any StreamTransport) throws -> Void = { _ in }
  var received: (any StreamTransport) throws -> Void = { _ in }
  var lost: () throws -> Void = {}

  override func connectionMade() throws { if let transport { try made(transport) } }
  override func dataReceived(_ data: RawSpan) throws { if let transport { try received(transport) } }
  override func connectionLost(_ reason: any Error) throws { try lost() }
}

private struct Mistake: Error {}

/// A descriptor of a program's own kind, over one end of a pipe.
private final class Line: FileDescriptor {
  var number: Int32

  init(_ number: Int32, reactor: Reactor) {
    self.number = number
    super.init(reactor: reactor)
  }

  override func fileno() -> Int32 { number }

  override func doRead() throws -> (any Error)? { ConnectionClosed.done }

  override func connectionLost(_ reason: any Error) throws {
    try super.connectionLost(reason)
    try reactor.stop()
  }
}

/// What a program did, as its recorder saw it.
private struct Recorded {
  let events: [TraceEvent]
  let tree: TraceTree

  /// Runs a program under a recorder.
  ///
  /// The reactor is stopped after ten seconds, whatever the program does.
  init(_ backEnd: BackEnd = .epoll, _ program: (Reactor, TraceRecorder) throws -> Void) throws {
    let list = EventList()
    let recorder = TraceRecorder(into: list)
    let reactor = try Reactor(backEnd, log: .none)
    recorder.attach(to: reactor)
    try program(reactor, recorder)
    try recorder.close()
    events = list.events
    tree = try TraceTree(list.events.enumerated().map { ($0 + 1, $1) })
  }

  func names(_ kind: TraceEvent.Kind) -> [String] {
    tree.crossings.filter { $0.kind == kind }.map(\.name)
  }

  func first(_ name: String) throws -> Crossing {
    try #require(tree.crossings.first { $0.name == name }, "\(name) was not recorded")
  }

  /// The whole as a file, which the validator then judges.
  func validate() throws {
    let header = TraceHeader([
      "features": ["reactor"], "title": "a program", "producer": ["name": "skein", "version": "0.1.0"],
      "started": "2026-01-01T00:00:00Z",
    ])
    let sink = MemorySink()
    let writer = try TraceWriter(header: header, to: sink)
    for event in events { try writer.write(event) }
    try writer.finish(open: tree.crossings.filter { $0.isOpen && !$0.children.isEmpty }.count)
    try TraceValidator.validate(bytes: sink.bytes)
  }
}

/// Connects a client to an echo server of the same reactor.
private func connect(_ reactor: Reactor, _ client: Client) throws -> (port: TCPPort, connector: Connector) {
  let port = try reactor.listenTCP(port: 0, factory: Factory { Echo() }, interface: "127.0.0.1")
  let number = Int(try port.getHost().port ?? 0)
  let factory = ClientFactory { client }
  return (port, try reactor.connectTCP(host: "127.0.0.1", port: .number(number), factory: factory))
}

@Suite struct TraceRecorderTests {
  @Test(arguments: BackEnd.allCases)
  func `a descriptor of a program's own kind is made by a call, and calls what it inherits`(_ backEnd: BackEnd) throws {
    var ends: [Int32] = [-1, -1]
    #expect(unsafe pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    #expect(write(ends[1], "x", 1) == 1)
    let recorded = try Recorded(backEnd) { reactor, _ in
      let line = Line(ends[0], reactor: reactor)
      try line.startReading()
      try reactor.run(installSignalHandlers: false)
      #expect(line.disconnected)
    }
    try recorded.validate()
    let made = try recorded.first("abstract.FileDescriptor")
    let form = try #require(made.event.fields["gives"]?["new"])
    #expect(form.text == "reader-1")
    #expect(
      recorded.names(.call) == [
        "abstract.FileDescriptor", "reader-1.startReading", "reactor-1.run", "reader-1.super.readConnectionLost",
        "reader-1.super.connectionLost", "reactor-1.stop",
      ])
    #expect(recorded.names(.back) == ["reader-1.doRead", "reader-1.readConnectionLost", "reader-1.connectionLost"])
    #expect(recorded.names(.get) == ["reader-1.disconnected"])
  }

  @Test(arguments: BackEnd.allCases)
  func `an echo is recorded whole, and the recording is a valid trace`(backEnd: BackEnd) throws {
    let recorded = try Recorded(backEnd) { reactor, _ in
      let client = Client()
      client.made = { try $0.write("hello") }
      client.received = { try $0.loseConnection() }
      client.lost = { try reactor.stop() }
      _ = try connect(reactor, client)
      try reactor.run()
    }
    try recorded.validate()
    #expect(
      recorded.names(.call) == [
        "reactor-1.listenTCP", "port-1.getHost", "reactor-1.connectTCP", "reactor-1.run", "transport-2.write",
        "transport-1.write", "transport-2.loseConnection", "reactor-1.stop",
      ])
    let accepted = try recorded.first("factory-1.buildProtocol")
    #expect(accepted.event.after == [try recorded.first("reactor-1.connectTCP").n], "tied by the client's address")
    #expect(accepted.event.phase == "io")
    #expect(accepted.event.gives?["new"]?.text == "protocol-1")
    #expect(accepted.event.gives?["logPrefix"]?.text == "Echo")
    #expect(try recorded.first("protocol-2.dataReceived").event.args["data"]?.bytes == Array("hello".utf8))
    #expect(try recorded.first("port-1.getHost").event.gives?["ipv4"]?.list?[1] == ["port": "p-1"])
  }

  @Test(arguments: BackEnd.allCases)
  func `of clients alike each protocol is tied to its own attempt`(backEnd: BackEnd) throws {
    let recorded = try Recorded(backEnd) { (reactor, _) in
      let port = try reactor.listenTCP(port: 0, factory: Factory { Protocol() }, interface: "127.0.0.1")
      let number = try #require(port.getHost().port)
      var left = 3
      let factory = ClientFactory {
        let client = Client()
        client.made = { try $0.loseConnection() }
        client.lost = { [client] in
          client.lost = {}
          left -= 1
          if left == 0 { try reactor.stop() }
        }
        return client
      }
      for _ in 0..<left {
        try reactor.connectTCP(host: "127.0.0.1", port: .number(Int(number)), factory: factory)
      }
      try reactor.callLater(.seconds(10), Callable { try reactor.stop() })
      try reactor.run()
    }
    let attempts = recorded.tree.crossings.filter { $0.name == "reactor-1.connectTCP" }.map(\.n)
    let client = try recorded.first("factory-2.buildProtocol").target
    let built = recorded.tree.crossings.filter { $0.target == client && $0.method == "buildProtocol" }
    #expect(Set(built.flatMap(\.event.after)) == Set(attempts) && built.count == 3)
  }

  @Test func `a crossing that is open when the loop polls is in the file by then`() throws {
    let list = EventList()
    let recorder = TraceRecorder(into: list)
    let reactor = try Reactor(log: .none)
    recorder.attach(to: reactor)
    var seen: [TraceEvent] = []
    try reactor.callLater(.zero, Callable {})
    try reactor.callLater(
      .milliseconds(1),
      Callable {
        seen = list.events
        try reactor.stop()
      })
    try reactor.run()
    #expect(seen.contains { $0.name == "reactor-1.run" && $0.gives == nil })
    #expect(list.events.last?.end == seen.first { $0.name == "reactor-1.run" }?.n)
  }

  @Test func `an error that the application raised is known when it comes back`() throws {
    let recorded = try Recorded { reactor, _ in
      let client = Client()
      client.made = { _ in throw Mistake() }
      client.lost = { try reactor.stop() }
      _ = try connect(reactor, client)
      try reactor.run()
    }
    let raised = try recorded.first("protocol-2.makeConnection")
    #expect(raised.event.raises?["error"]?.text == "application")
    #expect(raised.event.raises?["class"]?.text == "Mistake")
    #expect(raised.event.raises?["raised"] == nil)
    let reason = try recorded.first("protocol-2.connectionLost").event.args["reason"]
    #expect(reason?["raised"]?.int == raised.n)
  }

  @Test func `a refused connection has its family and the system's error`() throws {
    let recorded = try Recorded { reactor, recorder in
      let port = try Inputs(network: nil).port("free-1")
      recorder.obtained(port: port)
      let factory = ClientFactory { Client() }
      _ = try reactor.connectTCP(host: "127.0.0.1", port: .number(port), factory: factory)
      try reactor.callLater(.milliseconds(50), Callable { try reactor.stop() })
      try reactor.run()
    }
    let reason = try recorded.first("factory-1.clientConnectionFailed").event.args["reason"]
    #expect(reason == ["error": "refused", "errno": "ECONNREFUSED"])
    #expect(try recorded.first("reactor-1.connectTCP").event.args["port"] == ["port": "free-1"])
  }

  @Test func `what a timer, a trigger and a thread's call fire says what fired it`() throws {
    let recorded = try Recorded { reactor, _ in
      try reactor.callLater(.zero, Callable {})
      _ = try reactor.callWhenRunning(Callable {})
      let handle = reactor.handle
      reactor.callInThread { handle.callFromThread { try $0.stop() } }
      try reactor.run()
    }
    try recorded.validate()
    let fired = Dictionary(
      recorded.tree.crossings.filter { $0.method == "call" }.map { ($0.event.of ?? "", $0.event) },
      uniquingKeysWith: { $1 })
    #expect(Set(fired.keys) == ["timer-1", "trigger-1", "threadcall-1", "threadcall-2"])
    #expect(fired["threadcall-1"]?.thread == "t-1", "the pool's thread")
    #expect(fired["threadcall-2"]?.thread == nil, "the reactor's own")
    #expect(fired["threadcall-2"]?.phase == "thread")
  }

  @Test func `a method of the system's that is handed over is no function, and what it hands on is fired by the timer`()
    throws
  {
    let recorded = try Recorded { reactor, _ in
      let inner = Callable { try reactor.stop() }
      let method = Callable(
        method: reactor, "callLater",
        [BoundaryArgument("delay", .int(0)), BoundaryArgument("callable", .callable(inner))]
      ) { try reactor.callLater(.zero, inner) }
      try reactor.callLater(.zero, method)
      try reactor.run()
    }
    let call = try recorded.first("reactor-1.callLater")
    #expect(call.event.args["callable"] == ["method": ["reactor-1", "callLater"]])
    #expect(call.event.args["args"] == [0, ["new": "function-1"]])
    #expect(try recorded.first("function-1.call").event.of == "timer-1")
    #expect(
      recorded.names(.call).filter { $0 == "reactor-1.callLater" }.count == 1, "no crossing when the method is called")
  }

  @Test func `dropped objects are gone, or the statement is not made`() throws {
    let recorded = try Recorded { reactor, recorder in
      var kept: Client? = Client()
      var dropped: Client? = Client()
      for client in [kept, dropped] {
        client?.lost = { try reactor.stop() }
      }
      let factory = ClientFactory()
      var clients = [dropped, kept]
      factory.protocol = { clients.removeFirst() ?? Client() }
      let port = try reactor.listenTCP(port: 0, factory: Factory { Echo() }, interface: "127.0.0.1")
      let number = Int(try port.getHost().port ?? 0)
      dropped?.made = { try $0.loseConnection() }
      _ = try reactor.connectTCP(host: "127.0.0.1", port: .number(number), factory: factory)
      try reactor.run()
      let name = try #require(dropped.flatMap { recorder.drop($0) })
      #expect(!recorder.check(released: name), "it is still referred to")
      clients = []
      dropped = nil
      #expect(recorder.check(released: name))
      kept = nil
    }
    #expect(recorded.tree.crossings.filter { $0.kind == .drop }.count == 1)
    #expect(recorded.tree.crossings.filter { $0.kind == .check }.count == 1)
  }

  @Test func `an object at the place of one that is gone is another`() {
    var names = ObjectNames()
    var seen: Set<String> = []
    for _ in 0..<50 {
      let object = Token()
      if let name = names.name(of: object) { seen.insert(name) }
      names.bind(object, to: names.next("object"))
    }
    #expect(seen.isEmpty)
  }

  @Test func `ports that the system chose have names and those that the application chose are numbers`() {
    var names = ObjectNames()
    var places = PlaceNames()
    places.chosen(port: 8080)
    places.obtained(port: 9090)
    #expect(places.value(port: 8080, isTold: true, names: &names) == 8080)
    #expect(places.value(port: 9090, isTold: false, names: &names) == ["port": "free-1"])
    #expect(places.value(port: 40_000, isTold: true, names: &names) == ["port": "p-1"])
    #expect(places.value(port: 40_000, isTold: false, names: &names) == ["port": "p-1"])
    #expect(places.value(port: 50_000, isTold: false, names: &names) == 50_000)
    #expect(places.port(named: "p-1") == 40_000)
  }

  @Test(arguments: [
    ("fe80::1%eth0", true), ("FE80::1%eth0", true), ("febf::1%2", true), ("fe80::1", false), ("fec0::1%eth0", false),
    ("fe80.example.com", false), ("::1", false),
  ])
  func `only a link-local host with its zone is an input`(host: String, isInput: Bool) {
    var names = ObjectNames()
    var places = PlaceNames()
    let value = places.value(host: host, names: &names)
    #expect(value == (isInput ? ["host": "linklocal-1"] : .string(host)))
  }

  @Test func `a file that cannot be made is an error that names it`() {
    let header = TraceHeader(["title": "x"])
    let error = #expect(throws: TraceError.self) {
      try TraceRecorder(writingTo: "/no/such/folder/x.yaml", header: header)
    }
    #expect(error?.file == "/no/such/folder/x.yaml")
  }
}
