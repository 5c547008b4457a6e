import Addresses
import Testing

@testable import Reactor

/// The `async` forms: work that awaits Deferreds on the reactor's thread.
@Suite struct ReactorExecutorTests {
  @Test(arguments: TCPCase.all)
  func `a client and a server are made by awaiting, on the reactor's own thread`(_ testCase: TCPCase) throws {
    let world = try TCPWorld(testCase)
    defer { world.close() }
    let reactor = world.reactor
    let thread = ThreadID.current
    let server = TestFactory("S", world)
    server.onData = { (application, data) in try application.transport?.write(data) }
    let work = reactor.async {
      #expect(ThreadID.current == thread)
      world.note("begin")
      let listening: any StreamServerEndpoint =
        testCase.family == .inet
        ? TCP4ServerEndpoint(reactor, port: 0, interface: testCase.host)
        : TCP6ServerEndpoint(reactor, port: 0, interface: testCase.host)
      let port = try await listening.listen(server).value
      #expect(ThreadID.current == thread)
      let number = try port.getHost().port ?? 0
      let endpoint: any StreamClientEndpoint =
        testCase.family == .inet
        ? TCP4ClientEndpoint(reactor, host: testCase.host, port: .number(Int(number)))
        : TCP6ClientEndpoint(reactor, host: testCase.host, port: .number(Int(number)))
      let client = try await endpoint.connect(TestFactory("C", world)).value as? TestProtocol
      #expect(ThreadID.current == thread)
      world.note("connected")
      try client?.transport?.write("echo")
    }
    #expect(world.lines.isEmpty, "nothing runs inside the call")
    try world.run(until: "C.data")
    #expect(work.called)
    #expect(
      world.events(of: "begin", "C.", "connected") == [
        "begin", "C.startFactory", "C.build", "C.made", "connected", "C.data(echo)",
      ])
    #expect(world.lines.first == "begin@1t")
  }

  @Test(arguments: BackEnd.allCases)
  func `what the work throws and what it awaits in vain are its Deferred's failure`(_ backEnd: BackEnd) throws {
    let world = try TCPWorld(TCPCase(backEnd: backEnd, host: "127.0.0.1"))
    defer { world.close() }
    let reactor = world.reactor
    reactor.async { throw Planted("thrown") }.addErrback { world.note("failed \(text($0))") }
    reactor.async { try await Deferred<Int>.fail(Planted("awaited")).value }
      .addErrback { world.note("failed \(text($0))") }
    reactor.async { try await Deferred<Int>.succeed(7).value }.addCallback { world.note("gave \($0)") }
    try world.run { $0.lines.count == 3 }
    #expect(Set(world.events) == ["failed thrown", "failed awaited", "gave 7"])
  }

  @Test(arguments: BackEnd.allCases)
  func `cancelling the work cancels what it awaits`(_ backEnd: BackEnd) throws {
    let world = try TCPWorld(TCPCase(backEnd: backEnd, host: "127.0.0.1"))
    defer { world.close() }
    let reactor = world.reactor
    let awaited = Deferred<Int>(canceller: { _ in world.note("cancelled") })
    let work = reactor.async { () async throws -> Int in
      world.note("waiting")
      return try await awaited.value
    }
    work.addErrback { world.note("failed \(text($0))") }
    try world.run(until: "waiting")
    work.cancel()
    try world.run(until: "cancelled")
    #expect(world.events == ["waiting", "failed cancelled", "cancelled"])
    try world.turns(3)
    #expect(awaited.called)
  }
}
