import Addresses

/// What a control message of IPv4 says.
///
/// Reserved bits, and codes without a meaning, are not told; ``ICMPv4Header`` keeps them.
public enum ICMPv4Message: Hashable, Sendable {
  /// An answer to an echo request.
  case echoReply(identifier: UInt16, sequenceNumber: UInt16)
  /// The payload is to be sent back.
  case echoRequest(identifier: UInt16, sequenceNumber: UInt16)
  /// A packet could not be delivered: 0 for the network, 1 the host, 2 the protocol, 3 the port, 4 for a packet that had
  /// to be fragmented. The MTU of the next hop, in bytes, comes with the last; 0 from old routers.
  case destinationUnreachable(code: UInt8, nextHopMTU: UInt16 = 0)
  /// Another router is nearer: 0 for a network, 1 for a host, 2 and 3 for a type of service too.
  case redirect(code: UInt8, gateway: IPv4Address.Host)
  /// A packet went over too many routers (0), or its fragments came too late (1).
  case timeExceeded(code: UInt8)
  /// A header was wrong; with code 0 at this byte.
  case parameterProblem(code: UInt8, pointer: UInt8)
  /// The other's clock is asked for.
  case timestampRequest(identifier: UInt16, sequenceNumber: UInt16, times: ICMPTimestamps)
  /// An answer to a timestamp request.
  case timestampReply(identifier: UInt16, sequenceNumber: UInt16, times: ICMPTimestamps)
  /// Any other message; the third number is what stands behind the checksum.
  case other(type: UInt8, code: UInt8, restOfHeader: UInt32)

  /// The types, by number.
  enum Kind {
    static let echoReply: UInt8 = 0
    static let destinationUnreachable: UInt8 = 3
    static let sourceQuench: UInt8 = 4
    static let redirect: UInt8 = 5
    static let echoRequest: UInt8 = 8
    static let timeExceeded: UInt8 = 11
    static let parameterProblem: UInt8 = 12
    static let timestampRequest: UInt8 = 13
    static let timestampReply: UInt8 = 14
  }

  /// How many bytes of fields follow the 8 that all messages begin with.
  static func bodyByteCount(type: UInt8) -> Int {
    switch type {
    case Kind.timestampRequest, Kind.timestampReply: ICMPTimestamps.byteCount
    default: 0
    }
  }

  /// Reads a message; the body has as many bytes as its type is to have.
  init(type: UInt8, code: UInt8, restOfHeader: UInt32, body: RawSpan) {
    let high = UInt16(truncatingIfNeeded: restOfHeader >> 16)
    let low = UInt16(truncatingIfNeeded: restOfHeader)
    self =
      switch type {
      case Kind.echoReply: .echoReply(identifier: high, sequenceNumber: low)
      case Kind.echoRequest: .echoRequest(identifier: high, sequenceNumber: low)
      case Kind.destinationUnreachable: .destinationUnreachable(code: code, nextHopMTU: low)
      case Kind.redirect: .redirect(code: code, gateway: IPv4Address.Host(bits: restOfHeader))
      case Kind.timeExceeded: .timeExceeded(code: code)
      case Kind.parameterProblem: .parameterProblem(code: code, pointer: UInt8(truncatingIfNeeded: high >> 8))
      case Kind.timestampRequest:
        .timestampRequest(identifier: high, sequenceNumber: low, times: ICMPTimestamps(body))
      case Kind.timestampReply:
        .timestampReply(identifier: high, sequenceNumber: low, times: ICMPTimestamps(body))
      default: .other(type: type, code: code, restOfHeader: restOfHeader)
      }
  }

  /// What stands in the header of the message.
  var fields: ICMPFields {
    switch self {
    case .echoReply(let identifier, let number): ICMPFields(Kind.echoReply, halves: (identifier, number))
    case .echoRequest(let identifier, let number): ICMPFields(Kind.echoRequest, halves: (identifier, number))
    case .destinationUnreachable(let code, let mtu):
      ICMPFields(Kind.destinationUnreachable, code: code, halves: (0, mtu))
    case .redirect(let code, let gateway): ICMPFields(Kind.redirect, code: code, rest: gateway.bits)
    case .timeExceeded(let code): ICMPFields(Kind.timeExceeded, code: code)
    case .parameterProblem(let code, let pointer):
      ICMPFields(Kind.parameterProblem, code: code, rest: UInt32(pointer) << 24)
    case .timestampRequest(let identifier, let number, let times):
      ICMPFields(Kind.timestampRequest, halves: (identifier, number), body: times.bytes)
    case .timestampReply(let identifier, let number, let times):
      ICMPFields(Kind.timestampReply, halves: (identifier, number), body: times.bytes)
    case .other(let type, let code, let rest): ICMPFields(type, code: code, rest: rest)
    }
  }
}

/// The three times of a timestamp message, in milliseconds since midnight UT.
public struct ICMPTimestamps: Hashable, Sendable {
  static let byteCount = 12

  /// When the request was sent.
  public var originate: UInt32
  /// When the request was received.
  public var receive: UInt32
  /// When the reply was sent.
  public var transmit: UInt32

  /// Makes the times.
  ///
  /// - Parameters:
  ///   - originate: When the request was sent, in milliseconds since midnight UT.
  ///   - receive: When the request was received, in milliseconds since midnight UT.
  ///   - transmit: When the reply was sent, in milliseconds since midnight UT.
  public init(originate: UInt32, receive: UInt32 = 0, transmit: UInt32 = 0) {
    self.originate = originate
    self.receive = receive
    self.transmit = transmit
  }

  fileprivate init(_ body: RawSpan) {
    self.init(originate: body.uint32(0), receive: body.uint32(4), transmit: body.uint32(8))
  }

  fileprivate var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for time in [originate, receive, transmit] { bytes.appendBigEndian(time) }
    return bytes
  }
}
