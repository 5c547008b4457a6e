import Testing

@testable import Reactor

/// Closing one direction of a connection.
///
/// Mirrors `twisted.internet.tcp.Connection`.
@Suite struct HalfCloseTests {
  @Test(arguments: TCPCase.all)
  func `a close after a finished half-close happens inside the call`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world, halfCloseable: true)
    let client = TestFactory("C", world, halfCloseable: true)
    client.onMade = { (application) in
      try application.transport?.write("d")
      try application.transport?.loseWriteConnection()
    }
    server.onReadLost = { _ in
      let transport = try #require(client.protocols.first?.transport)
      try transport.write("ignored")
      world.note("lose(")
      try transport.loseConnection()
      world.note(")lose")
    }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: ")lose")
    #expect(
      world.events == [
        "S.startFactory", "C.startFactory", "C.started", "S.build", "S.made", "C.build", "C.made", "C.writeLost",
        "S.data(d)", "S.readLost", "lose(", "C.lost done", "C.ccLost done", "C.stopFactory", ")lose",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `inside writeConnectionLost a close is immediate and a write is ignored`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world, halfCloseable: true)
    let client = TestFactory("C", world, halfCloseable: true)
    client.onMade = { (application) in
      try application.transport?.write("1")
      try application.transport?.loseWriteConnection()
      try application.transport?.write("2")
    }
    client.onWriteLost = { (application) in
      try application.transport?.write("3")
      try application.transport?.loseConnection()
      world.note("closed")
    }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "S.readLost")
    #expect(
      world.events.dropFirst(7) == [
        "C.writeLost", "C.lost done", "C.ccLost done", "C.stopFactory", "closed", "S.data(12)", "S.readLost",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `a peer's half-close drops what is not sent unless the protocol handles it`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onMade = { try $0.transport?.write([UInt8](repeating: 0, count: 20_000_000)) }
    let client = TestFactory("C", world, halfCloseable: true)
    client.onMade = { (application) in
      try application.transport?.pauseProducing()
      try application.transport?.loseWriteConnection()
    }
    var left = 0
    server.onLost = { (application, _) in
      left = try #require(application.transport as? TCPConnection).output.counts.unsent
    }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "S.lost")
    #expect(world.events(of: "S.") == ["S.startFactory", "S.build", "S.made", "S.lost done"])
    #expect(left == 0, "the output is dropped before the protocol is told")
  }

  @Test(arguments: TCPCase.all)
  func `an end of input is told again each time reading is resumed`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world, halfCloseable: true)
    var times = 0
    server.onReadLost = { (application) in
      times += 1
      #expect(application.transport?.connected == true)
      #expect(!world.reactor.getReaders().contains { $0 === application.transport })
      if times < 3 { try application.transport?.resumeProducing() }
    }
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.loseWriteConnection() }
    try world.listen(server)
    try world.connect(client)
    try world.run { $0.events.filter { $0 == "S.readLost" }.count == 3 }
    try world.turns(3)
    #expect(times == 3)
    #expect(world.events(of: "S.").dropFirst(3) == ["S.readLost", "S.readLost", "S.readLost"])
  }

  @Test(arguments: TCPCase.all)
  func `two half-closes leave a connection that nobody polls`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world, halfCloseable: true)
    let client = TestFactory("C", world, halfCloseable: true)
    for factory in [server, client] { factory.onMade = { try $0.transport?.loseWriteConnection() } }
    try world.listen(server)
    try world.connect(client)
    try world.run { Set(["S.readLost", "S.writeLost", "C.readLost", "C.writeLost"]).isSubset(of: $0.events) }
    try world.turns(5)
    for factory in [server, client] {
      let transport = try #require(factory.protocols.first?.transport)
      #expect(transport.connected)
      #expect(!world.reactor.getReaders().contains { $0 === transport })
    }
    #expect(world.reactor.getWriters().isEmpty)
    #expect(!world.events.contains { $0.contains(".lost") })
  }

  @Test(arguments: TCPCase.all)
  func `a full close wins over a half-close that waits`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world, halfCloseable: true)
    client.onMade = { (application) in
      try application.transport?.write("1")
      try application.transport?.loseWriteConnection()
      try application.transport?.loseConnection()
    }
    try world.listen(TestFactory("S", world, halfCloseable: true))
    try world.connect(client)
    try world.run(until: "S.readLost")
    #expect(
      world.events.dropFirst(7) == ["C.lost done", "C.ccLost done", "C.stopFactory", "S.data(1)", "S.readLost"])
  }

  @Test(arguments: TCPCase.all, ["read", "write"])
  func `an error from a half-close's callback loses the connection with it`(
    _ testCase: TCPCase, _ direction: String
  ) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world, halfCloseable: true)
    let client = TestFactory("C", world)
    if direction == "read" {
      server.onReadLost = { _ in throw Planted("zero") }
      client.onMade = { try $0.transport?.loseWriteConnection() }
    } else {
      server.onWriteLost = { _ in throw Planted("zero") }
      server.onMade = { try $0.transport?.loseWriteConnection() }
    }
    try world.listen(server)
    try world.connect(client)
    try world.run { $0.events.contains("C.stopFactory") && $0.events.contains("S.lost zero") }
    #expect(world.events(of: "S.").dropFirst(3) == ["S.\(direction)Lost", "S.lost zero"])
    #expect(world.events(of: "C.").suffix(3) == ["C.lost done", "C.ccLost done", "C.stopFactory"])
    #expect(world.errors == ["zero"])
  }
}
