import Pair

extension PacketJSON {
  static func ipv4(_ packet: borrowing DecodedPacket) -> JSON? {
    guard let view = packet.ipv4 else { return nil }
    return JSON([
      "headerLength": number(view.headerByteCount), "dscp": number(view.dscp), "ecn": number(view.ecn),
      "totalLength": number(view.totalLength), "identification": number(view.identification),
      "reservedFlag": .bool(view.reservedFlag), "dontFragment": .bool(view.dontFragment),
      "moreFragments": .bool(view.moreFragments), "fragmentOffset": number(Int(view.fragmentOffset) * 8),
      "timeToLive": number(view.timeToLive), "protocol": number(view.protocolNumber.rawValue),
      "checksum": number(view.checksum), "source": text(view.source), "destination": text(view.destination),
      "options": view.optionBytes.byteCount > 0 ? ipv4Options(view) : nil,
    ])
  }

  private static func ipv4Options(_ view: borrowing IPv4View) -> JSON {
    var list: [JSON] = []
    var options = view.options
    do throws(PacketError) {
      while let option = try options.next() {
        list.append(JSON(["kind": number(option.kind.rawValue), "data": bytes(option.data)]))
      }
    } catch {
      list.append(JSON(["failure": .string("\(error)")]))
    }
    return .array(list)
  }

  static func ipv6(_ packet: borrowing DecodedPacket) -> JSON? {
    guard let view = packet.ipv6 else { return nil }
    var list: [JSON] = []
    var extensions = view.extensions
    do throws(PacketError) {
      while let header = try extensions.next() { list.append(ipv6Extension(header)) }
    } catch {
      // The packet's own failure says it.
    }
    return JSON([
      "trafficClass": number(view.trafficClass), "flowLabel": number(view.flowLabel),
      "payloadLength": number(view.payloadLength), "nextHeader": number(view.nextHeader.rawValue),
      "hopLimit": number(view.hopLimit), "source": text(view.source), "destination": text(view.destination),
      "extensions": list.isEmpty ? nil : .array(list),
    ])
  }

  private static func ipv6Extension(_ header: borrowing IPv6ExtensionView) -> JSON {
    var members: [JSONMember] = [
      JSONMember(name: "kind", value: number(header.kind.rawValue)),
      JSONMember(name: "nextHeader", value: number(header.nextHeader.rawValue)),
    ]
    if let fragment = header.fragment {
      members += [
        JSONMember(name: "fragmentOffset", value: number(fragment.fragmentOffset)),
        JSONMember(name: "moreFragments", value: .bool(fragment.moreFragments)),
        JSONMember(name: "identification", value: number(fragment.identification)),
      ]
    } else if let routing = header.routing {
      members += [
        JSONMember(name: "routingType", value: number(routing.routingType)),
        JSONMember(name: "segmentsLeft", value: number(routing.segmentsLeft)),
        JSONMember(name: "data", value: bytes(routing.data)),
      ]
    } else if let authentication = header.authentication {
      members += [
        JSONMember(name: "securityParametersIndex", value: number(authentication.securityParametersIndex)),
        JSONMember(name: "sequenceNumber", value: number(authentication.sequenceNumber)),
        JSONMember(name: "integrityCheckValue", value: bytes(authentication.integrityCheckValue)),
      ]
    } else if let options = header.options {
      members.append(JSONMember(name: "options", value: Self.options(options)))
    }
    return .object(members)
  }

  /// Options by their numbers, with what they hold.
  static func options(_ iterator: consuming OptionIterator) -> JSON {
    var list: [JSON] = []
    var options = iterator
    do throws(PacketError) {
      while let option = try options.next() {
        list.append(JSON(["type": number(option.type), "data": bytes(option.data)]))
      }
    } catch {
      list.append(JSON(["failure": .string("\(error)")]))
    }
    return .array(list)
  }
}
