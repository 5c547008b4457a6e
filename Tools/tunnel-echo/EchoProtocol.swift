import Addresses
import Pair
import Reactor

/// Hands what comes from a port to an ``EchoHost``, and does what the host says.
///
/// What is broken is thrown: the port logs it, and reads on.
class EchoProtocol: AbstractDatagramProtocol {
  private var host: EchoHost
  private let clock: any ReactorTime
  private let deliver: (IPv4Address, [UInt8]) -> Void

  init(_ host: EchoHost, clock: any ReactorTime, deliver: @escaping (IPv4Address, [UInt8]) -> Void) {
    self.host = host
    self.clock = clock
    self.deliver = deliver
  }

  fileprivate func take(_ bytes: RawSpan) throws {
    try perform(host.receive(bytes, now: .seconds(clock.seconds())))
  }

  /// Sends a datagram; as long as the receiver's station is not known, asks for it instead and returns `false`.
  func send(_ payload: [UInt8], to host: IPv4Address.Host, port: UInt16) throws -> Bool {
    let (isDatagram, actions) = try self.host.datagram(payload, to: host, port: port)
    try perform(actions)
    return isDatagram
  }

  private func perform(_ actions: [EchoHost.Action]) throws {
    for action in actions {
      switch action {
      // The bytes are valid while the array is.
      case .send(let bytes): try transport?.write(unsafe bytes.span.bytes)
      case .deliver(let host, let port, let payload):
        deliver(IPv4Address(transport: .udp, host: host, port: port), payload)
      }
    }
  }
}

/// On a tap device, which carries Ethernet frames.
final class FrameEcho: EchoProtocol, EthernetReceiver {
  func datagramReceived(_ data: RawSpan, partial: Int) throws { try take(data) }
}

/// On a tun device, which carries IP packets.
final class PacketEcho: EchoProtocol, RawPacketReceiver {
  func datagramReceived(_ data: RawSpan, partial: Int, link: LinkHeader?) throws { try take(data) }
}
