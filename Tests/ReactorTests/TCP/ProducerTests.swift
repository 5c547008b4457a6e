import Testing

@testable import Reactor

/// Producers on a connection.
///
/// Mirrors `twisted.internet.abstract.FileDescriptor` and its consumer mixin.
@Suite struct ProducerTests {
  @Test(arguments: TCPCase.all)
  func `a second producer is refused, and an abort stops the first before the protocol is told`(
    _ testCase: TCPCase
  ) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let producer = TestProducer("push", world)
    let late = TestProducer("late", world)
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      try application.transport?.registerProducer(producer, streaming: true)
      #expect(throws: ProducerError.alreadyRegistered) {
        try application.transport?.registerProducer(TestProducer("X", world), streaming: true)
      }
      try application.transport?.abortConnection()
    }
    client.onLost = { (application, _) in
      world.note("late:")
      try application.transport?.registerProducer(late, streaming: false)
    }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(
      world.events.filter { !$0.hasPrefix("S.") } == [
        "C.startFactory", "C.started", "C.build", "C.made", "push.stop", "C.lost aborted", "late:", "late.stop",
        "C.ccLost aborted", "C.stopFactory",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `a push producer is paused above the limit on each write and resumed when all is sent`(
    _ testCase: TCPCase
  ) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let first = TestProducer("push", world)
    let second = TestProducer("push2", world)
    let server = TestFactory("S", world)
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      let transport = try #require(application.transport)
      try transport.registerProducer(first, streaming: true)
      try transport.write([UInt8](repeating: 0, count: 65_536))
      world.note("65536 written")
      try transport.write([1])
      world.note("+1")
      try transport.write([2])
      world.note("+1")
      first.onResume = {
        try transport.unregisterProducer()
        try transport.registerProducer(second, streaming: true)
        try transport.write([3])
      }
    }
    try world.listen(server)
    try world.connect(client)
    try world.run { _ in server.protocols.first?.received.count == 65_539 }
    // The second producer was never paused, so it is not resumed.
    #expect(
      world.events(of: "push", "6", "+") == ["65536 written", "push.pause", "+1", "push.pause", "+1", "push.resume"])
  }

  @Test(arguments: TCPCase.all)
  func `an idle push producer does not hold up a close`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let producer = TestProducer("push", world)
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      try application.transport?.registerProducer(producer, streaming: true)
      try application.transport?.loseConnection()
    }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run(until: "C.lost")
    #expect(world.events(of: "C.", "push").dropFirst(3).prefix(3) == ["C.made", "push.stop", "C.lost done"])
  }

  @Test(arguments: TCPCase.all, [true, false])
  func `a paused push producer and a pull producer hold up a close until they unregister`(
    _ testCase: TCPCase, _ streaming: Bool
  ) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let producer = TestProducer("p", world)
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      let transport = try #require(application.transport)
      try transport.registerProducer(producer, streaming: streaming)
      if streaming { try transport.write([UInt8](repeating: 0, count: 70_000)) }
      try transport.loseConnection()
    }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run { $0.events.filter { $0 == "p.resume" }.count == (streaming ? 1 : 2) }
    try world.turns(5)
    let transport = try #require(client.protocols.first?.transport)
    #expect(transport.connected && transport.disconnecting)
    try transport.unregisterProducer()
    try world.run(until: "C.stopFactory")
    #expect(
      world.events(of: "C.", "p.").dropFirst(3)
        == (streaming
          ? ["C.made", "p.pause", "p.resume", "C.lost done", "C.ccLost done", "C.stopFactory"]
          : ["C.made", "p.resume", "p.resume", "C.lost done", "C.ccLost done", "C.stopFactory"]))
  }

  @Test(arguments: TCPCase.all)
  func `a pull producer is asked inside its registration and once for each emptied output`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let producer = TestProducer("pull", world)
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      let transport = try #require(application.transport)
      var chunk = 0
      producer.onResume = {
        chunk += 1
        if chunk <= 3 {
          try transport.write("\(chunk)")
        } else {
          try transport.unregisterProducer()
          try transport.loseConnection()
        }
      }
      world.note("reg(")
      try transport.registerProducer(producer, streaming: false)
      world.note(")reg")
    }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "S.lost")
    #expect(
      world.lines(of: "reg", ")", "pull", "C.lost") == [
        "reg(@1p", "pull.resume@1p", ")reg@1p", "pull.resume@2p", "pull.resume@3p", "pull.resume@4p", "C.lost done@5p",
      ])
    #expect(server.protocols.first?.received == Array("123".utf8))
  }

  @Test(arguments: TCPCase.all)
  func `a half-close waits for a pull producer and unregistering does not revive it`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let producer = TestProducer("pull", world)
    let client = TestFactory("C", world, halfCloseable: true)
    client.onMade = { (application) in
      try application.transport?.registerProducer(producer, streaming: false)
      try application.transport?.loseWriteConnection()
    }
    try world.listen(TestFactory("S", world, halfCloseable: true))
    try world.connect(client)
    try world.run { $0.events.filter { $0 == "pull.resume" }.count == 2 }
    let transport = try #require(client.protocols.first?.transport)
    try transport.unregisterProducer()
    try world.turns(3)
    #expect(world.reactor.getWriters().isEmpty)
    #expect(!world.events.contains("C.writeLost"))
    try transport.loseWriteConnection()
    try world.run(until: "S.readLost")
    #expect(world.events.suffix(4) == ["pull.resume", "pull.resume", "C.writeLost", "S.readLost"])
  }

  @Test(arguments: TCPCase.all)
  func `an error from stopProducing ends the loss there`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let producer = TestProducer("push", world)
    producer.onStop = { throw Planted("stop") }
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      try application.transport?.registerProducer(producer, streaming: true)
      try application.transport?.loseConnection()
    }
    try world.listen(TestFactory("S", world))
    let connector = try world.connect(client)
    try world.run(until: "push.stop")
    try world.turns(3)
    #expect(world.errors == ["stop"])
    #expect(connector.state == .connected)
    #expect(connector.transport?.disconnected == true)
    #expect(!world.events.contains { $0.hasPrefix("C.lost") || $0.hasPrefix("C.cc") || $0.hasPrefix("S.lost") })
    let descriptor = try #require(connector.transport?.descriptor)
    #expect(descriptor >= 0)
    world.close()
    #expect(connector.transport?.descriptor == -1, "a stopped reactor leaves no socket open")
  }
}
