import Addresses
import Glibc
import Reactor
import Testing

/// Makes one operation on an I/O system, whatever it needs for that, and says how it went.
private func perform(_ call: IOCall, on io: any IOSystem) throws -> String {
  let pair = try Connection(.ipv4)
  let pipe = Pipe()
  defer { withExtendedLifetime((pair, pipe)) {} }
  func outcome(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "done"
    } catch {
      return "\(error)"
    }
  }
  func outcome<Value>(_ result: IOResult<Value>) -> String {
    switch result {
    case .done: "done"
    case .wouldBlock: "would block"
    case .failed(let errno): "\(errno)"
    }
  }
  func polling(_ body: (any Poller) throws -> Void) throws -> String {
    let poller = try io.makePoller(.epoll)
    defer { poller.close() }
    try? poller.add(pipe.reading, .read, registration: 1)
    return outcome { try body(poller) }
  }
  func opening(_ body: () throws -> Int32) -> String {
    outcome { close(try body()) }
  }
  switch call {
  case .makePoller: return outcome { try io.makePoller(.poll).close() }
  case .socket: return opening { try io.socket(.inet, .stream) }
  case .bind:
    let socket = try SystemIO().socket(.inet, .stream)
    defer { close(socket) }
    return outcome { try io.bind(socket, to: Loopback.ipv4.address(port: 0)) }
  case .listen: return outcome { try io.listen(pair.listener, backlog: 1) }
  case .accept:
    let client = try SystemIO().socket(.inet, .stream)
    defer { close(client) }
    _ = SystemIO().connect(client, to: pair.address)
    wait(pair.listener, POLLIN)
    let result = io.accept(pair.listener)
    if case .done(let accepted) = result { close(accepted.descriptor) }
    return outcome(result)
  case .connect: return outcome(io.connect(pair.client, to: pair.address))
  case .takeError:
    var pending: Errno?
    let asked = outcome { pending = try io.takeError(pair.client) }
    return pending.map { "pending \($0)" } ?? asked
  case .localAddress: return outcome { _ = try io.localAddress(pair.client) }
  case .peerAddress: return outcome { _ = try io.peerAddress(pair.client) }
  case .option: return outcome { _ = try io.option(.noDelay, of: pair.client) }
  case .setOption: return outcome { try io.setOption(.noDelay, of: pair.client, to: 1) }
  case .receive:
    pipe.send("abcdef")
    return io.receive(pipe.reading).line
  case .send: return io.send(pair.client, "abcdef").line
  case .shutdown: return outcome { try io.shutdown(pair.client, .write) }
  case .setResetOnClose: return outcome { try io.setResetOnClose(pair.client) }
  case .close: return outcome { try io.close(dup(pipe.reading)) }
  case .duplicate: return opening { try io.duplicate(pipe.reading) }
  case .openReserve: return opening { try io.openReserve() }
  case .openWaker: return opening { try io.openWaker() }
  case .watch: return try polling { try $0.add(pipe.writing, .write, registration: 2) }
  case .rewatch: return try polling { try $0.modify(pipe.reading, .readWrite, registration: 1) }
  case .unwatch: return try polling { $0.remove(pipe.reading) }
  case .wait:
    return try polling { (poller) in
      var events: [PollEvent] = []
      try poller.wait(timeout: 0, into: &events)
    }
  }
}

@Suite struct FaultyIOTests {
  @Test(arguments: IOCall.allCases)
  func `every operation fails in every way that it can, and then goes well`(_ call: IOCall) throws {
    let well =
      switch call {
      case .receive: "done abcdef"
      case .send: "done 6"
      default: "done"
      }
    let io = FaultyIO(SystemIO())
    #expect(try perform(call, on: io) == well)
    for effect in call.faults {
      // The poller's own `add` of what is polled already comes before the one that is meant to fail.
      io.inject(.init(call, effect, skipping: call == .watch ? 1 : 0))
      let outcome =
        switch effect {
        case .fail(let errno): errno.name
        case .pending(let errno): "pending \(errno)"
        case .wouldBlock: "would block"
        case .short: call == .send ? "done 1" : "done a"
        case .interrupted: "done"
        }
      #expect(try perform(call, on: io) == outcome)
      #expect(try perform(call, on: io) == well)
    }
    #expect(io.happened.map(\.effect) == call.faults)
  }

  @Test(arguments: [IOCall.receive, .send])
  func `a short count is one of at least a byte`(_ call: IOCall) throws {
    let io = FaultyIO(SystemIO(), script: [.init(call, .short(2)), .init(call, .short(0))])
    #expect(try perform(call, on: io) == (call == .send ? "done 2" : "done ab"))
    #expect(try perform(call, on: io) == (call == .send ? "done 1" : "done a"))
  }

  @Test func `a scripted fault waits for its turn and lasts as long as it says`() throws {
    let io = FaultyIO(
      SystemIO(),
      script: [
        .init(.openWaker, .fail(.tooManyOpenFiles), skipping: 1, times: 2),
        .init(.openWaker, .fail(.tooManyOpenFilesInSystem), skipping: 1),
      ])
    let outcomes = try (0..<6).map { _ in try perform(.openWaker, on: io) }
    #expect(outcomes == ["done", "EMFILE", "EMFILE", "done", "ENFILE", "done"])
    #expect(io.happened.map(\.call) == [.openWaker, .openWaker, .openWaker])
  }

  @Test func `the same seed gives the same faults, another gives others`() throws {
    func run(_ seed: UInt64) throws -> [FaultyIO.Effect] {
      let io = FaultyIO(SystemIO(), seed: seed, chance: 0.5, calls: [.receive])
      for _ in 0..<40 { _ = try perform(.receive, on: io) }
      _ = try perform(.send, on: io)
      return io.happened.map(\.effect)
    }
    let first = try run(7)
    #expect(try run(7) == first)
    #expect(try run(8) != first)
    #expect((5...35).contains(first.count))
  }

  @Test(arguments: BackEnd.allCases)
  func `a reactor that finds no descriptor for its waker or poller says so`(_ backEnd: BackEnd) throws {
    for call in [IOCall.openWaker, .makePoller] {
      let io = FaultyIO(SystemIO(), script: [.init(call, .fail(.tooManyOpenFiles))])
      #expect(throws: Errno.tooManyOpenFiles) { try Reactor(backEnd, io: io, log: .none) }
      // Nothing half-made stands in the way of the next attempt.
      let reactor = try Reactor(backEnd, io: io, log: .none)
      reactor.iterate()
      #expect(reactor.turn == 1)
    }
  }

  @Test(arguments: BackEnd.allCases)
  func `what the poller refuses is thrown and leaves no trace`(_ backEnd: BackEnd) throws {
    let io = FaultyIO(SystemIO())
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    let pair = SocketPair()
    let descriptor = TestDescriptor("d", pair.near, in: world)
    io.inject(.init(.watch, .fail(.noMemory)))
    #expect(throws: DescriptorError.system(.noMemory)) { try world.reactor.addReader(descriptor) }
    #expect(world.reactor.getReaders().isEmpty)
    try world.reactor.addReader(descriptor)
    io.inject(.init(.rewatch, .fail(.noMemory)))
    #expect(throws: DescriptorError.system(.noMemory)) { try world.reactor.addWriter(descriptor) }
    #expect(world.reactor.getReaders().count == 1 && world.reactor.getWriters().isEmpty)
    try world.reactor.addWriter(descriptor)
    world.reactor.iterate()
    #expect(world.events == ["d.doWrite@1p"])
  }
}

@Suite struct RecordingIOTests {
  @Test(arguments: IOCall.allCases)
  func `every operation is handed to the sink, with its outcome`(_ call: IOCall) throws {
    var operations: [IOOperation] = []
    let faulty = FaultyIO(SystemIO())
    let io = RecordingIO(faulty) { operations.append($0) }
    _ = try perform(call, on: io)
    let operation = try #require(operations.last { $0.call == call })
    if case .failed(let errno) = operation.outcome { Issue.record("\(call) failed with \(errno)") }
    for case .fail(let errno) in call.faults.prefix(1) {
      faulty.inject(.init(call, .fail(errno), skipping: call == .watch ? 1 : 0))
      _ = try perform(call, on: io)
      let failed = try #require(operations.last { $0.call == call })
      guard case .failed(errno) = failed.outcome else {
        Issue.record("\(failed.outcome) is not \(errno)")
        return
      }
    }
  }

  @Test func `bytes are recorded as they went`() throws {
    var operations: [IOOperation] = []
    let io = RecordingIO(SystemIO()) { operations.append($0) }
    let pair = try Connection(.ipv4)
    _ = io.send(pair.client, "hello")
    wait(pair.server, POLLIN)
    _ = io.receive(pair.server, atMost: 4)
    _ = io.receive(pair.server, atMost: 4)
    _ = io.receive(pair.server, atMost: 4)
    #expect(
      operations.map { "\($0.call) \($0.arguments) \($0.outcome)" } == [
        "send [Reactor.IOOperation.Argument.bytes([104, 101, 108, 108, 111])] number(5)",
        "receive [Reactor.IOOperation.Argument.number(4)] bytes([104, 101, 108, 108])",
        "receive [Reactor.IOOperation.Argument.number(4)] bytes([111])",
        "receive [Reactor.IOOperation.Argument.number(4)] wouldBlock",
      ])
    #expect(operations.map(\.descriptor) == [pair.client, pair.server, pair.server, pair.server])
  }

  @Test(arguments: BackEnd.allCases)
  func `a recorded reactor does what another does`(_ backEnd: BackEnd) throws {
    var calls: [IOCall] = []
    let io = RecordingIO(SystemIO()) { calls.append($0.call) }
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    let pipe = Pipe()
    pipe.send("x")
    let reader = TestDescriptor("r", pipe.reading, in: world)
    reader.onRead = { ConnectionClosed.lost }
    try world.reactor.addReader(reader)
    world.reactor.iterate()
    #expect(world.events == ["r.doRead@1p", "r.lost lost@1p"])
    #expect(calls == [.openWaker, .makePoller, .watch, .watch, .wait, .unwatch])
  }
}
