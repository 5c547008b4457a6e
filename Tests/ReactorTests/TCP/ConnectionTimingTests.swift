import Testing

@testable import Reactor

/// In which turn and step each callback of a connection comes.
///
/// Mirrors `twisted.internet.tcp`.
@Suite struct ConnectionTimingTests {
  @Test(arguments: TCPCase.all)
  func `an error thrown from dataReceived loses that connection with that error`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onData = { _, _ in throw Planted("zero") }
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.write("hi") }
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(
      world.lines == [
        "S.startFactory@0", "C.startFactory@0", "C.started@0", "S.build@1p", "S.made@1p", "C.build@1p", "C.made@1p",
        "S.data(hi)@3p", "S.lost zero@3p", "C.lost done@4p", "C.ccLost done@4p", "C.stopFactory@4p",
      ])
    #expect(world.errors == ["zero"])
  }

  @Test(arguments: TCPCase.all)
  func `a peer that closes is seen a turn after its own loss`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onMade = { try $0.transport?.loseConnection() }
    let client = TestFactory("C", world)
    try world.listen(server)
    try world.connect(client)
    try world.run(until: "C.stopFactory")
    #expect(
      world.lines == [
        "S.startFactory@0", "C.startFactory@0", "C.started@0", "S.build@1p", "S.made@1p", "C.build@1p", "C.made@1p",
        "S.lost done@2p", "C.lost done@3p", "C.ccLost done@3p", "C.stopFactory@3p",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `an abort is told in the next turn's timers and the peer sees a lost connection`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      world.note("abort(")
      try application.transport?.abortConnection()
      world.note("connected=\(application.transport?.connected == true)")
      world.note(")abort")
    }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run(until: "S.lost")
    #expect(
      world.lines == [
        "S.startFactory@0", "C.startFactory@0", "C.started@0", "S.build@1p", "S.made@1p", "C.build@1p", "C.made@1p",
        "abort(@1p", "connected=true@1p", ")abort@1p", "C.lost aborted@2t", "C.ccLost aborted@2t", "C.stopFactory@2t",
        "S.lost lost@2p",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `a client that closes when it is connected is lost in the next poll`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.loseConnection() }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run(until: "S.lost")
    #expect(
      world.lines == [
        "S.startFactory@0", "C.startFactory@0", "C.started@0", "S.build@1p", "S.made@1p", "C.build@1p", "C.made@1p",
        "C.lost done@2p", "C.ccLost done@2p", "C.stopFactory@2p", "S.lost done@3p",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `what is written on connection arrives two polls later in both directions`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onMade = { try $0.transport?.write("welcome") }
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.write("hello") }
    client.onData = { (application, _) in try application.transport?.loseConnection() }
    try world.listen(server)
    try world.reactor.callLater(.zero) {
      world.note("call(")
      let connector = try world.connect(client)
      world.note(")call \(connector.state.rawValue)")
    }
    try world.run(until: "S.lost")
    // Which of the two is served first in turn 4 is the poll's business.
    #expect(
      world.lines(of: "call(", "C.", ")call") == [
        "call(@1t", "C.startFactory@1t", "C.started@1t", ")call connecting@1t", "C.build@2p", "C.made@2p",
        "C.data(welcome)@4p", "C.lost done@5p", "C.ccLost done@5p", "C.stopFactory@5p",
      ])
    #expect(
      world.lines(of: "S.") == [
        "S.startFactory@0", "S.build@2p", "S.made@2p", "S.data(hello)@4p", "S.lost done@6p",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `a refusal fails the attempt in the first poll`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let free = try world.listen(TestFactory("free", world))
    let number = try #require(free.getHost().port)
    free.stopListening()
    try world.turns(1)
    let client = TestFactory("C", world)
    var failure: (any Error)?
    client.onFailed = { (connector, reason) in
      failure = reason
      world.note("state=\(connector.state.rawValue) transport=\(connector.transport == nil ? "none" : "some")")
    }
    let before = world.reactor.turn
    try world.reactor.connectTCP(host: testCase.host, port: .number(Int(number)), factory: client)
    try world.run(until: "C.stopFactory")
    let at = "\(before + 1)p"
    #expect(
      world.lines.suffix(3) == [
        "C.ccFailed refused@\(at)", "state=disconnected transport=none@\(at)", "C.stopFactory@\(at)",
      ])
    #expect(failure as? ConnectError == .refused)
    #expect((failure as? ConnectError)?.errno == .connectionRefused)
  }

  @Test(arguments: TCPCase.all)
  func `what is written before a close arrives before the end`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onMade = { (application) in
      try application.transport?.write("bye")
      try application.transport?.loseConnection()
    }
    try world.listen(server)
    try world.connect(TestFactory("C", world))
    try world.run(until: "C.stopFactory")
    #expect(
      world.lines.dropFirst(7) == [
        "S.lost done@2p", "C.data(bye)@3p", "C.lost done@4p", "C.ccLost done@4p", "C.stopFactory@4p",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `three clients are accepted in one turn, and connected after that`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    try world.listen(TestFactory("S", world))
    for index in 0..<3 { try world.connect(TestFactory("C\(index)", world)) }
    try world.run(until: "C2.made")
    #expect(
      world.lines.filter { $0.contains(".made") } == [
        "S.made@1p", "S.made@1p", "S.made@1p", "C0.made@1p", "C1.made@1p", "C2.made@1p",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `a close from a timer takes effect in that turn's flush`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let client = TestFactory("C", world)
    client.onMade = { (application) in
      try world.reactor.callLater(.zero) {
        world.note("lose(")
        try application.transport?.loseConnection()
        world.note(")lose")
      }
    }
    try world.listen(TestFactory("S", world))
    try world.connect(client)
    try world.run(until: "S.lost")
    #expect(
      world.lines.dropFirst(7) == [
        "lose(@2t", ")lose@2t", "C.lost done@2p", "C.ccLost done@2p", "C.stopFactory@2p", "S.lost done@3p",
      ])
  }

  @Test(arguments: TCPCase.all)
  func `an echo from client to server and back takes four turns`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let server = TestFactory("S", world)
    server.onData = { (application, data) in try application.transport?.write(data) }
    let client = TestFactory("C", world)
    var turns: [Int] = []
    client.onMade = { try $0.transport?.write("x") }
    client.onData = { (application, data) in
      turns.append(world.reactor.turn)
      try application.transport?.write(data)
    }
    try world.listen(server)
    try world.connect(client)
    try world.run { _ in turns.count == 6 }
    #expect(zip(turns.dropFirst(), turns).map { $0 - $1 } == [4, 4, 4, 4, 4])
  }
}
