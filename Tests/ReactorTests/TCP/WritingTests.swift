import Testing

@testable import Reactor

/// Writing and reading.
///
/// Mirrors `twisted.internet.abstract.FileDescriptor`.
@Suite struct WritingTests {
  @Test(arguments: TCPCase.all)
  func `empty writes ask for nothing and a sequence of empty runs asks for a flush`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      let transport = try #require(application.transport)
      func isWriting() -> Bool { world.reactor.getWriters().contains { $0 === transport } }
      try transport.write([])
      #expect(!isWriting())
      try transport.writeSequence([])
      #expect(!isWriting())
      try transport.writeSequence([[], []])
      #expect(isWriting())
    }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run(until: "C.made")
  }

  @Test(arguments: TCPCase.all)
  func `a read takes at most 65,536 bytes and there is one a turn`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onMade = { try $0.transport?.pauseProducing() }
    var reads: [(turn: Int, count: Int)] = []
    server.onData = { (_, data) in reads.append((world.reactor.turn, data.count)) }
    let client = TestFactory("C", world)
    let data = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    client.onMade = { try $0.transport?.write(data) }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "C.made")
    try world.turns(10)
    try server.protocols.first?.transport?.resumeProducing()
    try world.run { _ in server.protocols.first?.received.count == 300_000 }
    #expect(reads.first?.count == 65_536)
    #expect(reads.allSatisfy { $0.count <= 65_536 })
    #expect(Set(reads.map(\.turn)).count == reads.count)
    #expect(server.protocols.first?.received == data)
  }

  @Test(arguments: TCPCase.all)
  func `a large output leaves in order, at most 131,072 bytes a send and one send a turn`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let client = TestFactory("C", world)
    let data = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    var unsent: [Int] = []
    client.onMade = { (application) in
      let transport = try #require(application.transport as? TCPConnection)
      try transport.write(data)
      func sample() throws {
        unsent.append(transport.output.counts.unsent)
        if !transport.output.isEmpty { try world.reactor.callLater(.zero, sample) }
      }
      try sample()
    }
    try world.listen(server)
    try world.connect(client)
    try world.run { _ in server.protocols.first?.received.count == data.count }
    #expect(server.protocols.first?.received == data)
    #expect(zip(unsent, unsent.dropFirst()).allSatisfy { $0 - $1 <= 131_072 })
    #expect(unsent.count >= 9)
  }

  @Test(arguments: TCPCase.all)
  func `an abort in the next turn's timers keeps what dataReceived wrote from leaving`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onData = { (application, _) in
      try application.transport?.write("never")
      try world.reactor.callLater(.zero) { try application.transport?.abortConnection() }
    }
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.write("x") }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(world.events(of: "C.").suffix(3) == ["C.lost lost", "C.ccLost lost", "C.stopFactory"])
    #expect(client.protocols.first?.received.isEmpty == true)
  }

  @Test(arguments: TCPCase.all)
  func `a transport has its protocol's name and knows its addresses and options`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("P", world)
    let client = TestFactory("Q", world)
    client.onMade = { (application) in
      let transport = try #require(application.transport)
      #expect(transport.logPrefix == "Q,client")
      #expect(try transport.getTcpNoDelay() == false)
      #expect(try transport.getTcpKeepAlive() == false)
      try transport.setTcpNoDelay(true)
      try transport.setTcpKeepAlive(true)
      #expect(try transport.getTcpNoDelay() == true)
      #expect(try transport.getTcpKeepAlive() == true)
    }
    let port = try world.listen(server)
    try world.connect(client)
    try world.run(until: "Q.made")
    let accepted = try #require(server.protocols.first?.transport)
    let dialled = try #require(client.protocols.first?.transport)
    #expect(accepted.logPrefix == "P,0,\(testCase.host)")
    #expect(try accepted.getHost() == port.getHost())
    #expect(try dialled.getPeer() == port.getHost())
    #expect(try dialled.getHost() == accepted.getPeer())
    #expect(try server.peers == [accepted.getPeer()])
    #expect(try client.peers == [port.getHost()])
  }

  @Test(arguments: TCPCase.all)
  func `startTLS asks for the context and then refuses`(_ testCase: TCPCase) throws {
    final class Contexts: TLSContextFactory {
      var asked = 0
      var error: (any Error)?
      func getContext() throws -> AnyObject {
        asked += 1
        if let error { throw error }
        return self
      }
    }
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let contexts = Contexts()
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      let transport = try #require(application.transport as? TCPConnection)
      #expect(throws: TLSError.unavailable) { try transport.startTLS(contexts, normal: true) }
      contexts.error = Planted("context")
      #expect(throws: Planted("context")) { try transport.startTLS(contexts, normal: false) }
      #expect(contexts.asked == 2)
      #expect(transport.output.counts.unsent == 0)
    }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run(until: "C.made")
    #expect(contexts.asked == 2)
  }

  @Test(arguments: TCPCase.all)
  func `a protocol is let go when its connection is lost`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.loseConnection() }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "S.lost")
    weak let accepted = server.protocols.first
    weak let dialled = client.protocols.first
    weak let transport = client.protocols.first?.transport as? TCPConnection
    server.protocols = []
    client.protocols = []
    #expect(accepted == nil)
    #expect(dialled == nil)
    #expect(transport == nil)
  }
}
