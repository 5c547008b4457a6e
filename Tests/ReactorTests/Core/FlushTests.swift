import Glibc
import Reactor
import Testing

/// A transport that writes down what the reactor asks of it.
private final class TestTransport: Selectable {
  unowned let world: ReactorWorld
  let name: String
  var descriptor: Int32
  var onRead: () throws -> (any Error)? = { nil }
  var onWrite: (TestTransport) throws -> (any Error)? = { (transport) in
    transport.world.reactor.stopWriting(transport)
    return nil
  }

  init(_ name: String, _ descriptor: Int32, in world: ReactorWorld) {
    self.name = name
    self.descriptor = descriptor
    self.world = world
    world.onTearDown { [self] in
      onRead = { nil }
      onWrite = { _ in nil }
    }
  }

  var logPrefix: String { name }
  var isHalfCloseable: Bool { false }

  func want() throws { try world.reactor.wantFlush(self) }

  func doRead() throws -> (any Error)? {
    world.noteTurn("\(name).read")
    return try onRead()
  }

  func doWrite() throws -> (any Error)? {
    world.noteTurn("\(name).write")
    return try onWrite(self)
  }

  func readConnectionLost(_ reason: any Error) throws {}

  func connectionLost(_ reason: any Error) throws {
    world.noteTurn("\(name).lost")
  }
}

@Suite struct FlushTests {
  private func make(
    _ backEnd: BackEnd, count: Int
  ) throws -> (world: ReactorWorld, pairs: [SocketPair], transports: [TestTransport]) {
    let world = try ReactorWorld(backEnd)
    let pairs = (0..<count).map { _ in SocketPair() }
    let names = ["a", "b", "c"]
    return (world, pairs, pairs.enumerated().map { TestTransport(names[$0], $1.near, in: world) })
  }

  @Test(arguments: BackEnd.allCases)
  func `what a timer wants is flushed after the same turn's reads`(_ backEnd: BackEnd) throws {
    let (world, pairs, transports) = try make(backEnd, count: 2)
    defer { world.tearDown() }
    #expect(write(pairs[1].far, "x", 1) == 1)
    try world.reactor.startReading(transports[1])
    try world.reactor.callLater(.zero) { try transports[0].want() }
    world.reactor.iterate()
    world.reactor.iterate()
    #expect(world.events == ["b.read@1p", "a.write@1p", "b.read@2p"])
    _ = world.reactor.removeAll()
  }

  @Test(arguments: BackEnd.allCases)
  func `what a read wants is flushed in the next turn, after its timers, and the poll does not wait`(
    _ backEnd: BackEnd
  ) throws {
    let (world, pairs, transports) = try make(backEnd, count: 1)
    defer { world.tearDown() }
    #expect(write(pairs[0].far, "x", 1) == 1)
    transports[0].onRead = {
      _ = Pipe.drain(pairs[0].near)
      try transports[0].want()
      try world.reactor.callLater(.zero) { world.noteTurn("timer") }
      return nil
    }
    try world.reactor.startReading(transports[0])
    world.reactor.iterate()
    world.reactor.iterate(.seconds(60))
    #expect(world.events == ["a.read@1p", "timer@2t", "a.write@2p"])
    _ = world.reactor.removeAll()
  }

  @Test(arguments: BackEnd.allCases)
  func `what a flush wants waits for the next turn`(_ backEnd: BackEnd) throws {
    let (world, _, transports) = try make(backEnd, count: 2)
    defer { world.tearDown() }
    transports[0].onWrite = { (transport) in
      world.reactor.stopWriting(transport)
      try transport.want()
      try transports[1].want()
      transport.onWrite = { (transport) in
        world.reactor.stopWriting(transport)
        return nil
      }
      return nil
    }
    try transports[0].want()
    for _ in 0..<3 { world.reactor.iterate() }
    #expect(world.events == ["a.write@1p", "a.write@2p", "b.write@2p"])
  }

  @Test(arguments: BackEnd.allCases)
  func `what was lost or stopped in the dispatch is not flushed`(_ backEnd: BackEnd) throws {
    let (world, pairs, transports) = try make(backEnd, count: 3)
    defer { world.tearDown() }
    #expect(write(pairs[0].far, "x", 1) == 1)
    #expect(write(pairs[1].far, "x", 1) == 1)
    transports[0].onRead = { ConnectionClosed.done }
    transports[1].onRead = {
      world.reactor.stopReading(transports[1])
      world.reactor.stopWriting(transports[2])
      return nil
    }
    for transport in transports { try transport.want() }
    for transport in transports.prefix(2) { try world.reactor.startReading(transport) }
    world.reactor.iterate()
    world.reactor.iterate()
    #expect(world.events == ["a.read@1p", "a.lost@1p", "b.read@1p", "b.write@1p"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a stop and a new want in the dispatch make one write`(_ backEnd: BackEnd) throws {
    let (world, pairs, transports) = try make(backEnd, count: 1)
    defer { world.tearDown() }
    #expect(write(pairs[0].far, "x", 1) == 1)
    transports[0].onRead = {
      world.reactor.stopReading(transports[0])
      world.reactor.stopWriting(transports[0])
      try transports[0].want()
      return nil
    }
    try transports[0].want()
    try world.reactor.startReading(transports[0])
    for _ in 0..<3 { world.reactor.iterate() }
    #expect(world.events == ["a.read@1p", "a.write@1p"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a want after a turn inside a read is not lost`(_ backEnd: BackEnd) throws {
    let (world, pairs, transports) = try make(backEnd, count: 1)
    defer { world.tearDown() }
    #expect(write(pairs[0].far, "x", 1) == 1)
    let transport = transports[0]
    transport.onRead = {
      try transport.want()
      world.reactor.stopReading(transport)
      world.reactor.stopWriting(transport)
      world.reactor.iterate()
      try transport.want()
      return nil
    }
    try world.reactor.startReading(transport)
    world.reactor.iterate()
    world.reactor.iterate()
    #expect(world.events == ["a.read@1p", "a.write@3p"])
  }

  @Test(arguments: BackEnd.allCases)
  func `an armed transport is flushed once a turn, when the poll finds it writable`(_ backEnd: BackEnd) throws {
    let (world, pairs, transports) = try make(backEnd, count: 1)
    defer { world.tearDown() }
    let transport = transports[0]
    // Fills the socket, so that nothing can be written.
    let block = [UInt8](repeating: 0, count: 65_536)
    while write(pairs[0].near, block, block.count) > 0 {}
    transport.onWrite = { (transport) in
      world.reactor.armWritable(transport)
      return nil
    }
    try transport.want()
    world.reactor.iterate()
    #expect(world.take() == ["a.write@1p"])
    #expect(world.reactor.isWriting(transport))
    // More to write changes nothing.
    try transport.want()
    world.reactor.iterate()
    #expect(world.take() == [])
    var drained = [UInt8](repeating: 0, count: 1 << 20)
    while read(pairs[0].far, &drained, drained.count) > 0 {}
    world.reactor.iterate()
    #expect(world.take() == ["a.write@3p"])
    transport.onWrite = { (transport) in
      world.reactor.stopWriting(transport)
      return nil
    }
    world.reactor.iterate()
    world.reactor.iterate()
    #expect(world.take() == ["a.write@4p"])
    #expect(!world.reactor.isWriting(transport))
  }

  @Test(arguments: BackEnd.allCases)
  func `a read comes before the write of an armed transport, and its end prevents it`(_ backEnd: BackEnd) throws {
    let (world, pairs, transports) = try make(backEnd, count: 1)
    defer { world.tearDown() }
    let transport = transports[0]
    transport.onWrite = { (transport) in
      world.reactor.armWritable(transport)
      return nil
    }
    try world.reactor.startReading(transport)
    try transport.want()
    world.reactor.iterate()
    #expect(write(pairs[0].far, "x", 1) == 1)
    world.reactor.iterate()
    transport.onRead = { ConnectionClosed.lost }
    world.reactor.iterate()
    world.reactor.iterate()
    #expect(world.events == ["a.write@1p", "a.read@2p", "a.write@2p", "a.read@3p", "a.lost@3p"])
  }

  @Test(arguments: BackEnd.allCases)
  func `one that neither stops nor arms is written again in the next turn`(_ backEnd: BackEnd) throws {
    let (world, _, transports) = try make(backEnd, count: 1)
    defer { world.tearDown() }
    transports[0].onWrite = { _ in nil }
    try transports[0].want()
    world.reactor.iterate()
    world.reactor.iterate(.seconds(60))
    #expect(world.take() == ["a.write@1p", "a.write@2p"])
    transports[0].onWrite = { _ in throw Oops("write") }
    world.reactor.iterate()
    #expect(world.take() == ["a.write@3p", "a.lost@3p"])
    #expect(world.log.errors == ["write"])
    #expect(world.reactor.getWriters().isEmpty)
  }

  @Test(arguments: BackEnd.allCases)
  func `a wanted flush counts as writing, and is lost at shutdown`(_ backEnd: BackEnd) throws {
    let (world, _, transports) = try make(backEnd, count: 1)
    defer { world.tearDown() }
    try world.reactor.callWhenRunning {
      try world.reactor.callLater(.zero) {
        try transports[0].want()
        world.note("writers \(world.reactor.getWriters().count)")
        try world.reactor.stop()
      }
    }
    try world.run()
    #expect(world.events == ["writers 1", "a.lost@1t"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a poll that fails loses no flush`(_ backEnd: BackEnd) throws {
    let io = StillIO()
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    let pair = SocketPair()
    let transport = TestTransport("a", pair.near, in: world)
    try transport.want()
    io.failNextWait = .invalidArgument
    world.reactor.iterate()
    #expect(world.events == [])
    world.reactor.iterate()
    #expect(world.events == ["a.write@2p"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a descriptor that was lost and reused is not flushed for the one before`(_ backEnd: BackEnd) throws {
    let (world, pairs, transports) = try make(backEnd, count: 2)
    defer { world.tearDown() }
    let number = pairs[0].near
    try transports[0].want()
    let successor = TestTransport("successor", number, in: world)
    #expect(write(pairs[1].far, "x", 1) == 1)
    transports[1].onRead = {
      world.reactor.stopReading(transports[1])
      world.reactor.stopWriting(transports[0])
      transports[0].descriptor = -1
      try successor.want()
      return nil
    }
    try world.reactor.startReading(transports[1])
    world.reactor.iterate()
    #expect(world.take() == ["b.read@1p"])
    world.reactor.iterate()
    #expect(world.take() == ["successor.write@2p"])
  }
}
