import Testing

@testable import Reactor

/// Aborting a connection.
///
/// Mirrors `twisted.internet.tcp._AbortingMixin`.
@Suite struct AbortTests {
  @Test(arguments: TCPCase.all)
  func `an error after an abort is the reason and the abort is forgotten`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onData = { (application, _) in
      try application.transport?.abortConnection()
      throw Planted("v")
    }
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.write("x") }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(
      world.events.dropFirst(7) == ["S.data(x)", "S.lost v", "C.lost done", "C.ccLost done", "C.stopFactory"])
    #expect(world.errors == ["v"])
  }

  @Test(arguments: TCPCase.all)
  func `what is written after an abort is buffered and dropped`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      let transport = try #require(application.transport as? TCPConnection)
      try transport.abortConnection()
      try transport.write("abc")
      #expect(transport.output.counts.unsent == 3)
      #expect(world.reactor.getWriters().contains { $0 === transport })
      try transport.abortConnection()
    }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run(until: "S.lost")
    #expect(world.events.dropFirst(7) == ["C.lost aborted", "C.ccLost aborted", "C.stopFactory", "S.lost lost"])
  }

  @Test(arguments: TCPCase.all)
  func `data that arrived before an abort is still delivered`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onMade = { try $0.transport?.pauseProducing() }
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      try application.transport?.write("hello")
      try world.reactor.callLater(.zero) {
        try world.reactor.callLater(.zero) { try application.transport?.abortConnection() }
      }
    }
    client.onStop = { try server.protocols.first?.transport?.resumeProducing() }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "S.lost")
    #expect(
      world.events.dropFirst(7) == [
        "C.lost aborted", "C.ccLost aborted", "C.stopFactory", "S.data(hello)", "S.lost lost",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `an abort ends a close that a peer holds up by not reading`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onMade = { try $0.transport?.pauseProducing() }
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      try application.transport?.write([UInt8](repeating: 7, count: 20_000_000))
      try application.transport?.loseConnection()
    }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "C.made")
    // Until the kernel takes no more.
    let transport = try #require(client.protocols.first?.transport as? TCPConnection)
    var before = -1
    while before != transport.output.counts.unsent {
      before = transport.output.counts.unsent
      try world.turns(5)
    }
    #expect(before > 0)
    #expect(transport.connected && transport.disconnecting)
    try transport.abortConnection()
    try world.run(until: "C.stopFactory")
    #expect(world.events(of: "C.").suffix(3) == ["C.lost aborted", "C.ccLost aborted", "C.stopFactory"])
  }
}
