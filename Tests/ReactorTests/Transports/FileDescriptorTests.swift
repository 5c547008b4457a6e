import Glibc
import Testing

@testable import Reactor

/// A descriptor of the application's own over one end of a socket pair, which writes down what it is told.
private final class Line: FileDescriptor {
  unowned let world: ReactorWorld
  var number: Int32
  /// How much one write takes.
  var capacity = Int.max
  var failure: FileDescriptor.Written?
  var onWrite: () throws -> Void = {}

  init(_ number: Int32, in world: ReactorWorld, isConnected: Bool = true) {
    self.world = world
    self.number = number
    super.init(reactor: world.reactor)
    if isConnected { markConnected() }
  }

  override func fileno() -> Int32 { number }

  override func doRead() throws -> (any Error)? {
    let text = Pipe.drain(number)
    world.noteTurn("read \(text)")
    return text.isEmpty ? ConnectionClosed.done : nil
  }

  override func writeSomeData(_ data: [UInt8]) throws -> Written {
    try onWrite()
    world.noteTurn("write \(data.count)")
    if let failure { return failure }
    return .bytes(Glibc.write(number, data, min(capacity, data.count)))
  }

  override func connectionLost(_ reason: any Error) throws {
    try super.connectionLost(reason)
    world.noteTurn("lost \(TestDescriptor.text(reason))")
    number = -1
  }
}

private final class Source: PushProducer {
  unowned let world: ReactorWorld
  var onResume: () throws -> Void = {}

  init(_ world: ReactorWorld) { self.world = world }

  func pauseProducing() throws { world.note("pause") }
  func resumeProducing() throws {
    world.note("resume")
    try onResume()
  }
  func stopProducing() throws { world.note("stop") }
}

/// The application's own kind of descriptor: output, producers and closing.
///
/// Mirrors `twisted.internet.abstract.FileDescriptor`.
@Suite struct FileDescriptorTests {
  @Test(arguments: BackEnd.allCases)
  func `output waits for the poll, goes out as it is taken, and then the connection closes`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let pair = SocketPair()
    let line = Line(pair.near, in: world)
    line.capacity = 3
    try line.write([1, 2])
    try line.writeSequence([[3], [], [4, 5]])
    try line.loseConnection()
    // What is written while it closes goes out before it does.
    try line.write([6])
    try line.loseConnection()
    #expect(line.connected && line.disconnecting && !line.disconnected)
    #expect(world.take() == [])
    for _ in 0..<3 { world.reactor.iterate() }
    #expect(world.events == ["write 6@1p", "write 3@2p", "lost done@2p"])
    #expect(Array(Pipe.drain(pair.far).utf8) == [1, 2, 3, 4, 5, 6])
    #expect(!line.connected && line.disconnecting && line.disconnected)
    #expect(world.reactor.getReaders().isEmpty && world.reactor.getWriters().isEmpty)
  }

  @Test func `nothing is written before it is connected or after it is lost`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let pair = SocketPair()
    let line = Line(pair.near, in: world, isConnected: false)
    try line.write([1])
    try line.loseConnection()
    try line.resumeProducing()
    #expect(world.reactor.getWriters().isEmpty && world.reactor.getReaders().isEmpty)
    line.markConnected()
    try line.write([2])
    #expect(world.reactor.getWriters().count == 1)
    try line.connectionLost(ConnectionClosed.lost)
    try line.write([3])
    try line.writeSequence([[4]])
    #expect(world.reactor.getWriters().isEmpty)
    world.reactor.iterate()
    #expect(world.events == ["lost lost@0"])
    #expect(throws: DescriptorError.negative) { try line.startReading() }
  }

  @Test(arguments: BackEnd.allCases)
  func `a clean end is the end, and what cannot be written is too`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let pair = SocketPair()
    let line = Line(pair.near, in: world)
    try line.startReading()
    #expect(write(pair.far, "hi", 2) == 2)
    world.reactor.iterate()
    pair.closeFar()
    world.reactor.iterate()
    #expect(world.take() == ["read hi@1p", "read @2p", "lost done@2p"])
    let other = SocketPair()
    let broken = Line(other.near, in: world)
    broken.failure = .failed(ConnectionClosed.aborted)
    try broken.write([1])
    world.reactor.iterate()
    #expect(world.events == ["write 1@3p", "lost aborted@3p"])
  }

  @Test func `a push producer is paused above the limit, resumed when all is written, stopped by the loss`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let pair = SocketPair()
    let line = Line(pair.near, in: world)
    line.bufferSize = 4
    let source = Source(world)
    try line.registerProducer(source, streaming: true)
    #expect(throws: ProducerError.alreadyRegistered) { try line.registerProducer(source, streaming: false) }
    try line.write([1, 2, 3, 4])
    try line.write([5])
    world.reactor.iterate()
    #expect(world.take() == ["pause", "write 5@1p", "resume"])
    try line.connectionLost(ConnectionClosed.lost)
    try line.registerProducer(source, streaming: false)
    #expect(world.events == ["stop", "lost lost@1", "stop"])
  }

  @Test func `a pull producer is asked at once and after each piece, and holds the close`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let pair = SocketPair()
    let line = Line(pair.near, in: world)
    let source = Source(world)
    var pieces = 2
    source.onResume = { [unowned line] in
      guard pieces > 0 else { return }
      pieces -= 1
      try line.write([UInt8(pieces)])
    }
    try line.registerProducer(source, streaming: false)
    try line.loseConnection()
    for _ in 0..<4 { world.reactor.iterate() }
    #expect(world.take() == ["resume", "write 1@1p", "resume", "write 1@2p", "resume"])
    try line.unregisterProducer()
    world.reactor.iterate()
    #expect(world.events == ["write 0@5p", "lost done@5p"])
  }

  @Test func `a write inside writeSomeData waits for the next turn`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let pair = SocketPair()
    let line = Line(pair.near, in: world)
    line.onWrite = { [unowned line] in
      line.onWrite = {}
      try line.write([9, 9])
    }
    try line.write([1])
    for _ in 0..<3 { world.reactor.iterate() }
    #expect(world.events == ["write 1@1p", "write 2@2p"])
  }

  @Test func `a count that cannot be is taken for all that was offered, or for nothing`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let pair = SocketPair()
    let line = Line(pair.near, in: world)
    line.failure = .bytes(-1)
    try line.write([1, 2])
    world.reactor.iterate()
    line.failure = .bytes(1_000)
    for _ in 0..<2 { world.reactor.iterate() }
    #expect(world.events == ["write 2@1p", "write 2@2p"])
  }

  @Test func `one that nobody has subclassed can be polled for nothing, and says so`() throws {
    let world = try ReactorWorld()
    defer { world.tearDown() }
    let plain = FileDescriptor(reactor: world.reactor)
    #expect(try plain.fileno() == -1)
    #expect(plain.logPrefix == "-")
    #expect(throws: DescriptorError.negative) { try plain.startReading() }
    #expect(throws: DescriptorError.negative) { try plain.startWriting() }
    #expect(throws: DescriptorError.notImplemented) { _ = try plain.doRead() }
    #expect(throws: DescriptorError.notImplemented) { _ = try plain.doWrite() }
    try plain.readConnectionLost(ConnectionClosed.done)
    #expect(plain.disconnected)
  }
}
