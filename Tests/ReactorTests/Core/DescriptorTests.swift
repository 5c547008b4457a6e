import Glibc
import Reactor
import Testing

@Suite struct DescriptorTests {
  @Test(arguments: BackEnd.allCases)
  func `an object added for writing takes over a descriptor that another reads`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pair = SocketPair()
    #expect(write(pair.far, "x", 1) == 1)
    let x = TestDescriptor("x", pair.near, in: world)
    let y = TestDescriptor("y", pair.near, in: world)
    let z = TestDescriptor("z", pair.near, in: world)
    try reactor.addReader(x)
    try reactor.addReader(x)
    try reactor.addWriter(y)
    reactor.iterate()
    world.note("readers \(reactor.getReaders().map { ($0 as? TestDescriptor)?.name ?? "" })")
    try reactor.addReader(z)
    world.note("readers \(reactor.getReaders().map { ($0 as? TestDescriptor)?.name ?? "" })")
    #expect(world.events == ["y.doRead@1p", "y.doWrite@1p", "readers [\"y\"]", "readers [\"y\"]"])
    // One that is not registered any more takes nothing from its successor.
    reactor.removeReader(x)
    #expect(reactor.getReaders().count == 1)
  }

  @Test(arguments: BackEnd.allCases)
  func `a descriptor of -1 is refused and leaves no trace`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reader = TestDescriptor("r", -1, in: world)
    #expect(throws: DescriptorError.negative) { try world.reactor.addReader(reader) }
    #expect(throws: DescriptorError.negative) { try world.reactor.addWriter(reader) }
    world.reactor.removeReader(reader)
    world.reactor.removeWriter(reader)
    #expect(world.reactor.getReaders().isEmpty && world.reactor.getWriters().isEmpty)
  }

  @Test(arguments: BackEnd.allCases)
  func `a descriptor closed behind the reactor's back is refused by epoll and found invalid by poll`(
    _ backEnd: BackEnd
  ) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    // High numbers, which no other test is given meanwhile.
    let base = Int32(900 + (backEnd == .epoll ? 0 : 10))
    let pipe = Pipe()
    #expect(dup2(pipe.reading, base) == base && dup2(pipe.writing, base + 1) == base + 1)
    // The files stay open under the new numbers only.
    pipe.closeReading()
    pipe.closeWriting()
    let reading = TestDescriptor("reading", base, in: world)
    let writing = TestDescriptor("writing", base + 1, in: world)
    try reactor.addReader(reading)
    try reactor.addWriter(writing)
    close(base)
    close(base + 1)
    reactor.iterate()
    switch backEnd {
    case .epoll:
      // The kernel has forgotten both, and tells nothing; removing them raises nothing and leaves the table sound.
      #expect(world.take() == [])
      #expect(reactor.getReaders().count == 1 && reactor.getWriters().count == 1)
      reactor.removeReader(reading)
      reactor.removeWriter(writing)
      #expect(throws: DescriptorError.system(.badDescriptor)) { try reactor.addReader(reading) }
    case .poll:
      #expect(world.take() == ["reading.lost done@1p", "writing.lost lost@1p"])
      try reactor.addReader(reading)
      reactor.iterate()
      #expect(world.take() == ["reading.lost done@2p"])
    }
    #expect(reactor.getReaders().isEmpty && reactor.getWriters().isEmpty)
    #expect(reactor.removeAll().isEmpty)
    // The numbers are good again for others.
    let other = Pipe()
    #expect(dup2(other.writing, base) == base)
    let next = TestDescriptor("next", base, in: world)
    try reactor.addWriter(next)
    reactor.iterate()
    #expect(world.events == ["next.doWrite@\(reactor.turn)p"])
    close(base)
  }

  @Test(arguments: BackEnd.allCases)
  func `fileno is asked inside addReader and addWriter, and what it throws leaves them`(_ backEnd: BackEnd) throws {
    final class Shy: TestDescriptor {
      override func fileno() throws -> Int32 {
        world.note("fileno")
        throw Oops("fileno")
      }
    }
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let shy = Shy("shy", 0, in: world)
    #expect(throws: Oops("fileno")) { try world.reactor.addReader(shy) }
    #expect(throws: Oops("fileno")) { try world.reactor.addWriter(shy) }
    #expect(world.events == ["fileno", "fileno"])
    // One that throws only later is lost with that error.
    let pipe = Pipe()
    pipe.send("x")
    final class Late: TestDescriptor {
      var isBroken = false

      override func fileno() throws -> Int32 {
        if isBroken { throw Oops("late") }
        return number
      }
    }
    let late = Late("late", pipe.reading, in: world)
    try world.reactor.addReader(late)
    late.isBroken = true
    _ = world.take()
    world.reactor.iterate()
    #expect(world.events == ["late.lost late@1p"])
    #expect(world.reactor.getReaders().isEmpty)
  }

  @Test(arguments: BackEnd.allCases)
  func `the close of one that has become -1 is found by identity`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let pipe = Pipe()
    let reader = TestDescriptor("r", pipe.reading, in: world)
    try world.reactor.addReader(reader)
    reader.number = -1
    world.reactor.removeReader(reader)
    #expect(world.reactor.getReaders().isEmpty)
  }

  @Test(arguments: BackEnd.allCases)
  func `an event found for a direction that was removed is served while the other is registered`(
    _ backEnd: BackEnd
  ) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pairs = [SocketPair(), SocketPair()]
    let x = TestDescriptor("x", pairs[0].near, in: world)
    let y = TestDescriptor("y", pairs[1].near, in: world)
    for (one, other) in [(x, y), (y, x)] {
      one.onRead = {
        reactor.removeReader(other)
        world.note("\(one.name) removed reader \(other.name)")
        return nil
      }
    }
    for pair in pairs { #expect(write(pair.far, "x", 1) == 1) }
    for descriptor in [x, y] {
      try reactor.addReader(descriptor)
      try reactor.addWriter(descriptor)
    }
    reactor.iterate()
    #expect(
      world.take() == [
        "x.doRead@1p", "x removed reader y", "x.doWrite@1p", "y.doRead@1p", "y removed reader x", "y.doWrite@1p",
      ])
    _ = reactor.removeAll()
    let z = TestDescriptor("z", pairs[0].near, in: world)
    z.onRead = {
      reactor.removeWriter(z)
      return nil
    }
    try reactor.addReader(z)
    try reactor.addWriter(z)
    reactor.iterate()
    #expect(world.take() == ["z.doRead@2p", "z.doWrite@2p"])
    _ = reactor.removeAll()
    let objects = pairs.enumerated().map { TestDescriptor("o\($0)", $1.near, in: world) }
    for object in objects {
      object.onRead = {
        for other in objects where other !== object { reactor.removeReader(other) }
        return nil
      }
      try reactor.addReader(object)
    }
    reactor.iterate()
    #expect(world.take() == ["o0.doRead@3p"])
  }

  @Test(arguments: BackEnd.allCases)
  func `one that is removed and added again in a batch keeps the event found for it`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pipes = [Pipe(), Pipe()]
    for pipe in pipes { pipe.send("x") }
    let x = TestDescriptor("x", pipes[0].reading, in: world)
    let y = TestDescriptor("y", pipes[1].reading, in: world)
    x.onRead = {
      reactor.removeReader(y)
      try reactor.addReader(y)
      return nil
    }
    try reactor.addReader(x)
    try reactor.addReader(y)
    reactor.iterate()
    #expect(world.events == ["x.doRead@1p", "y.doRead@1p"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a reused descriptor never gets the event found for the one before`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pipes = [Pipe(), Pipe(), Pipe()]
    pipes[0].send("x")
    pipes[1].send("x")
    let number = pipes[1].reading
    let x = TestDescriptor("x", pipes[0].reading, in: world)
    let y = TestDescriptor("y", number, in: world)
    let successor = TestDescriptor("successor", number, in: world)
    x.onRead = {
      _ = Pipe.drain(x.number)
      reactor.removeReader(y)
      // Closes the number and gives it to another file at once.
      #expect(dup2(pipes[2].reading, number) == number)
      try reactor.addReader(successor)
      return nil
    }
    try reactor.addReader(x)
    try reactor.addReader(y)
    reactor.iterate()
    #expect(world.take() == ["x.doRead@1p"])
    pipes[2].send("x")
    reactor.iterate()
    #expect(world.take() == ["successor.doRead@2p"])
  }

  @Test(arguments: BackEnd.allCases)
  func `events are served in the order of the poller`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pairs = (0..<3).map { _ in SocketPair() }
    let descriptors = zip(["a", "b", "c"], pairs).map { TestDescriptor($0, $1.near, in: world) }
    for descriptor in descriptors {
      descriptor.onRead = {
        _ = Pipe.drain(descriptor.number)
        return nil
      }
      try reactor.addReader(descriptor)
    }
    func makeReady() { for index in [2, 0, 1] { #expect(write(pairs[index].far, "x", 1) == 1) } }
    makeReady()
    reactor.iterate()
    let inOrderOfReadiness = ["c.doRead", "a.doRead", "b.doRead"]
    #expect(
      world.take().map { String($0.dropLast(3)) }
        == (backEnd == .epoll ? inOrderOfReadiness : ["a.doRead", "b.doRead", "c.doRead"]))
    // A change of interest moves a descriptor to the end of poll's list.
    try reactor.addWriter(descriptors[0])
    reactor.removeWriter(descriptors[0])
    makeReady()
    reactor.iterate()
    #expect(
      world.take().map { String($0.dropLast(3)) }
        == (backEnd == .epoll ? inOrderOfReadiness : ["b.doRead", "c.doRead", "a.doRead"]))
  }

  @Test(arguments: BackEnd.allCases)
  func `a hang-up without input is a clean end for a reader and a loss for a writer`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let input = Pipe()
    let output = Pipe()
    let socket = SocketPair()
    input.send("x")
    input.closeWriting()
    let reader = TestDescriptor("reader", input.reading, in: world)
    reader.onRead = {
      _ = Pipe.drain(input.reading)
      return nil
    }
    try reactor.addReader(reader)
    reactor.iterate()
    #expect(world.take() == ["reader.doRead@1p"])
    reactor.iterate()
    #expect(world.take() == ["reader.lost done@2p"])
    output.closeReading()
    try reactor.addWriter(TestDescriptor("writer", output.writing, in: world))
    reactor.iterate()
    #expect(world.take() == ["writer.lost lost@3p"])
    socket.closeFar()
    let half = HalfCloseableTestDescriptor("socket", socket.near, in: world)
    half.onRead = { ConnectionClosed.done }
    try reactor.addReader(half)
    reactor.iterate()
    #expect(world.take() == ["socket.doRead@4p", "socket.readLost done@4p"])
    try reactor.addWriter(half)
    reactor.iterate()
    #expect(world.take() == ["socket.lost lost@5p"])
  }

  @Test(arguments: BackEnd.allCases)
  func `what doRead returns or throws is the reason, and only a returned clean end is half a close`(
    _ backEnd: BackEnd
  ) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pipe = Pipe()
    pipe.send("x")
    func outcome(_ number: Int32? = nil, _ body: @escaping () throws -> (any Error)?) throws -> [String] {
      let descriptor = HalfCloseableTestDescriptor("d", pipe.reading, in: world)
      descriptor.onRead = body
      try reactor.addReader(descriptor)
      if let number { descriptor.number = number }
      reactor.iterate()
      #expect(reactor.getReaders().isEmpty)
      return world.take().map { String($0.prefix { $0 != "@" }) }
    }
    #expect(try outcome { ConnectionClosed.done } == ["d.doRead", "d.readLost done"])
    #expect(world.log.errors == [])
    #expect(try outcome { throw ConnectionClosed.done } == ["d.doRead", "d.lost done"])
    #expect(try outcome { ConnectionClosed.lost } == ["d.doRead", "d.lost lost"])
    #expect(try outcome { ConnectionClosed.aborted } == ["d.doRead", "d.lost aborted"])
    #expect(try outcome { throw Oops("read") } == ["d.doRead", "d.lost read"])
    #expect(try outcome(-1) { nil } == ["d.lost descriptor-went-away"])
    #expect(world.log.errors == ["done", "read"])
    #expect(world.log.events.filter { $0.error != nil }.allSatisfy { $0.system == "d" })
  }

  @Test(arguments: BackEnd.allCases)
  func `a clean end from reading keeps the writing side, and a write is the last to give a reason`(
    _ backEnd: BackEnd
  ) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pair = SocketPair()
    #expect(write(pair.far, "x", 1) == 1)
    let half = HalfCloseableTestDescriptor("d", pair.near, in: world)
    half.onRead = { ConnectionClosed.done }
    try reactor.addReader(half)
    try reactor.addWriter(half)
    reactor.iterate()
    #expect(world.take() == ["d.doRead@1p", "d.readLost done@1p"])
    #expect(reactor.getReaders().isEmpty && reactor.getWriters().count == 1)
    half.onWrite = { ConnectionClosed.done }
    half.onRead = { nil }
    try reactor.addReader(half)
    reactor.iterate()
    // Not from reading: both sides end.
    #expect(world.take() == ["d.doRead@2p", "d.doWrite@2p", "d.lost done@2p"])
    #expect(reactor.getReaders().isEmpty && reactor.getWriters().isEmpty)
  }

  @Test(arguments: BackEnd.allCases)
  func `an error in connectionLost is logged, and the rest of the batch is served`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let pipes = [Pipe(), Pipe()]
    for (index, pipe) in pipes.enumerated() {
      pipe.send("x")
      let descriptor = TestDescriptor("d\(index)", pipe.reading, in: world)
      descriptor.onRead = { Oops("reason") }
      descriptor.onLost = { throw Oops("lost \(index)") }
      try world.reactor.addReader(descriptor)
    }
    world.reactor.iterate()
    #expect(world.events == ["d0.doRead@1p", "d0.lost reason@1p", "d1.doRead@1p", "d1.lost reason@1p"])
    #expect(world.log.errors == ["lost 0", "lost 1"])
  }

  @Test(arguments: BackEnd.allCases)
  func `removeAll gives each object once, and leaves only what the reactor needs`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reactor = world.reactor
    let pairs = [SocketPair(), SocketPair()]
    let x = TestDescriptor("x", pairs[0].near, in: world)
    let y = TestDescriptor("y", pairs[1].near, in: world)
    try reactor.addReader(x)
    try reactor.addWriter(x)
    try reactor.addWriter(y)
    #expect(reactor.removeAll().compactMap { ($0 as? TestDescriptor)?.name }.sorted() == ["x", "y"])
    #expect(reactor.getReaders().isEmpty && reactor.getWriters().isEmpty)
    #expect(reactor.removeAll().isEmpty)
    // It still wakes up.
    reactor.callFromThread { world.note("thread") }
    reactor.iterate(.seconds(60))
    #expect(world.events == ["thread"])
  }

  @Test(arguments: BackEnd.allCases)
  func `a regular file is read in every turn: among the timers under epoll, by the poll under poll`(
    _ backEnd: BackEnd
  ) throws {
    let io = StillIO()
    let world = try ReactorWorld(backEnd, io: io)
    defer { world.tearDown() }
    let reactor = world.reactor
    let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    #expect(descriptor >= 0)
    defer { close(descriptor) }
    let file = TestDescriptor("file", descriptor, in: world)
    let bad = TestDescriptor("bad", dup(descriptor), in: world)
    defer { close(bad.number) }
    bad.onRead = { ConnectionClosed.lost }
    bad.onLost = { throw Oops("lost") }
    reactor.removeReader(file)
    try reactor.addReader(bad)
    try reactor.addReader(file)
    for _ in 0..<3 {
      io.now += 1000
      reactor.iterate()
    }
    let step = backEnd == .epoll ? "t" : "p"
    // One that fails does not stop the others.
    #expect(
      world.take() == [
        "bad.doRead@1\(step)", "bad.lost lost@1\(step)", "file.doRead@1\(step)", "file.doRead@2\(step)",
        "file.doRead@3\(step)",
      ])
    #expect(reactor.getReaders().count == 1)
    #expect(reactor.removeAll().count == 1)
    #expect(reactor.getDelayedCalls().isEmpty)
    io.now += 1000
    reactor.iterate()
    #expect(world.take() == [])
  }

  @Test(arguments: BackEnd.allCases)
  func `an object that is released with its registration may use the reactor as it goes`(_ backEnd: BackEnd) throws {
    final class Last: TestDescriptor {
      deinit {
        world.reactor.removeReader(self)
        world.note("gone, readers \(world.reactor.getReaders().count)")
      }
    }
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let pairs = [SocketPair(), SocketPair(), SocketPair()]
    func add(_ pair: SocketPair) throws {
      let last = Last("last", pair.near, in: world, isTorn: false)
      last.onRead = { ConnectionClosed.lost }
      try world.reactor.addReader(last)
    }
    // At once, at the end of a dispatch, and taken over by another.
    try add(pairs[0])
    #expect(world.reactor.removeAll().count == 1)
    #expect(world.take() == ["gone, readers 0"])
    try add(pairs[1])
    #expect(write(pairs[1].far, "x", 1) == 1)
    world.reactor.iterate()
    #expect(world.take() == ["last.doRead@1p", "last.lost lost@1p", "gone, readers 0"])
    try add(pairs[2])
    try world.reactor.addWriter(TestDescriptor("heir", pairs[2].near, in: world))
    #expect(world.take() == ["gone, readers 1"])
  }

  @Test func `what is released with a cancelled call may ask that call`() throws {
    final class Owner {
      var call: DelayedCall?
      var outcome: (String) -> Void = { _ in }
      deinit { outcome("active \(call?.active() ?? true)") }
    }
    let world = try ReactorWorld()
    defer { world.tearDown() }
    var owner: Owner? = Owner()
    owner?.outcome = { world.note($0) }
    let call = try world.reactor.callLater(.seconds(1)) { [owner] in _ = owner }
    owner?.call = call
    owner = nil
    try call.cancel()
    #expect(world.events == ["active false"])
  }

  @Test(arguments: BackEnd.allCases)
  func `what cannot write is told so when it is polled for writing`(_ backEnd: BackEnd) throws {
    final class Reader: ReadDescriptor {
      let number: Int32
      var lost: (any Error)?

      init(_ number: Int32) { self.number = number }

      func fileno() throws -> Int32 { number }
      func doRead() throws -> (any Error)? { nil }
      func connectionLost(_ reason: any Error) throws { lost = reason }
    }
    final class Writer: WriteDescriptor {
      let number: Int32

      init(_ number: Int32) { self.number = number }

      func fileno() throws -> Int32 { number }
      func doWrite() throws -> (any Error)? { nil }
      func connectionLost(_ reason: any Error) throws {}
    }
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let pair = SocketPair()
    let writer = Writer(pair.near)
    let reader = Reader(pair.near)
    try world.reactor.addWriter(writer)
    // Takes the descriptor over for both directions, and cannot serve the other.
    try world.reactor.addReader(reader)
    world.reactor.iterate()
    #expect(reader.lost as? DescriptorError == .wrongDirection)
    #expect(world.reactor.getReaders().isEmpty && world.reactor.getWriters().isEmpty)
  }

  @Test(arguments: BackEnd.allCases)
  func `a number that is far from any descriptor is refused, and costs no memory`(_ backEnd: BackEnd) throws {
    let world = try ReactorWorld(backEnd)
    defer { world.tearDown() }
    let reader = TestDescriptor("r", .max, in: world)
    #expect(throws: DescriptorError.system(.badDescriptor)) { try world.reactor.addReader(reader) }
    #expect(throws: DescriptorError.system(.badDescriptor)) { try world.reactor.addWriter(reader) }
    #expect(world.reactor.getReaders().isEmpty && world.reactor.getWriters().isEmpty)
  }
}
