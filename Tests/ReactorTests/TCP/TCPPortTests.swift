import Addresses
import Testing

@testable import Reactor

/// Listening and accepting.
///
/// Mirrors `twisted.internet.tcp.Port`.
@Suite struct TCPPortTests {
  @Test(arguments: TCPCase.all)
  func `an address that is in use cannot be listened on and the factory hears nothing`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let port = try world.listen(TestFactory("S", world))
    let number = Int(try #require(port.getHost().port))
    let other = TestFactory("B", world)
    #expect(throws: CannotListenError(interface: testCase.host, port: number, cause: .addressInUse)) {
      try world.reactor.listenTCP(port: .number(number), factory: other, interface: testCase.host)
    }
    #expect(throws: OverflowError(value: 65_536)) { try world.reactor.listenTCP(port: 65_536, factory: other) }
    #expect(throws: OverflowError(value: -1)) { try world.reactor.listenTCP(port: -1, factory: other) }
    #expect(throws: PortError.serviceName("http")) { try world.reactor.listenTCP(port: "http", factory: other) }
    #expect(throws: CannotListenError.self) {
      try world.reactor.listenTCP(port: 0, factory: other, interface: "no-such-host.invalid")
    }
    #expect(other.numPorts == 0)
    #expect(port.port == 0)
    #expect(port.interface == testCase.host)
  }

  @Test(arguments: TCPCase.all)
  func `a binding says how the socket is bound`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let shared = Binding(interface: testCase.host, reusePort: true)
    let first = try world.reactor.listenTCP(port: shared, factory: TestFactory("S", world), interface: testCase.host)
    let number = Int(try #require(first.getHost().port))
    #expect(try world.reactor.io.option(.reusePort, of: first.descriptor) == 1)
    #expect(try world.reactor.io.option(.reuseAddress, of: first.descriptor) == 0)
    var again = shared
    again.port = number
    let second = try world.reactor.listenTCP(port: again, factory: TestFactory("T", world))
    #expect(try second.getHost() == first.getHost())
    #expect(throws: PortError.inconsistentInterface) {
      try world.reactor.listenTCP(port: again, factory: TestFactory("U", world), interface: "192.0.2.1")
    }
    #expect(throws: CannotListenError.self) {
      try world.reactor.listenTCP(
        port: Binding(interface: testCase.host, port: number), factory: TestFactory("V", world))
    }
    let plain = try world.reactor.listenTCP(port: 0, factory: TestFactory("W", world), interface: testCase.host)
    #expect(try world.reactor.io.option(.reuseAddress, of: plain.descriptor) == 1)
    #expect(try world.reactor.io.option(.reusePort, of: plain.descriptor) == 0)
    let client = TestFactory("C", world)
    world.port = plain
    try world.reactor.connectTCP(
      host: testCase.host, port: .number(Int(try #require(plain.getHost().port))), factory: client,
      bindAddress: Binding(interface: testCase.host, reuseAddress: true, reusePort: true))
    try world.run(until: "C.made")
    let connection = try #require(client.protocols.first?.transport as? TCPConnection)
    #expect(try world.reactor.io.option(.reusePort, of: connection.descriptor) == 1)
  }

  @Test func `an empty interface is all of IPv4, and two colons all of IPv6`() throws {
    let world = try TCPWorld(TCPCase(backEnd: .epoll, host: "127.0.0.1"))
    defer { world.close() }
    let any = try world.reactor.listenTCP(port: 0, factory: TestFactory("S", world)).getHost()
    guard case .ipv4(let ipv4) = any else { throw Planted("\(any)") }
    #expect(ipv4.host == .any && ipv4.port != 0)
    let all = try world.reactor.listenTCP(port: 0, factory: TestFactory("T", world), interface: "::").getHost()
    guard case .ipv6(let ipv6) = all else { throw Planted("\(all)") }
    #expect(ipv6.host == .any && ipv6.port != 0)
    let named = try world.reactor.listenTCP(port: 0, factory: TestFactory("U", world), interface: "localhost").getHost()
    guard case .ipv4(let local) = named else { throw Planted("\(named)") }
    #expect(local.host == .loopback)
  }

  @Test(arguments: TCPCase.all)
  func `a port accepts as many as it accepted last, plus 20 when that was not enough`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    var turns: [Int] = []
    server.onMade = { _ in turns.append(world.reactor.turn) }
    try world.listen(server)
    try world.connect(TestFactory("first", world))
    try world.run(until: "first.made")
    turns = []
    for index in 0..<30 { try world.connect(TestFactory("C\(index)", world)) }
    try world.run { $0.events.filter { $0 == "S.made" }.count == 31 }
    let counts = Dictionary(grouping: turns) { $0 }.sorted { $0.key < $1.key }.map(\.value.count)
    #expect(counts == [1, 21, 8])
  }

  @Test func `the budget grows by 20 when it is used up and else falls to what was used`() {
    var budget = AcceptBudget()
    #expect(budget.limit == 100)
    budget.settle(accepted: 100)
    #expect(budget.limit == 120)
    budget.settle(accepted: 7)
    #expect(budget.limit == 7)
    budget.settle(accepted: 0)
    #expect(budget.limit == 1)
    budget.settle(accepted: 1)
    #expect(budget.limit == 21)
  }

  @Test(arguments: TCPCase.all)
  func `errors of a server's factory and protocol leave the port open`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    try world.listen(server)

    server.onBuild = { _ in throw Planted("build") }
    let first = TestFactory("A", world)
    try world.connect(first)
    try world.run(until: "A.stopFactory")
    #expect(world.events(of: "A.").suffix(3) == ["A.lost done", "A.ccLost done", "A.stopFactory"])

    server.onBuild = { _ in nil }
    try world.connect(TestFactory("B", world))
    try world.run(until: "B.stopFactory")
    #expect(world.events(of: "B.").suffix(3) == ["B.lost done", "B.ccLost done", "B.stopFactory"])

    server.onBuild = { $0 }
    server.onMade = { _ in throw Planted("made") }
    let third = TestFactory("C", world)
    third.onMade = { try $0.transport?.write("x") }
    try world.connect(third)
    try world.run(until: "S.data(x)")
    #expect(world.errors == ["build", "made"])
    #expect(world.events(of: "S.").suffix(3) == ["S.build", "S.made", "S.data(x)"])
    // A session has a number only when there was a protocol.
    #expect(server.protocols.first?.transport?.logPrefix == "S,0,\(testCase.host)")
  }

  @Test(arguments: TCPCase.all)
  func `a port is closed in the turn after stopListening and may listen again`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let port = try world.listen(server)
    let number = Int(try #require(port.getHost().port))
    try world.reactor.callLater(.zero) {
      world.note("stop(")
      let first = try #require(port.stopListening())
      let second = try #require(port.stopListening())
      world.note(")stop")
      #expect(port.disconnecting && port.connected)
      #expect(throws: CannotListenError.self) {
        try world.reactor.listenTCP(port: .number(number), factory: TestFactory("B", world), interface: testCase.host)
      }
      first.addBoth { (result) in
        if case .success = result { world.note("D1 done") }
        #expect(throws: DescriptorError.closed) { try port.getHost() }
      }
      second.addErrback { world.note("D2 \(text($0))") }
    }
    try world.run(until: "D2")
    #expect(
      world.lines == [
        "S.startFactory@0", "stop(@1t", ")stop@1t", "S.stopFactory@2t", "D1 done@2t", "D2 attribute@2t",
      ])
    #expect(port.stopListening() == nil)
    #expect(!port.connected && port.disconnected)
    try port.startListening()
    #expect(port.connected && port.disconnected)
    #expect(server.numPorts == 1)
    try world.connect(TestFactory("C", world))
    try world.run(until: "C.made")
  }

  @Test(arguments: TCPCase.all)
  func `starting a port that listens moves it to a new socket`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let port = try world.listen(server)
    let before = try port.getHost()
    try port.startListening()
    #expect(try port.getHost() != before)
    #expect(server.numPorts == 2)
    #expect(world.reactor.getReaders().filter { $0 === port }.count == 1)
    try world.connect(TestFactory("C", world))
    try world.run(until: "C.made")
  }

  @Test(arguments: TCPCase.all)
  func `connections outlive their port`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let port = try world.listen(server)
    let client = TestFactory("C", world)
    try world.connect(client)
    try world.run(until: "C.made")
    port.stopListening()
    try world.run(until: "S.stopFactory")
    #expect(server.numPorts == 0)
    try client.protocols.first?.transport?.write("still")
    try world.run(until: "S.data(still)")
  }

  @Test(arguments: TCPCase.all)
  func `an error from startFactory leaves nothing that listens`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onStart = { throw Planted("sf") }
    let readers = world.reactor.getReaders().count
    #expect(throws: Planted("sf")) { try world.listen(server) }
    #expect(server.numPorts == 0)
    #expect(world.reactor.getReaders().count == readers)
  }

  @Test(arguments: TCPCase.all)
  func `an error from stopFactory fails the Deferred of a port that is closed all the same`(
    _ testCase: TCPCase
  ) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onStop = { throw Planted("stop") }
    let port = try world.listen(server)
    try #require(port.stopListening()).addErrback { (error) in
      world.note("D \(text(error)) \(port.disconnecting) \(port.connected)")
    }
    try world.run(until: "D ")
    #expect(world.events == ["S.startFactory", "S.stopFactory", "D stop false false"])
  }

  @Test(arguments: TCPCase.all)
  func `a listening socket that is handed in is duplicated`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let original = try world.listen(TestFactory("original", world))
    let server = TestFactory("S", world)
    let port = try world.reactor.adoptStreamPort(original.descriptor, testCase.family, factory: server)
    #expect(port.descriptor != original.descriptor)
    #expect(try port.getHost() == original.getHost())
    original.stopListening()
    try world.run(until: "original.stopFactory")
    // Shutting the original down would have ended both; it is the same open socket.
    world.port = port
    #expect(throws: UnsupportedAddressFamily(family: .unix)) {
      try world.reactor.adoptStreamPort(port.descriptor, .unix, factory: server)
    }
    #expect(throws: Errno.badDescriptor) {
      try world.reactor.adoptStreamPort(1_000_000, testCase.family, factory: server)
    }
  }

  @Test(arguments: TCPCase.all)
  func `a connected socket that is handed in is served inside the call`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let client = TestFactory("C", world)
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "C.made")
    let dialled = try #require(client.protocols.first?.transport as? TCPConnection)
    try dialled.pauseProducing()
    let adopting = TestFactory("T", world)
    world.note("adopt(")
    let transport = try #require(
      try world.reactor.adoptStreamConnection(dialled.descriptor, testCase.family, factory: adopting))
    world.note(")")
    #expect(world.events.suffix(4) == ["adopt(", "T.build", "T.made", ")"])
    #expect(adopting.numPorts == 0)
    #expect(transport.connected)
    #expect((transport as? TCPConnection)?.descriptor != dialled.descriptor)
    #expect(try transport.getPeer() == dialled.getPeer())
    let port = try #require(dialled.getPeer().port)
    #expect(transport.logPrefix == "T,\(port),\(testCase.host)")
    try server.protocols.first?.transport?.write("to the second")
    try world.run(until: "T.data")
    #expect(world.events.last == "T.data(to the second)")
    adopting.onBuild = { _ in nil }
    #expect(
      try world.reactor.adoptStreamConnection(dialled.descriptor, testCase.family, factory: adopting) == nil)
    #expect(throws: UnsupportedAddressFamily(family: .other(16))) {
      try world.reactor.adoptStreamConnection(dialled.descriptor, .other(16), factory: adopting)
    }
  }

  @Test(arguments: TCPCase.all)
  func `a hostile listener loses nothing but its clients when descriptors run out`(_ testCase: TCPCase) throws {
    // Every accept fails with EMFILE until the reserve is given up.
    let io = ScarceIO()
    let world = try TCPWorld(testCase, io: io)
    defer { world.close() }
    let server = TestFactory("S", world)
    try world.listen(server)
    let clients = (0..<3).map { TestFactory("C\($0)", world) }
    io.isScarce = true
    for client in clients { try world.connect(client) }
    try world.run { (world) in (0..<3).allSatisfy { world.events.contains("C\($0).stopFactory") } }
    for client in clients {
      #expect(world.events(of: "\(client.name).lost") == ["\(client.name).lost done"])
    }
    #expect(!world.events.contains("S.build"))
    #expect(world.messages.filter { $0.hasPrefix("EMFILE recovery: Closed socket from") }.count == 3)
    #expect(world.messages.contains("EMFILE encountered; releasing reserved file descriptor."))
    #expect(world.messages.contains("Re-reserving EMFILE recovery file descriptor."))
    // Nothing waits, so nothing spins: the next turns try no accept.
    let tried = io.accepts
    try world.turns(5)
    #expect(io.accepts == tried)
    io.isScarce = false
    try world.connect(TestFactory("D", world))
    try world.run(until: "S.made")
  }
}
