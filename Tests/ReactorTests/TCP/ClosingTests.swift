import Testing

@testable import Reactor

/// Closing, and what a lost connection still answers.
///
/// Mirrors `twisted.internet.tcp.Connection`.
@Suite struct ClosingTests {
  @Test(arguments: TCPCase.all)
  func `what is written after loseConnection is still sent`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      let transport = try #require(application.transport)
      try transport.write("before")
      try transport.loseConnection()
      try transport.write(" after")
      #expect(transport.connected && transport.disconnecting && !transport.disconnected)
      try transport.loseConnection()
    }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "S.lost")
    #expect(world.events(of: "S.") == ["S.startFactory", "S.build", "S.made", "S.data(before after)", "S.lost done"])
  }

  @Test(arguments: TCPCase.all)
  func `a lost transport refuses or ignores what is asked of it`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    var connector: Connector?
    client.onMade = { try $0.transport?.loseConnection() }
    client.onLost = { (application, _) in
      let transport = try #require(application.transport)
      #expect(!transport.connected && transport.disconnected && transport.disconnecting)
      #expect(throws: DescriptorError.closed) { try transport.getHost() }
      #expect(throws: DescriptorError.closed) { try transport.getTcpNoDelay() }
      #expect(throws: DescriptorError.closed) { try transport.setTcpKeepAlive(true) }
      #expect(throws: DescriptorError.negative) { try transport.loseWriteConnection() }
      let peer = try transport.getPeer()
      #expect(try peer == world.port?.getHost())
      try transport.write("nothing")
      try transport.writeSequence([[1]])
      try transport.loseConnection()
      try transport.abortConnection()
      try transport.pauseProducing()
      try transport.resumeProducing()
      try transport.unregisterProducer()
      #expect(world.reactor.getReaders().allSatisfy { $0 !== transport } && world.reactor.getWriters().isEmpty)
      #expect(connector?.state == .connected)
    }
    client.onClientLost = { (connector, _) in #expect(connector.state == .disconnected) }
    try world.listen(TestFactory("S", world))
    connector = try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(connector?.transport === client.protocols.first?.transport)
  }

  @Test(arguments: TCPCase.all)
  func `an error from connectionLost keeps the loss from the connector`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onLost = { _, _ in throw Planted("server") }
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.loseConnection() }
    client.onLost = { _, _ in throw Planted("client") }
    try world.listen(server)
    let connector = try world.connect(client)
    try world.run(until: "S.lost")
    #expect(world.events.suffix(2) == ["C.lost done", "S.lost done"])
    #expect(world.errors == ["client", "server"])
    #expect(connector.state == .connected)
    #expect(client.numPorts == 1)
  }

  @Test(arguments: TCPCase.all)
  func `an error from clientConnectionLost keeps the factory from being stopped`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.loseConnection() }
    client.onClientLost = { _, _ in throw Planted("lost") }
    try world.listen(TestFactory("S", world))
    let connector = try world.connect(client)
    try world.run(until: "C.ccLost")
    #expect(world.errors == ["lost"])
    #expect(connector.state == .disconnected)
    #expect(client.numPorts == 1)
  }

  @Test(arguments: TCPCase.all)
  func `an end that meets unread input is an orderly end all the same`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onMade = { (application) in
      try application.transport?.pauseProducing()
      try world.reactor.callLater(.zero) {
        try world.reactor.callLater(.zero) {
          try world.reactor.callLater(.zero) { try application.transport?.loseConnection() }
        }
      }
    }
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.write("unread") }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(world.events(of: "S.lost", "C.lost", "C.cc", "S.data") == ["S.lost done", "C.lost done", "C.ccLost done"])
  }

  @Test(arguments: TCPCase.all)
  func `a closing side reads no more but sends what is written later`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onData = { (application, _) in
      try application.transport?.loseConnection()
      try application.transport?.write("late")
    }
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      try application.transport?.write("1")
      try world.reactor.callLater(.zero) {
        try world.reactor.callLater(.zero) { try application.transport?.write("2") }
      }
    }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(
      world.events.dropFirst(7) == [
        "S.data(1)", "S.lost done", "C.data(late)", "C.lost done", "C.ccLost done", "C.stopFactory",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `a closing connection does not resume reading`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      let transport = try #require(application.transport)
      try transport.loseConnection()
      try transport.resumeProducing()
      #expect(!world.reactor.getReaders().contains { $0 === transport })
    }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(world.events(of: "C.").suffix(3) == ["C.lost done", "C.ccLost done", "C.stopFactory"])
  }

  @Test(arguments: TCPCase.all)
  func `two ends that close at once are both done`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      try application.transport?.loseConnection()
      try server.protocols.first?.transport?.loseConnection()
    }
    try world.listen(server)
    try world.connect(client)
    try world.run { Set(["C.stopFactory", "S.lost done"]).isSubset(of: $0.events) }
    #expect(world.lines(of: "S.lost") == ["S.lost done@2p"])
    #expect(world.lines(of: "C.lost", "C.ccLost") == ["C.lost done@2p", "C.ccLost done@2p"])
  }

  @Test(arguments: TCPCase.all)
  func `a shutdown drops the output and tells both ends`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onMade = { try $0.transport?.write([UInt8](repeating: 7, count: 20_000_000)) }
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      try application.transport?.pauseProducing()
      try world.reactor.stop()
    }
    try world.listen(server)
    try world.connect(client)
    try world.reactor.run(installSignalHandlers: false)
    // The client is paused: nobody tells it, and its socket is closed.
    #expect(Set(world.events.dropFirst(7)) == ["S.lost lost", "S.stopFactory"])
    #expect((client.protocols.first?.transport as? TCPConnection)?.descriptor == -1)
    #expect(client.protocols.first?.transport?.connected == false)
  }

  @Test(arguments: TCPCase.all)
  func `what a file descriptor of Twisted's can do, a connection can`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let producer = TestProducer("push", world)
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      let transport = try #require(application.transport as? TCPConnection)
      func isReading() -> Bool { world.reactor.getReaders().contains { $0 === transport } }
      func isWriting() -> Bool { world.reactor.getWriters().contains { $0 === transport } }
      #expect(transport.fileno() == transport.descriptor && transport.fileno() >= 0)
      transport.stopReading()
      #expect(!isReading())
      try world.reactor.addReader(transport)
      #expect(isReading())
      world.reactor.removeReader(transport)
      #expect(!isReading())
      try transport.startReading()
      #expect(isReading())
      try world.reactor.addWriter(transport)
      #expect(isWriting())
      world.reactor.removeWriter(transport)
      #expect(!isWriting())
      try transport.startWriting()
      #expect(isWriting())
      transport.stopWriting()
      #expect(!isWriting())
      transport.bufferSize = 500
      try transport.registerProducer(producer, streaming: true)
      try transport.write([UInt8](repeating: 0, count: 500))
      world.note("500 written")
      try transport.write([1])
      try transport.stopConsuming()
    }
    let server = TestFactory("S", world)
    server.onMade = { ($0.transport as? TCPConnection)?.bufferSize = 100 }
    var reads: [Int] = []
    server.onData = { (_, data) in reads.append(data.count) }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "S.lost")
    #expect(
      world.events(of: "C.", "push", "500").dropFirst(3) == [
        "C.made", "500 written", "push.pause", "C.lost done", "C.ccLost done", "C.stopFactory",
      ])
    #expect(reads == [100, 100, 100, 100, 100, 1])
    let transport = try #require(client.protocols.first?.transport as? TCPConnection)
    #expect(transport.fileno() == -1)
    #expect(throws: DescriptorError.negative) { try transport.startReading() }
    #expect(throws: DescriptorError.negative) { try transport.startWriting() }
    #expect(throws: DescriptorError.negative) { try world.reactor.addReader(transport) }
    try transport.connectionLost(Planted("again"))
    #expect(world.events.filter { $0.hasPrefix("C.lost") }.count == 1)
  }
}
