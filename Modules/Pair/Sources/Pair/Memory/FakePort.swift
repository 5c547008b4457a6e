/// Receives the UDP datagrams that an application wrote to a tunnel in memory.
///
/// Mirrors `twisted.pair.testing._FakePort`, which takes the packets apart with the protocol layers themselves.
public final class FakePort {
  private let system: MemoryIOSystem
  private let descriptor: Int32

  init(_ system: MemoryIOSystem, _ descriptor: Int32) {
    self.system = system
    self.descriptor = descriptor
  }

  /// Takes the oldest packet that was written, whatever it is, and reads the datagram for port 12345 in it.
  ///
  /// - Parameter count: How many bytes are wanted at most; below 0 as many are left out at the end.
  /// - Returns: The payload.
  /// - Throws: ``TunnelError/unknownDescriptor(_:)`` once the tunnel is closed; ``TunnelError/nothingThere`` when nothing was
  ///   written, or no such datagram is in it; ``TunnelError/notConfigured``; ``TunnelError/shortPacket(needed:found:)``.
  public func recv(_ count: Int) throws -> [UInt8] {
    guard let tunnel = system.device(at: descriptor) as? Tunnel else {
      throw TunnelError.unknownDescriptor(descriptor)
    }
    guard !tunnel.writeBuffer.isEmpty else { throw TunnelError.nothingThere }
    var datagram = tunnel.writeBuffer.removeFirst()
    guard let mode = tunnel.tunnelMode else { throw TunnelError.notConfigured }
    if !mode.contains(.noPI) { datagram = Array(datagram.dropFirst(Tunnel.packetInformationSize)) }

    let received = Received()
    let udp = RawUDPProtocol()
    let ip = IPProtocol()
    try udp.addProto(12_345, received)
    try ip.addProto(17, udp)
    // The bytes are valid while the array is, which is not changed during the call.
    let bytes = unsafe datagram.span.bytes
    if mode.contains(.tap) {
      let ethernet = EthernetProtocol()
      try ethernet.addProto(MemoryPackets.ipv4, ip)
      try ethernet.datagramReceived(bytes, partial: 0)
    } else {
      let unknown = LinkHeader(destination: .none, source: .none, etherType: .none)
      try ip.datagramReceived(bytes, partial: 0, link: unknown)
    }
    guard let first = received.datagrams.first else { throw TunnelError.nothingThere }
    return Array(first[upTo: count])
  }

  private final class Received: RawUDPReceiver {
    var datagrams: [[UInt8]] = []

    func datagramReceived(_ datagram: RawSpan, host: HeaderValue, port: UInt16) {
      datagrams.append(datagram.copied())
    }
  }
}
