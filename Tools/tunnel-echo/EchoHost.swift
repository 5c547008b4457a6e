import Addresses
import Pair

/// A host with one IPv4 address: it answers ARP, pings, and UDP datagrams to the echo port.
///
/// It does no input or output: it is given what came in, and returns what is to go out.
struct EchoHost {
  /// The port whose datagrams are sent back (RFC 862).
  static let echoPort: UInt16 = 7
  /// The port that its own datagrams are from, and answers to them are for.
  static let ownPort: UInt16 = 49_152
  /// How many neighbours it remembers: whoever asks for it is one.
  private static let neighbourLimit = 256

  /// What is to be done about what came in.
  enum Action: Equatable {
    /// This frame or packet is to be sent.
    case send([UInt8])
    /// This datagram came to ``ownPort``.
    case deliver(from: IPv4Address.Host, port: UInt16, payload: [UInt8])
  }

  let address: IPv4Address.Host
  /// Its Ethernet address on a tap device; `nil` on a tun device, where packets go without frames.
  let station: EthernetAddress?
  /// The largest packet that the link carries, in bytes.
  let mtu: Int
  private var neighbours: [IPv4Address.Host: EthernetAddress] = [:]
  private var fragments = FragmentReassembler<FragmentKey>()
  private var identification: UInt16 = 0

  init(address: IPv4Address.Host, station: EthernetAddress? = nil, mtu: Int = 1500) {
    self.address = address
    self.station = station
    self.mtu = mtu
  }

  /// Takes what came in: a frame where there is a station, else a packet.
  ///
  /// What is broken is thrown, and never answered.
  mutating func receive(_ bytes: RawSpan, now: Duration) throws(PacketError) -> [Action] {
    let packet = PacketDecoder(start: station == nil ? .ip : .ethernet).decode(bytes)
    if let failure = packet.failure { throw failure }
    if let frame = packet.ethernet {
      guard frame.destination == station || frame.destination.isBroadcast, frame.headerByteCount == 14 else {
        return []
      }
      if let arp = packet.arp { return try answer(ARPHeader(arp)) }
      return try answer(packet, at: frame.source, now: now)
    }
    return try answer(packet, at: nil, now: now)
  }

  /// Makes a datagram from ``ownPort``; while the receiver's station is not known, the question for it.
  mutating func datagram(
    _ payload: [UInt8], to host: IPv4Address.Host, port: UInt16
  ) throws(PacketError) -> (isDatagram: Bool, actions: [Action]) {
    if let station, neighbours[host] == nil {
      let question = ARPAddresses.ethernetIPv4(
        senderHardware: station, senderProtocol: address, targetHardware: EthernetAddress(0, 0, 0, 0, 0, 0),
        targetProtocol: host)
      return (false, try frame(ARPHeader(operation: .request, addresses: question), to: .broadcast))
    }
    return (true, try udp(payload, from: Self.ownPort, to: host, port: port, at: neighbours[host]))
  }

  private mutating func answer(_ arp: ARPHeader) throws(PacketError) -> [Action] {
    guard let station, case .ethernetIPv4(let hardware, let sender, _, address) = arp.addresses else { return [] }
    if neighbours.count < Self.neighbourLimit { neighbours[sender] = hardware }
    guard arp.operation == .request else { return [] }
    let reply = ARPAddresses.ethernetIPv4(
      senderHardware: station, senderProtocol: address, targetHardware: hardware, targetProtocol: sender)
    return try frame(ARPHeader(operation: .reply, addresses: reply), to: hardware)
  }

  private mutating func answer(
    _ packet: borrowing DecodedPacket, at neighbour: EthernetAddress?, now: Duration
  ) throws(PacketError) -> [Action] {
    guard let ip = packet.ipv4, ip.destination == address, isOneHost(ip.source) else { return [] }
    if packet.isFragment {
      guard case .complete(let whole) = fragments.add(ip, now: now).outcome else { return [] }
      // The bytes are valid while the array is.
      let packet = PacketDecoder(start: .ip).decode(unsafe whole.span.bytes)
      if let failure = packet.failure { throw failure }
      return try answer(packet, at: neighbour, now: now)
    }
    // Copies bytes that are valid during the call.
    let payload = unsafe packet.payload.withUnsafeBytes { unsafe Array($0) }
    if let icmp = packet.icmpv4, case .echoRequest(let identifier, let sequenceNumber) = icmp.message {
      var reply = PacketBuilder(payload: payload)
      try reply.prepend(ICMPv4Header(.echoReply(identifier: identifier, sequenceNumber: sequenceNumber)))
      return try packets(reply.bytes, .icmpv4, to: ip.source, at: neighbour)
    }
    if let udp = packet.udp {
      // An echo to an echo would never end.
      if udp.destinationPort == Self.echoPort, udp.sourcePort != Self.echoPort {
        return try self.udp(payload, from: Self.echoPort, to: ip.source, port: udp.sourcePort, at: neighbour)
      }
      if udp.destinationPort == Self.ownPort {
        return [.deliver(from: ip.source, port: udp.sourcePort, payload: payload)]
      }
    }
    return []
  }

  /// Whether an answer would go to one host, and not to itself.
  private func isOneHost(_ host: IPv4Address.Host) -> Bool {
    host != address && host != .any && host != .broadcast && !host.isMulticast
  }

  private mutating func udp(
    _ payload: [UInt8], from source: UInt16, to host: IPv4Address.Host, port: UInt16, at neighbour: EthernetAddress?
  ) throws(PacketError) -> [Action] {
    var builder = PacketBuilder(payload: payload)
    let header = UDPHeader(sourcePort: source, destinationPort: port, length: 0, checksum: 0)
    try builder.prepend(header, over: .ipv4(source: address, destination: host))
    return try packets(builder.bytes, .udp, to: host, at: neighbour)
  }

  /// Puts IPv4 headers, and frames, around a datagram: around its fragments where it is larger than the link carries.
  private mutating func packets(
    _ datagram: [UInt8], _ number: IPProtocolNumber, to host: IPv4Address.Host, at neighbour: EthernetAddress?
  ) throws(PacketError) -> [Action] {
    identification &+= 1
    let room = mtu - IPv4Header.minimumByteCount
    // Each fragment but the last has a multiple of eight bytes.
    let size = datagram.count <= room ? datagram.count : room / 8 * 8
    var actions: [Action] = []
    for start in stride(from: 0, to: datagram.count, by: size) {
      let end = min(start + size, datagram.count)
      var builder = PacketBuilder(payload: Array(datagram[start..<end]))
      try builder.prepend(
        IPv4Header(
          identification: identification, moreFragments: end < datagram.count, fragmentOffset: UInt16(start / 8),
          protocolNumber: number, source: address, destination: host))
      if let station, let neighbour {
        try builder.prepend(EthernetHeader(destination: neighbour, source: station, type: .ipv4))
      }
      actions.append(.send(builder.bytes))
    }
    return actions
  }

  private func frame(_ arp: ARPHeader, to destination: EthernetAddress) throws(PacketError) -> [Action] {
    guard let station else { return [] }
    var builder = PacketBuilder()
    try builder.prepend(arp)
    try builder.prepend(EthernetHeader(destination: destination, source: station, type: .arp))
    return [.send(builder.bytes)]
  }
}
