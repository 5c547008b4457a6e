import Pair
import Reactor
import Testing

@Suite struct TuntapPortTests {
  @Test(arguments: [TunnelFlags.tun, .tap])
  func `starting opens, sets up, connects and polls, in this order`(mode: TunnelFlags) throws {
    let world = try TunnelWorld(mode)
    try world.port.startListening()
    let tunnel = try world.tunnel
    #expect(tunnel.openFlags == 7)
    #expect(!tunnel.blocking && tunnel.closeOnExec)
    #expect(tunnel.tunnelMode == [mode, .noPI])
    #expect(tunnel.requestedName == Array("tun0".utf8) + [UInt8](repeating: 0, count: 12))
    #expect(world.port.interface.bytes == Array("tun0".utf8) + [UInt8](repeating: 0, count: 9) + Array("123".utf8))
    #expect(world.port.connected && !world.port.disconnected && !world.port.disconnecting)
    #expect(world.receiver.happened == ["start with transport"])
    #expect(world.receiver.transport === world.port)
    #expect(world.reactor.happened == ["addReader"])
    #expect(world.port.getHost() == TunnelAddress(type: mode, name: world.port.interface))
    #expect(world.log.events.map(\.message) == ["\(type(of: world.receiver)) starting on tun0"])
  }

  @Test(arguments: [MemoryIOSystem.Permission.open, .ioctl], PairProfile.allCases)
  func `a refusal names the device and its cause`(
    permission: MemoryIOSystem.Permission, profile: PairProfile
  ) throws {
    let world = try TunnelWorld(.tun, profile: profile)
    world.system.permissions.remove(permission)
    #expect(throws: CannotOpenTunnelError(name: "tun0", cause: .operationNotPermitted)) {
      try world.port.startListening()
    }
    #expect(!world.port.connected)
    #expect(throws: TunnelError.notStarted) { try world.port.fileno() }
    // Twisted leaves the device open that it could not set up.
    let leaked: [Int32] = permission == .ioctl && profile == .twistedCompatible ? [8192] : []
    #expect(world.system.openDescriptors == leaked)
  }

  @Test func `stopping removes the reader at once and closes in the next due calls, once`() throws {
    let world = try TunnelWorld(.tap)
    try world.port.startListening()
    world.reactor.happened = []
    let stopped = world.port.stopListening()
    #expect(world.port.stopListening() === stopped)
    #expect(world.reactor.happened == ["removeReader", "callLater", "removeReader"])
    #expect(!stopped.called && world.port.connected && world.port.disconnecting)
    #expect(try world.port.write(bytes([1, 2, 3, 4]).span.bytes) == 4)
    try world.reactor.clock.advance(.zero)
    #expect(stopped.called)
    #expect(world.system.openDescriptors.isEmpty)
    #expect(world.receiver.happened == ["start with transport", "stop without transport"])
    #expect(Array(world.reactor.happened.suffix(2)) == ["removeReader", "removeWriter"])
    #expect(try world.port.fileno() == -1)
    #expect(throws: Errno.badDescriptor) { try world.port.write(bytes([1]).span.bytes) }
    #expect(throws: TunnelError.self) { try world.port.connectionLost() }
  }

  @Test func `a port that never listened has stopped already`() throws {
    let world = try TunnelWorld(.tun)
    #expect(world.port.stopListening().called)
    #expect(world.reactor.happened == ["removeReader"])
  }

  @Test(arguments: PairProfile.allCases)
  func `a port that was started anew is stopped anew, which Twisted cannot`(profile: PairProfile) throws {
    let world = try TunnelWorld(.tun, profile: profile)
    try world.port.startListening()
    let first = world.port.stopListening()
    try world.reactor.clock.advance(.zero)
    try world.port.startListening()
    #expect(world.system.openDescriptors == [8193])
    let second = world.port.stopListening()
    try world.reactor.clock.advance(.zero)
    #expect((second === first) == (profile == .twistedCompatible))
    #expect(world.system.openDescriptors == (profile == .twistedCompatible ? [8193] : []))
  }

  @Test(arguments: PairProfile.allCases)
  func `a protocol that throws while it is stopped fails the Deferred`(profile: PairProfile) throws {
    let world = try TunnelWorld(.tun, profile: profile)
    world.receiver.stopError = Planned()
    try world.port.startListening()
    var failure: (any Error)?
    world.port.stopListening().addErrback { failure = $0 }
    try world.reactor.clock.advance(.zero)
    #expect(failure is Planned)
    #expect(world.system.openDescriptors == (profile == .twistedCompatible ? [8192] : []))
  }

  @Test func `cancelling the stop leaves the port open and unread`() throws {
    let world = try TunnelWorld(.tun)
    try world.port.startListening()
    let stopped = world.port.stopListening()
    stopped.addErrback { _ in }
    stopped.cancel()
    try world.reactor.clock.advance(.zero)
    #expect(world.port.connected && world.reactor.readers.isEmpty)
  }

  @Test func `one turn reads until 262,144 bytes were read or nothing is left`() throws {
    let world = try TunnelWorld(.tun)
    try world.port.startListening()
    try world.tunnel.readBuffer = Array(repeating: [UInt8](repeating: 7, count: 9000), count: 33)
    #expect(try world.port.doRead() == nil)
    #expect(world.receiver.received.count == 32)
    #expect(world.receiver.received.allSatisfy { $0.count == 8192 })
    #expect(try world.port.doRead() == nil)
    #expect(world.receiver.received.count == 33)
  }

  @Test(arguments: [Tunnel.eagainStyle, Tunnel.ewouldblockStyle, Tunnel.eintrStyle])
  func `an empty or interrupted read ends the turn`(style: Errno) throws {
    let world = try TunnelWorld(.tap)
    try world.port.startListening()
    try world.tunnel.nonBlockingExceptionStyle = style
    #expect(try world.port.doRead() == nil)
    #expect(world.receiver.received.isEmpty)
  }

  @Test func `any other error of a read goes to the reactor`() throws {
    let world = try TunnelWorld(.tap)
    try world.port.startListening()
    try world.tunnel.nonBlockingExceptionStyle = Planned()
    #expect(throws: Planned()) { _ = try world.port.doRead() }
    try world.tunnel.nonBlockingExceptionStyle = Errno.operationNotPermitted
    #expect(throws: Errno.operationNotPermitted) { _ = try world.port.doRead() }
  }

  @Test func `what the protocol throws is logged and reading goes on`() throws {
    let world = try TunnelWorld(.tun)
    try world.port.startListening()
    world.receiver.onReceive = { throw Planned() }
    try world.tunnel.readBuffer = [[1], [2]]
    #expect(try world.port.doRead() == nil)
    #expect(world.receiver.received == [[1], [2]])
    let errors = world.log.events.filter { $0.level == .critical }
    #expect(
      errors.map(\.message) == Array(repeating: "Unhandled exception from PacketRecorder.datagramReceived", count: 2))
    #expect(errors.allSatisfy { $0.error is Planned })
  }

  @Test func `a protocol that reads inside its read, or stops the port there, loses no packet`() throws {
    let world = try TunnelWorld(.tun)
    try world.port.startListening()
    try world.tunnel.readBuffer = [[1], [2], [3]]
    world.receiver.onReceive = {
      world.receiver.onReceive = nil
      world.port.stopListening()
      _ = try world.port.doRead()
    }
    #expect(try world.port.doRead() == nil)
    #expect(world.receiver.received == [[1], [2], [3]])
    try world.reactor.clock.advance(.zero)
    #expect(world.system.openDescriptors.isEmpty)
  }

  @Test func `an interrupted write is made again, however often, and other errors reach the caller`() throws {
    let world = try TunnelWorld(.tun)
    try world.port.startListening()
    let tunnel = try world.tunnel
    tunnel.pendingSignals = Array(repeating: 2, count: 5000)
    #expect(try world.port.write(bytes([1, 2]).span.bytes) == 2)
    #expect(tunnel.pendingSignals.isEmpty && tunnel.writeBuffer == [[1, 2]])
    let large = [UInt8](repeating: 0, count: 1025)
    #expect(throws: Errno.noBufferSpace) { try world.port.write(large.span.bytes) }
  }

  @Test func `the pieces of a sequence are one packet, and none are an empty one`() throws {
    let world = try TunnelWorld(.tap)
    try world.port.startListening()
    try world.port.writeSequence([[1], [2, 3], []])
    try world.port.writeSequence([])
    #expect(try world.tunnel.writeBuffer == [[1, 2, 3], []])
  }

  @Test func `a protocol that takes neither frames nor packets is refused`() {
    #expect(throws: TunnelError.self) {
      _ = try TuntapPort("tun0", RawUDPProtocol(), reactor: PortReactor(), system: MemoryIOSystem())
    }
  }

  @Test func `a producer is told when the port is closed`() throws {
    final class Source: Producer {
      var happened: [String] = []
      func resumeProducing() { happened.append("resume") }
      func stopProducing() { happened.append("stop") }
    }
    let world = try TunnelWorld(.tun)
    try world.port.startListening()
    let source = Source()
    try world.port.registerProducer(source, streaming: false)
    #expect(throws: ProducerError.alreadyRegistered) { try world.port.registerProducer(source, streaming: true) }
    try world.port.connectionLost()
    #expect(source.happened == ["resume", "stop"])
    try world.port.registerProducer(source, streaming: true)
    #expect(source.happened == ["resume", "stop", "stop"])
  }

  @Test(arguments: BackEnd.allCases, [TunnelFlags.tun, .tap])
  func `a reactor over memory reads, stops and takes no real time`(backEnd: BackEnd, mode: TunnelFlags) throws {
    let system = MemoryIOSystem.withTunnels()
    let reactor = try Reactor(backEnd, io: system, log: .none)
    let receiver = mode == .tap ? FrameRecorder() : PacketRecorder()
    let port = try TuntapPort("tun0", receiver, reactor: reactor)
    try port.startListening()
    try reactor.callLater(.seconds(3600)) { try system.sendUDP(Array("hello".utf8), host: "172.16.2.2", port: 12_345) }
    receiver.onReceive = { port.stopListening().addCallback { try reactor.stop() } }
    try reactor.run()
    receiver.onReceive = nil
    #expect(receiver.received.count == 1)
    #expect(receiver.received.first?.count == (mode == .tap ? 47 : 33))
    #expect(system.openDescriptors.isEmpty)
    #expect(system.monotonicTime() >= 3_600_000_000_000)
  }
}
