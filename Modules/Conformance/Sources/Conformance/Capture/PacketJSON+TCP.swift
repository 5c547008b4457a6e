import Pair

extension PacketJSON {
  static func tcp(_ packet: borrowing DecodedPacket) -> JSON? {
    guard let view = packet.tcp else { return nil }
    return JSON([
      "sourcePort": number(view.sourcePort), "destinationPort": number(view.destinationPort),
      "sequenceNumber": number(view.sequenceNumber), "acknowledgmentNumber": number(view.acknowledgmentNumber),
      "headerLength": number(view.headerByteCount), "flags": text(view.flags), "window": number(view.window),
      "checksum": number(view.checksum), "urgentPointer": number(view.urgentPointer),
      "options": view.optionBytes.byteCount > 0 ? tcpOptions(view) : nil,
    ])
  }

  private static func tcpOptions(_ view: borrowing TCPView) -> JSON {
    var list: [JSON] = []
    var options = view.options
    do throws(PacketError) {
      while let option = try options.next() { list.append(json(TCPOption(option))) }
    } catch {
      list.append(JSON(["failure": .string("\(error)")]))
    }
    return .array(list)
  }

  private static func json(_ option: TCPOption) -> JSON {
    switch option {
    case .endOfOptionList: JSON(["option": "endOfOptionList"])
    case .noOperation: JSON(["option": "noOperation"])
    case .maximumSegmentSize(let size): JSON(["option": "maximumSegmentSize", "size": number(size)])
    case .windowScale(let shift): JSON(["option": "windowScale", "shift": number(shift)])
    case .sackPermitted: JSON(["option": "sackPermitted"])
    case .sack(let blocks):
      JSON([
        "option": "sack",
        "blocks": .array(blocks.map { JSON(["left": number($0.left), "right": number($0.right)]) }),
      ])
    case .timestamps(let value, let echoReply):
      JSON(["option": "timestamps", "value": number(value), "echoReply": number(echoReply)])
    case .unknown(let kind, let data):
      JSON(["option": number(kind), "data": TraceValue.bytes(data).json])
    }
  }
}
