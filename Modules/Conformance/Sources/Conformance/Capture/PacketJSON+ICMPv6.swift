import Pair

extension PacketJSON {
  static func icmpv6(_ packet: borrowing DecodedPacket) -> JSON? {
    guard let view = packet.icmpv6 else { return nil }
    return JSON([
      "type": number(view.type), "code": number(view.code), "checksum": number(view.checksum),
      "message": json(view.message), "options": neighborOptions(view), "sources": sources(view),
      "records": records(view),
    ])
  }

  private static func neighborOptions(_ view: borrowing ICMPv6View) -> JSON? {
    guard var options = view.options else { return nil }
    var list: [JSON] = []
    do throws(PacketError) {
      while let option = try options.next() { list.append(json(NeighborDiscoveryOption(option))) }
    } catch {
      list.append(JSON(["failure": .string("\(error)")]))
    }
    return .array(list)
  }

  private static func json(_ option: NeighborDiscoveryOption) -> JSON {
    switch option {
    case .sourceLinkLayerAddress(let address):
      JSON(["option": "sourceLinkLayerAddress", "address": text(address)])
    case .targetLinkLayerAddress(let address):
      JSON(["option": "targetLinkLayerAddress", "address": text(address)])
    case .prefixInformation(let information):
      JSON([
        "option": "prefixInformation", "prefix": text(information.prefix),
        "prefixLength": number(information.prefixLength), "flags": number(information.flags),
        "validLifetime": number(information.validLifetime), "preferredLifetime": number(information.preferredLifetime),
      ])
    case .redirectedHeader(let packet):
      JSON(["option": "redirectedHeader", "packet": TraceValue.bytes(packet).json])
    case .mtu(let mtu): JSON(["option": "mtu", "mtu": number(mtu)])
    case .unknown(let type, let data): JSON(["option": number(type), "data": TraceValue.bytes(data).json])
    }
  }

  /// The sources of a query of version 2.
  private static func sources(_ view: borrowing ICMPv6View) -> JSON? {
    guard var sources = view.sources else { return nil }
    var list: [JSON] = []
    do throws(PacketError) {
      while let source = try sources.next() { list.append(text(source)) }
    } catch {
      list.append(JSON(["failure": .string("\(error)")]))
    }
    return .array(list)
  }

  /// The records of a report of version 2.
  private static func records(_ view: borrowing ICMPv6View) -> JSON? {
    guard var records = view.multicastRecords else { return nil }
    var list: [JSON] = []
    do throws(PacketError) {
      while let next = try records.next() {
        let record = MulticastRecord(next)
        list.append(
          JSON([
            "type": number(record.type), "group": text(record.group),
            "sources": .array(record.sources.map { text($0) }),
            "auxiliaryData": TraceValue.bytes(record.auxiliaryData).json,
          ]))
      }
    } catch {
      list.append(JSON(["failure": .string("\(error)")]))
    }
    return .array(list)
  }

  private static func json(_ message: ICMPv6Message) -> JSON {
    switch message {
    case .destinationUnreachable: JSON(["name": "destinationUnreachable"])
    case .packetTooBig(let mtu): JSON(["name": "packetTooBig", "mtu": number(mtu)])
    case .timeExceeded: JSON(["name": "timeExceeded"])
    case .parameterProblem(_, let pointer): JSON(["name": "parameterProblem", "pointer": number(pointer)])
    case .echoRequest(let identifier, let sequenceNumber): echo("echoRequest", identifier, sequenceNumber)
    case .echoReply(let identifier, let sequenceNumber): echo("echoReply", identifier, sequenceNumber)
    case .multicastListenerQuery(let group, let delay):
      JSON(["name": "multicastListenerQuery", "group": text(group), "maximumResponseDelay": number(delay)])
    case .multicastListenerQueryV2(let query):
      JSON([
        "name": "multicastListenerQueryV2", "group": text(query.group),
        "maximumResponseCode": number(query.maximumResponseCode), "flags": number(query.flags),
        "queryIntervalCode": number(query.queryIntervalCode), "sourceCount": number(query.sourceCount),
      ])
    case .multicastListenerReport(let group): JSON(["name": "multicastListenerReport", "group": text(group)])
    case .multicastListenerDone(let group): JSON(["name": "multicastListenerDone", "group": text(group)])
    case .multicastListenerReportV2(let count):
      JSON(["name": "multicastListenerReportV2", "recordCount": number(count)])
    case .routerSolicitation: JSON(["name": "routerSolicitation"])
    case .routerAdvertisement(let router):
      JSON([
        "name": "routerAdvertisement", "currentHopLimit": number(router.currentHopLimit),
        "managedAddresses": .bool(router.managedAddresses), "otherConfiguration": .bool(router.otherConfiguration),
        "flags": number(router.flags), "routerLifetime": number(router.routerLifetime),
        "reachableTime": number(router.reachableTime), "retransmitTimer": number(router.retransmitTimer),
      ])
    case .neighborSolicitation(let target): JSON(["name": "neighborSolicitation", "target": text(target)])
    case .neighborAdvertisement(let target, let flags):
      JSON([
        "name": "neighborAdvertisement", "target": text(target), "router": .bool(flags.contains(.router)),
        "solicited": .bool(flags.contains(.solicited)), "override": .bool(flags.contains(.override)),
      ])
    case .redirect(let target, let destination):
      JSON(["name": "redirect", "target": text(target), "destination": text(destination)])
    case .other(_, _, let rest): JSON(["name": "other", "restOfHeader": number(rest)])
    }
  }
}
