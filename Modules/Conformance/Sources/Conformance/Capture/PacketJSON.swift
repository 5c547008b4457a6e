import Pair

/// Packets for programs: every decoded field by its name.
public enum PacketJSON {
  /// Names the fields of a packet.
  ///
  /// - Parameters:
  ///   - packet: The packet.
  ///   - number: Its number in its capture, from 1.
  ///   - record: The packet as the capture has it.
  /// - Returns: An object: the packet's number, time and lengths, then an object a layer, from the outermost on, the payload,
  ///   and what is wrong, if anything is.
  public static func object(
    _ packet: borrowing DecodedPacket, number: Int, of record: borrowing CaptureRecord
  ) -> JSON {
    JSON([
      "packet": .int(number),
      "time": .string(record.time.captureText),
      "length": .int(record.originalLength),
      "captured": .int(record.bytes.byteCount),
      "ethernet": ethernet(packet),
      "arp": arp(packet),
      "ipv4": ipv4(packet),
      "ipv6": ipv6(packet),
      "udp": udp(packet),
      "tcp": tcp(packet),
      "icmpv4": icmpv4(packet),
      "icmpv6": icmpv6(packet),
      "payload": bytes(packet.payload),
      "failure": packet.failure.map { .string("\($0)") },
    ])
  }

  static func bytes(_ bytes: RawSpan) -> JSON { TraceValue.bytes(bytes.copied()).json }

  static func number(_ number: some BinaryInteger) -> JSON { .int(Int(clamping: number)) }

  static func text(_ value: some CustomStringConvertible) -> JSON { .string(value.description) }

  private static func ethernet(_ packet: borrowing DecodedPacket) -> JSON? {
    guard let view = packet.ethernet else { return nil }
    let header = EthernetHeader(view)
    let tags = header.tags.map {
      JSON([
        "type": number($0.type.rawValue), "vlan": number($0.vlan), "priority": number($0.priority),
        "dropEligible": .bool($0.isDropEligible),
      ])
    }
    return JSON([
      "destination": text(header.destination), "source": text(header.source),
      "tags": tags.isEmpty ? nil : .array(tags), "type": number(header.type.rawValue),
    ])
  }

  private static func arp(_ packet: borrowing DecodedPacket) -> JSON? {
    guard let view = packet.arp else { return nil }
    let header = ARPHeader(view)
    let sender: (hardware: JSON, protocol: JSON)
    let target: (hardware: JSON, protocol: JSON)
    switch header.addresses {
    case .ethernetIPv4(let senderHardware, let senderProtocol, let targetHardware, let targetProtocol):
      sender = (text(senderHardware), text(senderProtocol))
      target = (text(targetHardware), text(targetProtocol))
    case .raw:
      sender = (bytes(view.senderHardware), bytes(view.senderProtocol))
      target = (bytes(view.targetHardware), bytes(view.targetProtocol))
    }
    return JSON([
      "hardwareType": number(view.hardwareType), "protocolType": number(view.protocolType.rawValue),
      "hardwareLength": number(view.hardwareLength), "protocolLength": number(view.protocolLength),
      "operation": number(header.operation.rawValue), "senderHardware": sender.hardware,
      "senderProtocol": sender.protocol, "targetHardware": target.hardware, "targetProtocol": target.protocol,
    ])
  }

  private static func udp(_ packet: borrowing DecodedPacket) -> JSON? {
    guard let view = packet.udp else { return nil }
    return JSON([
      "sourcePort": number(view.sourcePort), "destinationPort": number(view.destinationPort),
      "length": number(view.length), "checksum": number(view.checksum),
    ])
  }
}
