import Addresses

/// An IPv6 packet in borrowed bytes, checked once.
///
/// What stands behind the payload that the header announces is not part of it. A jumbogram (RFC 2675), whose length stands
/// in an option, is refused.
public struct IPv6View: ~Escapable {
  private let bytes: RawSpan

  /// Where the fields are.
  enum Offset {
    static let versionClassAndLabel = 0
    static let payloadLength = 4
    static let nextHeader = 6
    static let hopLimit = 7
    static let source = 8
    static let destination = 24
    static let payload = 40
  }

  /// Looks at a packet.
  ///
  /// - Parameter bytes: The header and what follows; more than the announced payload may be there.
  /// - Throws: ``PacketError`` when the header or the announced payload is not there, for another version than 6, for a
  ///   jumbogram, and for a length of 0 where hop-by-hop options are to follow.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(PacketError) {
    guard bytes.byteCount >= Offset.payload else {
      throw .truncated(.ipv6, needed: Offset.payload, found: bytes.byteCount)
    }
    let version = Int(bytes.byte(0) >> 4)
    guard version == 6 else { throw .malformed(.ipv6, field: .version, found: version) }
    let payloadLength = Int(bytes.uint16(Offset.payloadLength))
    let nextHeader = IPProtocolNumber(rawValue: bytes.byte(Offset.nextHeader))
    if payloadLength == 0, nextHeader == .hopByHopOptions {
      // No options fit into nothing: this is a jumbogram, or it is broken.
      if let length = try? IPv6Option.jumboPayloadLength(inHopByHopOptions: bytes.extracting(Offset.payload...)) {
        throw .malformed(.ipv6, field: .jumboPayload, found: Int(length))
      }
      throw .malformed(.ipv6, field: .length, found: 0)
    }
    let length = Offset.payload + payloadLength
    guard length <= bytes.byteCount else { throw .truncated(.ipv6, needed: length, found: bytes.byteCount) }
    self.bytes = bytes.extracting(0..<length)
  }

  /// How the packet is to be treated on its way: six bits of differentiated services, two of congestion.
  public var trafficClass: UInt8 { UInt8(truncatingIfNeeded: bytes.uint16(Offset.versionClassAndLabel) >> 4) }
  /// The label that the packets of a flow have in common; 20 bits.
  public var flowLabel: UInt32 { bytes.uint32(Offset.versionClassAndLabel) & IPv6Header.maximumFlowLabel }
  /// The length of what follows the fixed header, in bytes.
  public var payloadLength: UInt16 { bytes.uint16(Offset.payloadLength) }
  /// What follows the fixed header: an extension header or the protocol above.
  public var nextHeader: IPProtocolNumber { IPProtocolNumber(rawValue: bytes.byte(Offset.nextHeader)) }
  /// Over how many more routers the packet may go.
  public var hopLimit: UInt8 { bytes.byte(Offset.hopLimit) }
  /// The sender.
  public var source: IPv6Address.Host { bytes.ipv6Host(Offset.source) }
  /// The receiver, or the next of the hosts on a routed packet's way.
  public var destination: IPv6Address.Host { bytes.ipv6Host(Offset.destination) }
  /// Everything behind the fixed header, the extension headers among it.
  public var payload: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(Offset.payload...) }
  }
  /// The extension headers.
  public var extensions: IPv6ExtensionIterator {
    @_lifetime(copy self) get { IPv6ExtensionIterator(nextHeader: nextHeader, payload) }
  }
  /// The last host on the packet's way: what a routing header names, or else the destination.
  public var finalDestination: IPv6Address.Host {
    var extensions = self.extensions
    while let header = (try? extensions.next()) {
      if let routing = header.routing, let final = routing.finalDestination { return final }
    }
    return destination
  }
  /// What the checksum of the protocol above adds.
  public var pseudoHeader: PseudoHeader { .ipv6(source: source, destination: finalDestination) }

  /// Goes through all extension headers.
  ///
  /// - Returns: What follows them.
  /// - Throws: ``PacketError`` for an extension header that is not whole or in a place where it cannot be.
  @_lifetime(copy self)
  public func upperLayer() throws(PacketError) -> IPv6UpperLayer {
    var extensions = self.extensions
    while try extensions.next() != nil {}
    return IPv6UpperLayer(protocol: extensions.nextHeader, bytes: extensions.rest, fragment: extensions.fragment)
  }
}

/// What follows the extension headers of an IPv6 packet.
public struct IPv6UpperLayer: ~Escapable {
  /// What the bytes are.
  ///
  /// It is ``IPProtocolNumber/esp`` for an encrypted packet and ``IPProtocolNumber/ipv6NoNextHeader`` where nothing is to
  /// follow; an extension header's number is found here for a later fragment of a packet with more of them.
  public let `protocol`: IPProtocolNumber
  /// The bytes; of a fragment, only its own.
  public let bytes: RawSpan
  /// The fragment header on the way, if there is one; the last, if there are several.
  public let fragment: IPv6FragmentHeader?

  @_lifetime(copy bytes)
  init(protocol: IPProtocolNumber, bytes: RawSpan, fragment: IPv6FragmentHeader?) {
    self.protocol = `protocol`
    self.bytes = bytes
    self.fragment = fragment
  }
}

/// The fixed header of an IPv6 packet, as a value.
public struct IPv6Header: Hashable, Sendable {
  /// The size of the header, in bytes.
  public static let byteCount = 40
  /// The largest flow label; labels have 20 bits.
  public static let maximumFlowLabel: UInt32 = 0xF_FFFF

  /// How the packet is to be treated on its way.
  public var trafficClass: UInt8
  /// The label that the packets of a flow have in common; at most ``maximumFlowLabel``.
  public var flowLabel: UInt32
  /// The length of what follows the fixed header, in bytes.
  public var payloadLength: UInt16
  /// What follows the fixed header.
  public var nextHeader: IPProtocolNumber
  /// Over how many more routers the packet may go.
  public var hopLimit: UInt8
  /// The sender.
  public var source: IPv6Address.Host
  /// The receiver.
  public var destination: IPv6Address.Host

  /// Makes a header from its fields.
  ///
  /// - Parameters:
  ///   - trafficClass: How the packet is to be treated on its way.
  ///   - flowLabel: The label that the packets of a flow have in common; at most ``maximumFlowLabel``.
  ///   - payloadLength: The length of what follows the fixed header, in bytes.
  ///   - nextHeader: What follows the fixed header.
  ///   - hopLimit: Over how many more routers the packet may go.
  ///   - source: The sender.
  ///   - destination: The receiver.
  public init(
    trafficClass: UInt8 = 0, flowLabel: UInt32 = 0, payloadLength: UInt16, nextHeader: IPProtocolNumber,
    hopLimit: UInt8 = 64, source: IPv6Address.Host, destination: IPv6Address.Host
  ) {
    self.trafficClass = trafficClass
    self.flowLabel = flowLabel
    self.payloadLength = payloadLength
    self.nextHeader = nextHeader
    self.hopLimit = hopLimit
    self.source = source
    self.destination = destination
  }

  /// Copies the fixed header of a packet.
  ///
  /// - Parameter view: The packet.
  public init(_ view: borrowing IPv6View) {
    self.init(
      trafficClass: view.trafficClass, flowLabel: view.flowLabel, payloadLength: view.payloadLength,
      nextHeader: view.nextHeader, hopLimit: view.hopLimit, source: view.source, destination: view.destination)
  }

  /// Writes the header.
  ///
  /// - Parameter bytes: Where it goes; its first 40 bytes are written.
  /// - Throws: ``PacketError`` when there is no room, or for a flow label of more than 20 bits.
  public func write(into bytes: inout MutableRawSpan) throws(PacketError) {
    guard bytes.byteCount >= Self.byteCount else {
      throw .noRoom(.ipv6, needed: Self.byteCount, found: bytes.byteCount)
    }
    guard flowLabel <= Self.maximumFlowLabel else {
      throw .tooLarge(.ipv6, field: .flowLabel, limit: Int(Self.maximumFlowLabel), found: Int(flowLabel))
    }
    bytes.setUInt32(IPv6View.Offset.versionClassAndLabel, 6 << 28 | UInt32(trafficClass) << 20 | flowLabel)
    bytes.setUInt16(IPv6View.Offset.payloadLength, payloadLength)
    bytes.setByte(IPv6View.Offset.nextHeader, nextHeader.rawValue)
    bytes.setByte(IPv6View.Offset.hopLimit, hopLimit)
    bytes.setIPv6Host(IPv6View.Offset.source, source)
    bytes.setIPv6Host(IPv6View.Offset.destination, destination)
  }
}
