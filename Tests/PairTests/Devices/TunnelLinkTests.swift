import Pair
import Reactor
import Testing

@Suite struct TunnelLinkTests {
  /// The tunnel of the first descriptor.
  private static func open(
    _ medium: PacketMedium, _ system: MemoryIOSystem, _ body: (inout Tracer<FaultInjector<TunnelLink>>) throws -> Void,
    trace: @escaping (FrameDirection, [UInt8]) -> Void
  ) throws {
    let link = try TunnelLink("tun0", medium: medium, system: system)
    var device = Tracer(FaultInjector(link, seed: 1)) { (direction, _, frame) in
      trace(direction, Array(frame))
    }
    try body(&device)
  }

  @Test(arguments: PacketMedium.allCases)
  func `devices are put around a tunnel, which is closed with them`(medium: PacketMedium) throws {
    let system = MemoryIOSystem.withTunnels()
    var seen: [(FrameDirection, [UInt8])] = []
    try Self.open(medium, system) { device in
      #expect(device.medium == medium)
      try system.sendUDP([104, 105], host: "172.16.2.2", port: 12_345)
      var memory = [UInt8](repeating: 0, count: 1500)
      let received = try memory.withMutableRawSpan { bytes in try device.receive(into: &bytes, at: .zero) }
      let count = try #require(received)
      #expect(count == (medium == .ethernet ? 44 : 30))
      let frame = Array(memory[..<count])
      #expect(try device.send(frame.span.bytes, at: .zero))
      let nothing = try memory.withMutableRawSpan { bytes in try device.receive(into: &bytes, at: .zero) }
      #expect(nothing == nil)
      #expect(try device.send([UInt8](repeating: 0, count: 3).span.bytes, at: .zero))
      #expect(throws: Errno.noBufferSpace) {
        _ = try device.send([UInt8](repeating: 0, count: 1025).span.bytes, at: .zero)
      }
      #expect(system.openDescriptors == [8192])
    } trace: {
      seen.append(($0, $1))
    }
    #expect(seen.map(\.0) == [.received, .sent, .sent])
    #expect(seen[0].1 == seen[1].1)
    #expect(system.openDescriptors.isEmpty)
  }

  @Test func `a device that cannot be set up is closed, and the refusal is told`() {
    let system = MemoryIOSystem.withTunnels()
    system.permissions.remove(.ioctl)
    #expect(throws: Errno.operationNotPermitted) {
      _ = try TunnelLink("tun0", medium: .ip, system: system).medium
    }
    #expect(system.openDescriptors.isEmpty)
  }
}
