import Testing

@testable import Reactor

/// A poller that refuses: nothing is told that nobody waits for, and nothing is forgotten.
@Suite struct WatchFaultTests {
  @Test(arguments: TCPCase.all)
  func `a pause that the poller refuses holds, and the rest is still told`(_ testCase: TCPCase) throws {
    let io = FaultyIO(testCase.makeIO())
    let world = try TCPWorld(testCase, io: io)
    defer { world.close() }
    let server = TestFactory("S", world)
    let client = TestFactory("C", world)
    client.onMade = { try $0.transport?.write([1]) }
    server.onData = { (application, _) in
      let transport = try #require(application.transport as? TCPConnection)
      // Writing is armed, so that less is to be watched, and not nothing.
      try world.reactor.startWriting(transport)
      io.inject(.init(.rewatch, .fail(.noMemory), times: 3))
      try transport.pauseProducing()
      try client.protocols[0].transport?.write([2])
      try world.reactor.callLater(.milliseconds(20)) {
        world.note("S.resumes")
        world.reactor.stopWriting(transport)
        try transport.resumeProducing()
        server.onData = { (_, _) in }
      }
    }
    try world.listen(server)
    try world.connect(client)
    try world.run { $0.events(of: "S.data").count == 2 }
    #expect(world.events(of: "S.data", "S.resumes") == ["S.data(\u{1})", "S.resumes", "S.data(\u{2})"])
    #expect(io.happened.map(\.call) == Array(repeating: IOCall.rewatch, count: io.happened.count))
    #expect(!io.happened.isEmpty)
  }

  @Test(arguments: TCPCase.all)
  func `a port that the poller refuses is closed, and its factory stopped`(_ testCase: TCPCase) throws {
    let ledger = LedgerIO(testCase.makeIO())
    let io = FaultyIO(ledger)
    let world = try TCPWorld(testCase, io: io)
    defer { world.close() }
    let before = ledger.open
    io.inject(.init(.watch, .fail(.noMemory)))
    let factory = TestFactory("S", world)
    #expect(throws: DescriptorError.system(.noMemory)) { try world.listen(factory) }
    #expect(world.events == ["S.startFactory", "S.stopFactory"])
    #expect(factory.numPorts == 0)
    #expect(ledger.open == before)
    try world.listen(factory)
    try world.connect(TestFactory("C", world))
    try world.run(until: "C.made")
  }

  @Test(arguments: BackEnd.allCases)
  func `a reactor whose waker cannot be watched is not made, and a later one is`(_ backEnd: BackEnd) throws {
    let ledger = LedgerIO()
    let io = FaultyIO(ledger, script: [.init(.watch, .fail(.noSpace))])
    #expect(throws: Errno.noSpace) { try Reactor(backEnd, io: io, log: .none) }
    #expect(ledger.open.isEmpty && ledger.pollers == 0)
    let reactor = try Reactor(backEnd, io: io, log: .none)
    reactor.iterate()
    #expect(reactor.turn == 1)
  }

  @Test(arguments: BackEnd.allCases)
  func `a poller that is opened again without its waker is opened once more`(_ backEnd: BackEnd) throws {
    let io = FaultyIO(SystemIO())
    let reactor = try Reactor(backEnd, io: io, log: .none)
    try reactor.callWhenRunning { try reactor.stop() }
    try reactor.run(installSignalHandlers: false)
    // Stopped, it has no poller until it makes a turn.
    io.inject(.init(.watch, .fail(.noMemory)))
    reactor.iterate()
    #expect(io.happened.count == 1)
    // Opened now, its waker ends a wait that nothing else would.
    reactor.iterate()
    reactor.handle.wakeUp()
    reactor.iterate(.seconds(3_600))
    #expect(reactor.turn >= 4)
  }
}
