import Addresses
import Testing

@testable import Reactor

/// Client and server endpoints.
///
/// Mirrors `twisted.internet.endpoints`.
@Suite struct EndpointTests {
  func server(_ world: TCPWorld) -> any StreamServerEndpoint {
    world.testCase.family == .inet
      ? TCP4ServerEndpoint(world.reactor, port: 0, interface: world.testCase.host)
      : TCP6ServerEndpoint(world.reactor, port: 0, interface: world.testCase.host)
  }

  func client(_ world: TCPWorld, _ number: UInt16) -> any StreamClientEndpoint {
    world.testCase.family == .inet
      ? TCP4ClientEndpoint(world.reactor, host: world.testCase.host, port: .number(Int(number)))
      : TCP6ClientEndpoint(world.reactor, host: world.testCase.host, port: .number(Int(number)))
  }

  func listen(_ world: TCPWorld, _ factory: TestFactory) throws -> UInt16 {
    let listening = try #require(server(world).listen(factory).result)
    let port = try listening.get()
    world.port = port
    return try #require(port.getHost().port)
  }

  @Test(arguments: TCPCase.all)
  func `connecting gives the factory's own protocol once it is connected`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let accepting = TestFactory("S", world)
    accepting.onData = { (application, data) in try application.transport?.write(data) }
    let number = try listen(world, accepting)
    let factory = TestFactory("C", world)
    let connected = client(world, number).connect(factory)
    connected.addCallback { (application) in
      let application = try #require(application as? TestProtocol)
      #expect(application === factory.protocols.first)
      world.note("connected")
      try application.transport?.write("through")
    }
    try world.run(until: "C.data")
    // The endpoint's own factory is the connector's: the user's is only started.
    #expect(
      world.lines(of: "C.", "connected") == [
        "C.startFactory@0", "C.build@1p", "C.made@1p", "connected@1p", "C.data(through)@5p",
      ])
    #expect(factory.protocols.first?.transport?.logPrefix == "C,client")
    try factory.protocols.first?.transport?.loseConnection()
    try world.run(until: "C.stopFactory")
    #expect(world.events(of: "C.").suffix(2) == ["C.lost done", "C.stopFactory"])
  }

  @Test(arguments: TCPCase.all)
  func `half-closes go through to a protocol that handles them`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let accepting = TestFactory("S", world, halfCloseable: true)
    accepting.onReadLost = { try $0.transport?.loseWriteConnection() }
    let number = try listen(world, accepting)
    let factory = TestFactory("C", world, halfCloseable: true)
    factory.onMade = { try $0.transport?.loseWriteConnection() }
    let connected = client(world, number).connect(factory)
    try world.run(until: "C.readLost")
    #expect(connected.called)
    #expect(world.events(of: "C.").dropFirst(3) == ["C.writeLost", "C.readLost"])
  }

  @Test(arguments: TCPCase.all)
  func `a refusal fails the Deferred and stops the factory`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let number = try listen(world, TestFactory("S", world))
    world.port?.stopListening()
    try world.turns(1)
    client(world, number).connect(TestFactory("C", world)).addErrback { world.note("failed \(text($0))") }
    try world.run(until: "C.stopFactory")
    #expect(world.events(of: "C.", "failed") == ["C.startFactory", "failed refused", "C.stopFactory"])
  }

  @Test(arguments: TCPCase.all, ["none", "error"])
  func `a factory without a protocol fails the Deferred and loses the connection`(
    _ testCase: TCPCase, _ how: String
  ) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let number = try listen(world, TestFactory("S", world))
    let factory = TestFactory("C", world)
    factory.onBuild = { _ in
      if how == "error" { throw Planted("build") }
      return nil
    }
    client(world, number).connect(factory).addErrback { world.note("failed \(text($0))") }
    try world.run(until: "C.stopFactory")
    #expect(
      world.events(of: "C.", "failed") == [
        "C.startFactory", "C.build", how == "error" ? "failed build" : "failed no-protocol", "C.stopFactory",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `cancelling stops the attempt`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let number = try listen(world, TestFactory("S", world))
    let connected = client(world, number).connect(TestFactory("C", world))
    var failure: (any Error)?
    connected.addErrback { (error) in
      failure = error
      world.note("failed")
    }
    connected.cancel()
    #expect(world.events(of: "C.", "failed") == ["C.startFactory", "failed", "C.stopFactory"])
    let destination = try #require(world.port).getHost()
    #expect(failure as? EndpointError == .cancelled(destination))
    try world.turns(3)
    #expect(!world.events.contains("C.build"))
  }

  @Test func `what listening throws is the failure of the Deferred`() throws {
    let world = try TCPWorld(TCPCase(backEnd: .epoll, host: "127.0.0.1"))
    defer { world.close() }
    var failure: (any Error)?
    TCP4ServerEndpoint(world.reactor, port: 70_000).listen(TestFactory("S", world)).addErrback { failure = $0 }
    #expect(failure as? OverflowError == OverflowError(value: 70_000))
    failure = nil
    TCP4ClientEndpoint(world.reactor, host: "127.0.0.1", port: "no-such-service").connect(TestFactory("C", world))
      .addErrback { failure = $0 }
    #expect(failure as? ConnectError == .unknownService)
  }

  @Test(arguments: BackEnd.allCases)
  func `an IPv6 client resolves a name in the pool of threads`(_ backEnd: BackEnd) throws {
    let world = try TCPWorld(TCPCase(backEnd: backEnd, host: "::1"))
    defer { world.close() }
    let number = try listen(world, TestFactory("S", world))
    TCP6ClientEndpoint(world.reactor, host: "no-such-host.invalid", port: .number(Int(number)))
      .connect(TestFactory("D", world)).addErrback { world.note("failed \(text($0))") }
    try world.run(until: "failed")
    #expect(world.events.last == "failed dns")
    #expect(!world.events.contains { $0.hasPrefix("D.") })
    guard !SystemNames.addresses(of: "localhost", port: 0, .ipv6, for: .tcp).isEmpty else { return }
    TCP6ClientEndpoint(world.reactor, host: "localhost", port: .number(Int(number)))
      .connect(TestFactory("C", world)).addCallback { _ in world.note("connected") }
    try world.run(until: "connected")
    #expect(world.events(of: "C.") == ["C.startFactory", "C.build", "C.made"])
  }
}
