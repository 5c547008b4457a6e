/// Finds the layers of a packet.
///
/// Nothing is copied and nothing is allocated: the result holds where the layers are, and shows them as views. Who wants
/// plain UDP datagrams and little else asks for a ``PlainDatagram`` first.
public struct PacketDecoder: Hashable, Sendable {
  /// What a packet begins with.
  public enum Start: Hashable, Sendable {
    /// An Ethernet frame, as of a tap device.
    case ethernet
    /// An IPv4 or IPv6 packet, as of a tun device.
    case ip
  }

  /// What a packet begins with.
  public var start: Start
  /// Which checksums are verified.
  public var verifying: Checksums

  /// Makes a decoder.
  ///
  /// - Parameters:
  ///   - start: What a packet begins with.
  ///   - verifying: Which checksums are verified. Those that cannot be, as the packet is a fragment or is still to be
  ///     routed to its last destination, are not.
  public init(start: Start, verifying: Checksums = .all) {
    self.start = start
    self.verifying = verifying
  }

  /// Finds the layers of a packet.
  ///
  /// - Parameter bytes: The packet.
  /// - Returns: The layers that were found, and what ended the search if it was an error.
  @inlinable @inline(__always)
  @_lifetime(copy bytes)
  public func decode(_ bytes: RawSpan) -> DecodedPacket {
    // The commonest packet is found inside the caller; any other, and any with something wrong, is looked at in general.
    guard start == .ethernet, let datagram = PlainDatagram(bytes, verifying: verifying) else { return decodeAny(bytes) }
    return DecodedPacket(bytes, datagram)
  }

  /// Finds the layers of whatever packet it is.
  ///
  /// - Parameter bytes: The packet.
  /// - Returns: The layers that were found, and what ended the search if it was an error.
  @usableFromInline
  @_lifetime(copy bytes)
  func decodeAny(_ bytes: RawSpan) -> DecodedPacket {
    var packet = DecodedPacket(bytes)
    do throws(PacketError) {
      switch start {
      case .ethernet: try packet.decodeEthernet(verifying)
      case .ip: try packet.decodeIP(verifying)
      }
    } catch {
      packet.failure = error
    }
    return packet
  }
}

/// The layers of a packet in borrowed bytes.
///
/// A layer that was found stays, whatever is wrong with the next. A layer whose checksum is wrong was found; nothing is looked
/// for above it. What follows the header of the uppermost layer found is the payload.
public struct DecodedPacket: ~Escapable {
  /// All bytes that were given to the decoder.
  public let bytes: RawSpan
  /// What ended the search for layers; `nil` when nothing is wrong with any.
  public internal(set) var failure: PacketError?

  @usableFromInline var network = Network.none
  @usableFromInline var transport = Transport.none
  /// Whether the IP packet is a part of a datagram; no layer above is looked for then.
  public internal(set) var isFragment = false
  // A layer's start is where the one beneath has its payload; 0 for a header that is not there.
  @usableFromInline var linkHeaderCount = 0
  @usableFromInline var linkEnd = 0
  @usableFromInline var networkStart = 0
  @usableFromInline var networkEnd = 0
  @usableFromInline var transportStart = 0
  @usableFromInline var transportEnd = 0
  @usableFromInline var payloadStart = 0
  @usableFromInline var payloadEnd: Int

  @usableFromInline
  enum Network: UInt8 {
    case none
    case arp
    case ipv4
    case ipv6
  }

  @usableFromInline
  enum Transport: UInt8 {
    case none
    case udp
    case tcp
    case icmpv4
    case icmpv6
  }

  @inline(__always)
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    self.bytes = bytes
    payloadEnd = bytes.byteCount
  }

  /// Shows a datagram that was found.
  @inlinable @inline(__always)
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, _ datagram: borrowing PlainDatagram) {
    self.bytes = bytes
    network = .ipv4
    transport = .udp
    linkHeaderCount = PlainDatagram.network
    linkEnd = bytes.byteCount
    networkStart = PlainDatagram.network
    networkEnd = datagram.networkEnd
    transportStart = PlainDatagram.transport
    transportEnd = datagram.transportEnd
    payloadStart = PlainDatagram.transport &+ UDPView.Offset.payload
    payloadEnd = datagram.transportEnd
  }
}

extension DecodedPacket {
  @inline(__always)
  mutating func decodeEthernet(_ verifying: Checksums) throws(PacketError) {
    let type: EtherType
    do throws(PacketError) {
      let frame = try EthernetView(bytes)
      type = frame.type
      linkHeaderCount = frame.headerByteCount
      payloadStart = frame.headerByteCount
      payloadEnd = frame.end
      linkEnd = frame.end
    } catch {
      keepWhatIsThereOfEthernet()
      throw error
    }
    switch type {
    case .ipv4: try decodeIPv4(verifying)
    case .ipv6: try decodeIPv6(verifying)
    case .arp: try decodeARP()
    default: break
    }
  }

  /// A frame whose tags or length are wrong still has addresses.
  private mutating func keepWhatIsThereOfEthernet() {
    guard bytes.byteCount >= EthernetView.Offset.payload else { return }
    linkHeaderCount = EthernetView.headerCount(of: bytes)
    linkEnd = bytes.byteCount
    payloadStart = linkHeaderCount
  }

  mutating func decodeIP(_ verifying: Checksums) throws(PacketError) {
    // Without a first byte it is no packet of either version; the older one says what is missing.
    guard bytes.byteCount > 0, bytes.byte(0) >> 4 == 6 else { return try decodeIPv4(verifying) }
    try decodeIPv6(verifying)
  }

  private mutating func decodeARP() throws(PacketError) {
    let packet = try ARPView(payload)
    network = .arp
    networkStart = payloadStart
    networkEnd = payloadStart + packet.byteCount
    payloadStart = networkEnd
    payloadEnd = networkEnd
  }

  @inline(__always)
  private mutating func decodeIPv4(_ verifying: Checksums) throws(PacketError) {
    let packet = try IPv4View(payload)
    network = .ipv4
    networkStart = payloadStart
    networkEnd = payloadStart &+ Int(packet.totalLength)
    payloadStart = payloadStart &+ packet.headerByteCount
    payloadEnd = networkEnd
    if verifying.contains(.ipv4), !packet.hasGoodChecksum { try packet.verifyChecksum() }
    guard !packet.isFragment else {
      isFragment = true
      return
    }
    switch packet.protocolNumber {
    case .udp: try decodeUDP(verifying.contains(.udp) ? packet.pseudoHeader : nil)
    case .tcp: try decodeTCP(verifying.contains(.tcp) ? packet.pseudoHeader : nil)
    case .icmpv4: try decodeICMPv4(verifying.contains(.icmpv4))
    default: break
    }
  }

  private mutating func decodeIPv6(_ verifying: Checksums) throws(PacketError) {
    let packet = try IPv6View(payload)
    network = .ipv6
    networkStart = payloadStart
    networkEnd = payloadStart + IPv6Header.byteCount + packet.payload.byteCount
    payloadStart += IPv6Header.byteCount
    payloadEnd = networkEnd
    var extensions = packet.extensions
    var isRoutedOn = false
    while let header = try extensions.next() {
      payloadStart += header.bytes.byteCount
      if let routing = header.routing, routing.segmentsLeft > 0 { isRoutedOn = true }
    }
    if let fragment = extensions.fragment, fragment.fragmentOffset > 0 || fragment.moreFragments {
      isFragment = true
      return
    }
    let verified = isRoutedOn ? [] : verifying
    switch extensions.nextHeader {
    case .udp: try decodeUDP(verified.contains(.udp) ? packet.pseudoHeader : nil)
    case .tcp: try decodeTCP(verified.contains(.tcp) ? packet.pseudoHeader : nil)
    case .icmpv6: try decodeICMPv6(verified.contains(.icmpv6) ? packet.pseudoHeader : nil)
    default: break
    }
  }

  @inline(__always)
  private mutating func decodeUDP(_ header: PseudoHeader?) throws(PacketError) {
    let datagram = try UDPView(payload)
    found(.udp, count: Int(datagram.length), payload: Int(datagram.length) &- UDPHeader.byteCount)
    if let header { try datagram.verifyChecksum(header) }
  }

  private mutating func decodeTCP(_ header: PseudoHeader?) throws(PacketError) {
    let segment = try TCPView(payload)
    found(.tcp, count: payloadEnd - payloadStart, payload: segment.payload.byteCount)
    if let header { try segment.verifyChecksum(header) }
  }

  private mutating func decodeICMPv4(_ isVerified: Bool) throws(PacketError) {
    let message = try ICMPv4View(payload)
    found(.icmpv4, count: payloadEnd - payloadStart, payload: message.payload.byteCount)
    if isVerified { try message.verifyChecksum() }
  }

  private mutating func decodeICMPv6(_ header: PseudoHeader?) throws(PacketError) {
    let message = try ICMPv6View(payload)
    found(.icmpv6, count: payloadEnd - payloadStart, payload: message.payload.byteCount)
    if let header { try message.verifyChecksum(header) }
  }

  @inline(__always)
  private mutating func found(_ layer: Transport, count: Int, payload: Int) {
    transport = layer
    transportStart = payloadStart
    transportEnd = payloadStart &+ count
    payloadStart = transportEnd &- payload
    payloadEnd = transportEnd
  }
}

extension DecodedPacket {
  /// The Ethernet frame.
  ///
  /// Where its tags or its length are wrong, it has the tags that are right.
  public var ethernet: EthernetView? {
    @inlinable @inline(__always) @_lifetime(copy self) get {
      guard linkHeaderCount > 0 else { return nil }
      return EthernetView(checked: part(0, linkEnd), headerCount: linkHeaderCount)
    }
  }

  /// The VLAN tags of the frame, the outermost first; none when there is no frame.
  public var vlans: VLANTags {
    @_lifetime(copy self) get {
      guard let ethernet else { return VLANTags(checked: part(0, 0)) }
      return ethernet.vlans
    }
  }

  /// The ARP packet.
  public var arp: ARPView? {
    @_lifetime(copy self) get { network == .arp ? try? ARPView(part(networkStart, networkEnd)) : nil }
  }

  /// The IPv4 packet.
  public var ipv4: IPv4View? {
    @inlinable @inline(__always) @_lifetime(copy self) get {
      network == .ipv4 ? IPv4View(checked: part(networkStart, networkEnd)) : nil
    }
  }

  /// The IPv6 packet.
  public var ipv6: IPv6View? {
    @_lifetime(copy self) get { network == .ipv6 ? try? IPv6View(part(networkStart, networkEnd)) : nil }
  }

  /// The UDP datagram.
  public var udp: UDPView? {
    @inlinable @inline(__always) @_lifetime(copy self) get {
      transport == .udp ? UDPView(checked: part(transportStart, transportEnd)) : nil
    }
  }

  /// The TCP segment.
  public var tcp: TCPView? {
    @_lifetime(copy self) get { transport == .tcp ? try? TCPView(part(transportStart, transportEnd)) : nil }
  }

  /// The control message over IPv4.
  public var icmpv4: ICMPv4View? {
    @_lifetime(copy self) get { transport == .icmpv4 ? try? ICMPv4View(part(transportStart, transportEnd)) : nil }
  }

  /// The control message over IPv6.
  public var icmpv6: ICMPv6View? {
    @_lifetime(copy self) get { transport == .icmpv6 ? try? ICMPv6View(part(transportStart, transportEnd)) : nil }
  }

  /// What follows the header of the uppermost layer found; all bytes when none was found.
  @inlinable @inline(__always)
  public var payload: RawSpan {
    @_lifetime(copy self) get { part(payloadStart, payloadEnd) }
  }

  /// What the IP packet carries, behind all extension headers; `nil` when there is no IP packet.
  ///
  /// For a fragment it is what the whole datagram carries.
  public var upperProtocol: IPProtocolNumber? {
    if let ipv4 { return ipv4.protocolNumber }
    guard let ipv6 else { return nil }
    return try? ipv6.upperLayer().protocol
  }

  /// Whether a layer above IP was found.
  var hasTransport: Bool { transport != .none }

  @inlinable @inline(__always)
  @_lifetime(copy self)
  func part(_ start: Int, _ end: Int) -> RawSpan {
    // The places were found inside the bytes, and each layer's inside the one beneath.
    unsafe bytes.extracting(unchecked: start..<end)
  }
}
