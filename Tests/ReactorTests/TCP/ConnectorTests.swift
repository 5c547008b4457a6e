import Addresses
import Testing

@testable import Reactor

/// Connecting, and the connector's states.
///
/// Mirrors `twisted.internet.base.BaseConnector` and `twisted.internet.tcp.Client`.
@Suite struct ConnectorTests {
  @Test(arguments: TCPCase.all)
  func `a factory without a protocol loses the connection it made`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onBuild = { _ in nil }
    try world.listen(TestFactory("S", world))
    let connector = try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(world.events(of: "C.").dropFirst(2) == ["C.build", "C.ccLost done", "C.stopFactory"])
    #expect(connector.state == .disconnected)
  }

  @Test(arguments: TCPCase.all)
  func `an error from buildProtocol fails the attempt`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onBuild = { _ in throw Planted("b") }
    try world.listen(TestFactory("S", world))
    let connector = try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(world.events(of: "C.").dropFirst(2) == ["C.build", "C.ccFailed connect", "C.stopFactory"])
    #expect(connector.state == .disconnected)
    #expect(world.errors == ["b"])
  }

  @Test(arguments: TCPCase.all)
  func `an error from a client's makeConnection loses the connection with it`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onMade = { _ in throw Planted("made") }
    try world.listen(TestFactory("S", world))
    let connector = try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(
      world.events(of: "C.").dropFirst(2) == ["C.build", "C.made", "C.lost made", "C.ccLost made", "C.stopFactory"])
    #expect(connector.state == .disconnected)
    #expect(world.errors == ["made"])
  }

  @Test(arguments: TCPCase.all)
  func `connecting again inside clientConnectionLost does not stop the factory`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.loseConnection() }
    var losses = 0
    client.onClientLost = { (connector, _) in
      losses += 1
      world.note("numPorts=\(client.numPorts)")
      if losses == 1 { try connector.connect() }
    }
    try world.listen(TestFactory("S", world))
    let connector = try world.connect(client)
    try world.run(until: "C.stopFactory")
    // Later, and from outside, it starts the factory again.
    try connector.connect()
    try world.run(until: "C.stopFactory")
    let one = ["C.started", "C.build", "C.made", "C.lost done", "C.ccLost done", "numPorts=1"]
    #expect(
      world.events(of: "C.", "num") == ["C.startFactory"] + one + one + ["C.stopFactory", "C.startFactory"] + one + [
        "C.stopFactory"
      ])
  }

  @Test(arguments: TCPCase.all)
  func `stopConnecting fails the attempt inside the call, also inside startedConnecting`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onStarted = { (connector) in
      try connector.stopConnecting()
      #expect(throws: ConnectorError.notConnecting) { try connector.stopConnecting() }
      try connector.disconnect()
      world.note("stopped")
    }
    try world.listen(TestFactory("S", world))
    world.note("connectTCP(")
    let connector = try world.connect(client)
    world.note(")")
    try world.turns(3)
    #expect(
      world.lines.dropFirst() == [
        "connectTCP(@0", "C.startFactory@0", "C.started@0", "C.ccFailed user@0", "C.stopFactory@0", "stopped@0", ")@0",
      ])
    #expect(connector.transport == nil)
  }

  @Test(arguments: TCPCase.all)
  func `a time-out of 0 fails the attempt in the timers of the first turn`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    try world.listen(TestFactory("S", world))
    try world.connect(client, timeout: .zero)
    try world.run(until: "S.lost")
    #expect(
      world.lines.dropFirst() == [
        "C.startFactory@0", "C.started@0", "C.ccFailed timeout@1t", "C.stopFactory@1t", "S.build@1p", "S.made@1p",
        "S.lost done@2p",
      ])
    #expect(world.errors.isEmpty)
  }

  @Test(arguments: TCPCase.all)
  func `an attempt has a timer until it is connected, unless it may take for ever`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    let other = TestFactory("D", world)
    try world.listen(TestFactory("S", world))
    try world.connect(other, timeout: nil)
    #expect(world.reactor.getDelayedCalls().count == 1)
    let connector = try world.connect(client)
    #expect(world.reactor.getDelayedCalls().count == 3)
    try world.run { Set(["C.made", "D.made"]).isSubset(of: $0.events) }
    #expect(world.reactor.getDelayedCalls().isEmpty)
    #expect(try connector.getDestination() == world.port?.getHost())
  }

  @Test(arguments: TCPCase.all)
  func `a connected connector disconnects but neither connects nor stops connecting`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    let connected = Expectation()
    try world.listen(TestFactory("S", world))
    let connector = try world.connect(client)
    #expect(throws: ConnectorError.notDisconnected) { try connector.connect() }
    client.onMade = { _ in
      connected.fulfil()
      #expect(connector.state == .connected)
      #expect(throws: ConnectorError.notDisconnected) { try connector.connect() }
      #expect(throws: ConnectorError.notConnecting) { try connector.stopConnecting() }
      try connector.disconnect()
      #expect(connector.state == .connected)
    }
    try world.run(until: "C.stopFactory")
    #expect(connected.isFulfilled)
    try connector.disconnect()
    #expect(connector.state == .disconnected)
    #expect(connector.transport != nil)
    #expect(world.events(of: "C.").suffix(3) == ["C.lost done", "C.ccLost done", "C.stopFactory"])
  }

  @Test(arguments: TCPCase.all)
  func `connecting again inside clientConnectionFailed by stopConnecting keeps the new transport`(
    _ testCase: TCPCase
  ) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    var failures = 0
    client.onFailed = { (connector, _) in
      failures += 1
      if failures == 1 { try connector.connect() }
    }
    try world.listen(TestFactory("S", world))
    let connector = try world.connect(client)
    try connector.stopConnecting()
    #expect(connector.state == .connecting)
    #expect(connector.transport != nil)
    client.onMade = { _ in try connector.disconnect() }
    try world.run(until: "C.stopFactory")
    #expect(
      world.events(of: "C.") == [
        "C.startFactory", "C.started", "C.ccFailed user", "C.started", "C.build", "C.made", "C.lost done",
        "C.ccLost done", "C.stopFactory",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `an error from clientConnectionFailed is logged and the factory told once more`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let free = try world.listen(TestFactory("free", world))
    let number = try #require(free.getHost().port)
    free.stopListening()
    try world.turns(1)
    let client = TestFactory("C", world)
    client.onFailed = { _, _ in throw Planted("failed") }
    let connector = try world.reactor.connectTCP(
      host: testCase.host, port: .number(Int(number)), factory: client)
    try world.run { $0.events.filter { $0.hasPrefix("C.ccFailed") }.count == 2 }
    #expect(world.events(of: "C.").dropFirst(2) == ["C.ccFailed refused", "C.ccFailed connect"])
    #expect(world.errors == ["failed", "failed"])
    #expect(connector.state == .disconnected)
    #expect(client.numPorts == 1)
  }

  @Test(arguments: TCPCase.all)
  func `a local address that is in use or not local fails the attempt in the next turn`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let port = try world.listen(TestFactory("S", world))
    let number = Int(try #require(port.getHost().port))
    let elsewhere = testCase.family == .inet ? "192.0.2.1" : "2001:db8::1"
    let locals: [(String, (host: String, port: PortSpecifier))] = [
      ("Busy", (testCase.host, .number(number))), ("NotLocal", (elsewhere, 0)),
    ]
    var errors: [ConnectError?] = []
    for (name, local) in locals {
      let client = TestFactory(name, world)
      client.onFailed = { (_, reason) in errors.append(reason as? ConnectError) }
      try world.reactor.connectTCP(
        host: testCase.host, port: .number(number), factory: client, bindAddress: local)
    }
    try world.run(until: "NotLocal.stopFactory")
    #expect(
      world.lines(of: "Busy", "NotLocal").dropFirst(4) == [
        "Busy.ccFailed connect-bind@1t", "Busy.stopFactory@1t", "NotLocal.ccFailed connect-bind@1t",
        "NotLocal.stopFactory@1t",
      ])
    #expect(errors == [.bind(.addressInUse), .bind(.addressNotAvailable)])
  }

  @Test(arguments: TCPCase.all)
  func `a client is bound to the address that it was given`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let port = try world.listen(server)
    let free = try world.listen(TestFactory("free", world))
    let number = try #require(free.getHost().port)
    free.stopListening()
    try world.turns(1)
    let client = TestFactory("C", world)
    try world.reactor.connectTCP(
      host: testCase.host, port: .number(Int(try #require(port.getHost().port))), factory: client,
      bindAddress: (testCase.host, .number(Int(number))))
    try world.run(until: "C.made")
    #expect(try client.protocols.first?.transport?.getHost().port == number)
    #expect(server.peers.first?.port == number)
  }

  @Test(arguments: TCPCase.all)
  func `a number that is no port fails the attempt and an unknown service the call`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    for number in [-1, 65_536, 70_000] {
      let client = TestFactory("C\(number)", world)
      let connector = try world.reactor.connectTCP(
        host: testCase.host, port: .number(number), factory: client)
      #expect(throws: OverflowError(value: number)) { try connector.getDestination() }
    }
    try world.run(until: "C70000.stopFactory")
    // An IPv6 address with a negative port is refused earlier, where Twisted looks its scope up.
    let negative = testCase.family == .inet ? "overflow" : "address-lookup"
    #expect(
      world.lines.filter { $0.contains("ccFailed") } == [
        "C-1.ccFailed \(negative)@1t", "C65536.ccFailed overflow@1t", "C70000.ccFailed overflow@1t",
      ])
    let client = TestFactory("N", world)
    #expect(throws: ConnectError.unknownService) {
      try world.reactor.connectTCP(host: testCase.host, port: "no-such-service", factory: client)
    }
    #expect(throws: OverflowError(value: -1)) {
      try world.reactor.connectTCP(
        host: testCase.host, port: 9, factory: client, bindAddress: (host: testCase.host, port: -1))
    }
    #expect(throws: DelayError.negative) {
      try world.reactor.connectTCP(host: testCase.host, port: 9, factory: client, timeout: .seconds(-1))
    }
    #expect(!world.events.contains { $0.hasPrefix("N.cc") })
  }

  @Test func `the name of a service is its port`() throws {
    let world = try TCPWorld(TCPCase(backEnd: .epoll, host: "127.0.0.1"))
    defer { world.close() }
    guard SystemNames.port(ofService: "http") != nil else {
      // A machine without /etc/services.
      #expect(throws: ConnectError.unknownService) { try PortSpecifier.service("http").number }
      return
    }
    let connector = try world.reactor.connectTCP(host: "127.0.0.1", port: "http", factory: TestFactory("C", world))
    #expect(connector.port == 80)
    try connector.stopConnecting()
  }

  @Test(arguments: TCPCase.all)
  func `an attempt that nobody answers is ended by disconnect inside the call`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let port = try world.reactor.listenTCP(port: 0, factory: server, backlog: 1, interface: testCase.host)
    world.port = port
    // Nobody accepts: the kernel completes two connections, and lets the others wait.
    world.reactor.removeReader(port)
    for index in 0..<2 {
      try world.connect(TestFactory("full\(index)", world))
      try world.run(until: "full\(index).made")
    }
    let client = TestFactory("C", world)
    let connector = try world.connect(client)
    try world.turns(3)
    let transport = try #require(connector.transport)
    #expect(connector.state == .connecting)
    #expect(world.reactor.isReading(transport) && world.reactor.isWriting(transport))
    world.note("disconnect(")
    try connector.disconnect()
    world.note(")")
    #expect(world.events.suffix(4) == ["disconnect(", "C.ccFailed user", "C.stopFactory", ")"])
    #expect(transport.descriptor == -1)
    #expect(!world.reactor.isReading(transport) && !world.reactor.isWriting(transport))
  }

  @Test(arguments: TCPCase.all)
  func `an attempt that is aborted from its connector is cut short`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onStarted = { try $0.transport?.abortConnection() }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(world.lines(of: "C.cc") == ["C.ccFailed connect@1t"])
  }
}

/// Something that a test waits to have been reached.
final class Expectation {
  private(set) var isFulfilled = false
  func fulfil() { isFulfilled = true }
}
