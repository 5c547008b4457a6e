import Addresses

/// What a control message of IPv6 says.
///
/// Reserved bits, and codes without a meaning, are not told; ``ICMPv6Header`` keeps them.
public enum ICMPv6Message: Hashable, Sendable {
  /// A packet could not be delivered: 0 for no route, 1 forbidden, 3 for the address, 4 for the port.
  case destinationUnreachable(code: UInt8)
  /// A packet is larger than the MTU of the next hop, in bytes.
  case packetTooBig(mtu: UInt32)
  /// A packet went over too many routers (0), or its fragments came too late (1).
  case timeExceeded(code: UInt8)
  /// A header was wrong at this byte: 0 a field, 1 an unknown next header, 2 an unknown option.
  case parameterProblem(code: UInt8, pointer: UInt32)
  /// The payload is to be sent back.
  case echoRequest(identifier: UInt16, sequenceNumber: UInt16)
  /// An answer to an echo request.
  case echoReply(identifier: UInt16, sequenceNumber: UInt16)
  /// Who listens to multicast packets (RFC 2710)? An answer is due after this many milliseconds at most.
  case multicastListenerQuery(group: IPv6Address.Host, maximumResponseDelay: UInt16)
  /// The same by version 2 (RFC 3810); its sources follow.
  case multicastListenerQueryV2(MulticastListenerQueryV2)
  /// Somebody listens to a group.
  case multicastListenerReport(group: IPv6Address.Host)
  /// Somebody listens to a group no more.
  case multicastListenerDone(group: IPv6Address.Host)
  /// What somebody listens to, by version 2; so many records follow.
  case multicastListenerReportV2(recordCount: UInt16)
  /// Routers are to say that they are there.
  case routerSolicitation
  /// A router is there.
  case routerAdvertisement(RouterAdvertisement)
  /// The link-layer address of a neighbour is asked for.
  case neighborSolicitation(target: IPv6Address.Host)
  /// A neighbour is there.
  case neighborAdvertisement(target: IPv6Address.Host, flags: NeighborAdvertisementFlags)
  /// Packets for the destination are better sent to the target.
  case redirect(target: IPv6Address.Host, destination: IPv6Address.Host)
  /// Any other message; the third number is what stands behind the checksum.
  case other(type: UInt8, code: UInt8, restOfHeader: UInt32)

  /// The types, by number.
  enum Kind {
    static let destinationUnreachable: UInt8 = 1
    static let packetTooBig: UInt8 = 2
    static let timeExceeded: UInt8 = 3
    static let parameterProblem: UInt8 = 4
    static let echoRequest: UInt8 = 128
    static let echoReply: UInt8 = 129
    static let multicastListenerQuery: UInt8 = 130
    static let multicastListenerReport: UInt8 = 131
    static let multicastListenerDone: UInt8 = 132
    static let routerSolicitation: UInt8 = 133
    static let routerAdvertisement: UInt8 = 134
    static let neighborSolicitation: UInt8 = 135
    static let neighborAdvertisement: UInt8 = 136
    static let redirect: UInt8 = 137
    static let multicastListenerReportV2: UInt8 = 143
  }

  /// How many bytes of fields follow the 8 that all messages begin with.
  ///
  /// The length of the whole message tells the versions of a query apart.
  static func bodyByteCount(type: UInt8, of byteCount: Int) -> Int {
    switch type {
    case Kind.multicastListenerQuery: byteCount <= 24 ? 16 : MulticastListenerQueryV2.bodyByteCount
    case Kind.multicastListenerReport, Kind.multicastListenerDone: 16
    case Kind.routerAdvertisement: 8
    case Kind.neighborSolicitation, Kind.neighborAdvertisement: 16
    case Kind.redirect: 32
    default: 0
    }
  }

  /// Reads a message; the body has as many bytes as its type is to have.
  init(type: UInt8, code: UInt8, restOfHeader: UInt32, body: RawSpan) {
    let high = UInt16(truncatingIfNeeded: restOfHeader >> 16)
    let low = UInt16(truncatingIfNeeded: restOfHeader)
    self =
      switch type {
      case Kind.destinationUnreachable: .destinationUnreachable(code: code)
      case Kind.packetTooBig: .packetTooBig(mtu: restOfHeader)
      case Kind.timeExceeded: .timeExceeded(code: code)
      case Kind.parameterProblem: .parameterProblem(code: code, pointer: restOfHeader)
      case Kind.echoRequest: .echoRequest(identifier: high, sequenceNumber: low)
      case Kind.echoReply: .echoReply(identifier: high, sequenceNumber: low)
      case Kind.multicastListenerQuery where body.byteCount == 16:
        .multicastListenerQuery(group: body.ipv6Host(0), maximumResponseDelay: high)
      case Kind.multicastListenerQuery:
        .multicastListenerQueryV2(MulticastListenerQueryV2(maximumResponseCode: high, body: body))
      case Kind.multicastListenerReport: .multicastListenerReport(group: body.ipv6Host(0))
      case Kind.multicastListenerDone: .multicastListenerDone(group: body.ipv6Host(0))
      case Kind.multicastListenerReportV2: .multicastListenerReportV2(recordCount: low)
      case Kind.routerSolicitation: .routerSolicitation
      case Kind.routerAdvertisement:
        .routerAdvertisement(RouterAdvertisement(restOfHeader: restOfHeader, body: body))
      case Kind.neighborSolicitation: .neighborSolicitation(target: body.ipv6Host(0))
      case Kind.neighborAdvertisement:
        .neighborAdvertisement(
          target: body.ipv6Host(0),
          flags: NeighborAdvertisementFlags(rawValue: UInt8(truncatingIfNeeded: high >> 8)))
      case Kind.redirect: .redirect(target: body.ipv6Host(0), destination: body.ipv6Host(16))
      default: .other(type: type, code: code, restOfHeader: restOfHeader)
      }
  }

  /// What stands in the header of the message.
  var fields: ICMPFields {
    switch self {
    case .destinationUnreachable(let code): ICMPFields(Kind.destinationUnreachable, code: code)
    case .packetTooBig(let mtu): ICMPFields(Kind.packetTooBig, rest: mtu)
    case .timeExceeded(let code): ICMPFields(Kind.timeExceeded, code: code)
    case .parameterProblem(let code, let pointer): ICMPFields(Kind.parameterProblem, code: code, rest: pointer)
    case .echoRequest(let identifier, let number): ICMPFields(Kind.echoRequest, halves: (identifier, number))
    case .echoReply(let identifier, let number): ICMPFields(Kind.echoReply, halves: (identifier, number))
    case .multicastListenerQuery(let group, let delay):
      ICMPFields(Kind.multicastListenerQuery, halves: (delay, 0), body: group.octets)
    case .multicastListenerQueryV2(let query):
      ICMPFields(Kind.multicastListenerQuery, halves: (query.maximumResponseCode, 0), body: query.body)
    case .multicastListenerReport(let group): ICMPFields(Kind.multicastListenerReport, body: group.octets)
    case .multicastListenerDone(let group): ICMPFields(Kind.multicastListenerDone, body: group.octets)
    case .multicastListenerReportV2(let count): ICMPFields(Kind.multicastListenerReportV2, halves: (0, count))
    case .routerSolicitation: ICMPFields(Kind.routerSolicitation)
    case .routerAdvertisement(let router):
      ICMPFields(Kind.routerAdvertisement, rest: router.restOfHeader, body: router.body)
    case .neighborSolicitation(let target): ICMPFields(Kind.neighborSolicitation, body: target.octets)
    case .neighborAdvertisement(let target, let flags):
      ICMPFields(Kind.neighborAdvertisement, rest: UInt32(flags.rawValue) << 24, body: target.octets)
    case .redirect(let target, let destination):
      ICMPFields(Kind.redirect, body: target.octets + destination.octets)
    case .other(let type, let code, let rest): ICMPFields(type, code: code, rest: rest)
    }
  }
}
