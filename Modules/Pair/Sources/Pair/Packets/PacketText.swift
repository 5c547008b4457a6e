/// Packets for people: one line a packet, one part a layer.
///
/// Tracers, reports and messages of tests all take their words from here, so that the same packet reads the same everywhere.
public enum PacketText {
  /// Says what a packet is.
  ///
  /// - Parameter packet: The packet.
  /// - Returns: The layers from the outermost, the size of the payload, and what is wrong, if anything is; one line.
  public static func line(_ packet: borrowing DecodedPacket) -> String {
    var parts: [String] = []
    if let ethernet = packet.ethernet { parts.append(EthernetHeader(ethernet).description) }
    if let arp = packet.arp { parts.append(ARPHeader(arp).description) }
    if let ipv4 = packet.ipv4 { parts.append(IPv4Header(ipv4).description) }
    if let ipv6 = packet.ipv6 {
      parts.append(IPv6Header(ipv6).description)
      parts += extensions(of: ipv6)
    }
    if let udp = packet.udp { parts.append(UDPHeader(udp).description) }
    if let tcp = packet.tcp { parts.append(TCPHeader(tcp).description) }
    if let icmpv4 = packet.icmpv4 { parts.append(ICMPv4Header(icmpv4).description) }
    if let icmpv6 = packet.icmpv6 { parts.append(ICMPv6Header(icmpv6).description) }
    if !packet.hasTransport, let number = packet.upperProtocol { parts.append(number.description) }
    let count = packet.payload.byteCount
    parts.append(count == 1 ? "1 byte" : "\(count) bytes")
    let line = parts.joined(separator: ", ")
    guard let failure = packet.failure else { return line }
    return "\(line) [\(failure)]"
  }

  private static func extensions(of packet: borrowing IPv6View) -> [String] {
    var parts: [String] = []
    var extensions = packet.extensions
    do throws(PacketError) {
      while let header = try extensions.next() {
        parts.append(header.fragment.map(\.description) ?? header.kind.description)
      }
    } catch {
      // The packet's failure says it.
    }
    return parts
  }

  /// A number as hexadecimal digits.
  fileprivate static func hex(_ number: some BinaryInteger) -> String { "0x" + String(number, radix: 16) }
}

extension VLANTag: CustomStringConvertible {
  /// The VLAN, with what else stands in the tag unless it is 0.
  public var description: String {
    (type == .serviceVLAN ? "service VLAN \(vlan)" : "VLAN \(vlan)") + (priority > 0 ? " priority \(priority)" : "")
      + (isDropEligible ? " drop-eligible" : "")
  }
}

extension EthernetHeader: CustomStringConvertible {
  /// The addresses, the tags, and the type where no layer above it says as much.
  public var description: String {
    let parts = ["Ethernet \(source) > \(destination)"] + tags.map(\.description)
    let isSaid = type == .ipv4 || type == .ipv6 || type == .arp
    return (isSaid ? parts : parts + [type.description]).joined(separator: ", ")
  }
}

extension ARPOperation: CustomStringConvertible {
  /// The operation's name, or its number.
  public var description: String {
    switch self {
    case .request: "request"
    case .reply: "reply"
    default: "operation \(rawValue)"
    }
  }
}

extension ARPHeader: CustomStringConvertible {
  /// What is asked or told.
  public var description: String {
    switch addresses {
    case .ethernetIPv4(let senderHardware, let senderProtocol, let targetHardware, let targetProtocol):
      switch operation {
      case .request: "ARP who has \(targetProtocol)? tell \(senderProtocol) at \(senderHardware)"
      case .reply: "ARP \(senderProtocol) is at \(senderHardware)"
      default:
        "ARP \(operation) \(senderProtocol) at \(senderHardware) > \(targetProtocol) at \(targetHardware)"
      }
    case .raw(let hardwareType, let protocolType, _, _, _, _):
      "ARP \(operation) of hardware \(hardwareType) and \(protocolType)"
    }
  }
}

extension IPv4Header: CustomStringConvertible {
  /// The addresses and the time to live, with what else stands in the header unless it is usual.
  public var description: String {
    var text = "IPv4 \(source) > \(destination) id \(identification) ttl \(timeToLive)"
    if typeOfService != 0 { text += " tos \(PacketText.hex(typeOfService))" }
    if reservedFlag { text += " reserved" }
    if dontFragment { text += " DF" }
    if moreFragments || fragmentOffset > 0 { text += " fragment \(Int(fragmentOffset) * 8)\(moreFragments ? "+" : "")" }
    if !options.isEmpty { text += " options \(options.count)" }
    return text
  }
}

extension IPv6Header: CustomStringConvertible {
  /// The addresses and the hop limit, with what else stands in the header unless it is 0.
  public var description: String {
    var text = "IPv6 \(source) > \(destination) hops \(hopLimit)"
    if trafficClass != 0 { text += " class \(PacketText.hex(trafficClass))" }
    if flowLabel != 0 { text += " flow \(PacketText.hex(flowLabel))" }
    return text
  }
}

extension IPv6FragmentHeader: CustomStringConvertible {
  /// The fragment's datagram and place; a plus where more follows.
  public var description: String {
    "fragment id \(PacketText.hex(identification)) \(fragmentOffset)\(moreFragments ? "+" : "")"
  }
}

extension UDPHeader: CustomStringConvertible {
  /// The ports.
  public var description: String { "UDP \(sourcePort) > \(destinationPort)" }
}

extension TCPHeader: CustomStringConvertible {
  /// The ports, flags, numbers and window.
  public var description: String {
    var text = "TCP \(sourcePort) > \(destinationPort) [\(flags)] seq \(sequenceNumber)"
    if flags.contains(.ack) { text += " ack \(acknowledgmentNumber)" }
    text += " win \(window)"
    if flags.contains(.urg) { text += " urg \(urgentPointer)" }
    if !optionBytes.isEmpty { text += " options \(optionBytes.count)" }
    return text
  }
}

extension ICMPv4Header: CustomStringConvertible {
  /// What the message says.
  public var description: String {
    switch message {
    case .echoRequest(let identifier, let sequenceNumber):
      "ICMPv4 echo request id \(identifier) seq \(sequenceNumber)"
    case .echoReply(let identifier, let sequenceNumber):
      "ICMPv4 echo reply id \(identifier) seq \(sequenceNumber)"
    case .destinationUnreachable(let code, _): "ICMPv4 destination unreachable, code \(code)"
    case .redirect(let code, let gateway): "ICMPv4 redirect to \(gateway), code \(code)"
    case .timeExceeded(let code): "ICMPv4 time exceeded, code \(code)"
    case .parameterProblem(let code, let pointer): "ICMPv4 parameter problem at \(pointer), code \(code)"
    case .timestampRequest(let identifier, let sequenceNumber, _):
      "ICMPv4 timestamp request id \(identifier) seq \(sequenceNumber)"
    case .timestampReply(let identifier, let sequenceNumber, _):
      "ICMPv4 timestamp reply id \(identifier) seq \(sequenceNumber)"
    case .other(let type, let code, _): "ICMPv4 type \(type), code \(code)"
    }
  }
}

extension ICMPv6Header: CustomStringConvertible {
  /// What the message says.
  public var description: String {
    switch message {
    case .destinationUnreachable(let code): "ICMPv6 destination unreachable, code \(code)"
    case .packetTooBig(let mtu): "ICMPv6 packet too big, mtu \(mtu)"
    case .timeExceeded(let code): "ICMPv6 time exceeded, code \(code)"
    case .parameterProblem(let code, let pointer): "ICMPv6 parameter problem at \(pointer), code \(code)"
    case .echoRequest(let identifier, let sequenceNumber):
      "ICMPv6 echo request id \(identifier) seq \(sequenceNumber)"
    case .echoReply(let identifier, let sequenceNumber): "ICMPv6 echo reply id \(identifier) seq \(sequenceNumber)"
    case .multicastListenerQuery(let group, _): "ICMPv6 multicast listener query \(group)"
    case .multicastListenerQueryV2: "ICMPv6 multicast listener query, version 2"
    case .multicastListenerReport(let group): "ICMPv6 multicast listener report \(group)"
    case .multicastListenerDone(let group): "ICMPv6 multicast listener done \(group)"
    case .multicastListenerReportV2(let count): "ICMPv6 multicast listener report, version 2, records \(count)"
    case .routerSolicitation: "ICMPv6 router solicitation"
    case .routerAdvertisement: "ICMPv6 router advertisement"
    case .neighborSolicitation(let target): "ICMPv6 neighbor solicitation, who has \(target)"
    case .neighborAdvertisement(let target, _): "ICMPv6 neighbor advertisement, target \(target)"
    case .redirect(let target, let destination): "ICMPv6 redirect of \(destination) to \(target)"
    case .other(let type, let code, _): "ICMPv6 type \(type), code \(code)"
    }
  }
}
