import Addresses
import Pair

/// The far end where the tunnel is in memory: what comes in from it, and a look at what went out.
enum MemoryScript {
  private static let host = IPv4Address.Host(10, 1, 2, 3)
  private static let station = EthernetAddress(2, 0, 10, 1, 2, 3)

  /// Has an ARP request come in on a tap device, a ping, and a UDP datagram from 10.1.2.3, port 21345.
  static func play(on tunnel: Tunnel, _ system: MemoryIOSystem, to address: IPv4Address.Host) throws {
    if tunnel.tunnelMode?.contains(.tap) == true {
      var request = PacketBuilder()
      let question = ARPAddresses.ethernetIPv4(
        senderHardware: station, senderProtocol: host, targetHardware: EthernetAddress(0, 0, 0, 0, 0, 0),
        targetProtocol: address)
      try request.prepend(ARPHeader(operation: .request, addresses: question))
      try request.prepend(EthernetHeader(destination: .broadcast, source: station, type: .arp))
      tunnel.readBuffer.append(request.bytes)
    }
    var ping = PacketBuilder(payload: Array("ping".utf8))
    try ping.prepend(ICMPv4Header(.echoRequest(identifier: 1, sequenceNumber: 1)))
    try ping.prepend(IPv4Header(protocolNumber: .icmpv4, source: host, destination: address))
    try tunnel.addToReadBuffer(ping.bytes)
    try system.sendUDP(Array("hello".utf8), host: "\(address)", port: Int(EchoHost.echoPort))
  }

  /// Prints what went out, a line a packet.
  static func show(_ tunnel: Tunnel) {
    let decoder = PacketDecoder(start: tunnel.tunnelMode?.contains(.tap) == true ? .ethernet : .ip)
    for bytes in tunnel.writeBuffer {
      // The bytes are valid while the array is.
      say(PacketText.line(decoder.decode(unsafe bytes.span.bytes)))
    }
  }
}
