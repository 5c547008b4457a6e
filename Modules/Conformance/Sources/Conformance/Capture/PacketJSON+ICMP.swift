import Pair

extension PacketJSON {
  static func icmpv4(_ packet: borrowing DecodedPacket) -> JSON? {
    guard let view = packet.icmpv4 else { return nil }
    return JSON([
      "type": number(view.type), "code": number(view.code), "checksum": number(view.checksum),
      "message": json(view.message),
    ])
  }

  private static func json(_ message: ICMPv4Message) -> JSON {
    switch message {
    case .echoReply(let identifier, let sequenceNumber): echo("echoReply", identifier, sequenceNumber)
    case .echoRequest(let identifier, let sequenceNumber): echo("echoRequest", identifier, sequenceNumber)
    case .destinationUnreachable(_, let mtu):
      JSON(["name": "destinationUnreachable", "nextHopMTU": number(mtu)])
    case .redirect(_, let gateway): JSON(["name": "redirect", "gateway": text(gateway)])
    case .timeExceeded: JSON(["name": "timeExceeded"])
    case .parameterProblem(_, let pointer): JSON(["name": "parameterProblem", "pointer": number(pointer)])
    case .timestampRequest(let identifier, let sequenceNumber, let times):
      timestamps("timestampRequest", identifier, sequenceNumber, times)
    case .timestampReply(let identifier, let sequenceNumber, let times):
      timestamps("timestampReply", identifier, sequenceNumber, times)
    case .other(_, _, let rest): JSON(["name": "other", "restOfHeader": number(rest)])
    }
  }

  static func echo(_ name: String, _ identifier: UInt16, _ sequenceNumber: UInt16) -> JSON {
    JSON(["name": .string(name), "identifier": number(identifier), "sequenceNumber": number(sequenceNumber)])
  }

  private static func timestamps(
    _ name: String, _ identifier: UInt16, _ sequenceNumber: UInt16, _ times: ICMPTimestamps
  ) -> JSON {
    JSON([
      "name": .string(name), "identifier": number(identifier), "sequenceNumber": number(sequenceNumber),
      "originate": number(times.originate), "receive": number(times.receive), "transmit": number(times.transmit),
    ])
  }
}
