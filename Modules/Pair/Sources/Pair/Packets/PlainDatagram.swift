/// A whole UDP datagram over IPv4 without options, in an Ethernet frame without tags: the commonest packet, found in one look.
///
/// What is none may still be a packet, and is for ``PacketDecoder`` to say.
public struct PlainDatagram: ~Escapable {
  @usableFromInline let bytes: RawSpan
  @usableFromInline let networkEnd: Int
  @usableFromInline let transportEnd: Int

  /// Where the IPv4 header begins.
  @inlinable static var network: Int { EthernetView.Offset.payload }
  /// Where the UDP header begins.
  @inlinable static var transport: Int { network &+ IPv4View.Offset.options }

  /// Finds one; `nil` when it is anything else, or when a checksum that is verified does not fit.
  ///
  /// - Parameters:
  ///   - bytes: The frame.
  ///   - verifying: Which checksums are verified: of IPv4 and of UDP.
  @inlinable @inline(__always)
  @_lifetime(copy bytes)
  public init?(_ bytes: RawSpan, verifying: Checksums = .all) {
    let count = bytes.byteCount
    let network = Self.network
    guard count >= Self.transport &+ UDPView.Offset.payload else { return nil }
    // The type of IPv4; the version with the length of a header without options; no fragment; the number of UDP.
    guard bytes.uint16(EthernetView.Offset.type) == 0x0800, bytes.byte(network) == 0x45,
      bytes.uint16(network &+ IPv4View.Offset.fragment) & 0x3FFF == 0,
      bytes.byte(network &+ IPv4View.Offset.protocolNumber) == 17
    else { return nil }
    let networkEnd = network &+ Int(bytes.uint16(network &+ IPv4View.Offset.totalLength))
    let length = Int(bytes.uint16(Self.transport &+ UDPView.Offset.length))
    let transportEnd = Self.transport &+ length
    guard networkEnd <= count, length >= UDPView.Offset.payload, transportEnd <= networkEnd else { return nil }
    if verifying.rawValue & 3 != 0, !Self.sumsUp(bytes, networkEnd, transportEnd, verifying) { return nil }
    self.bytes = bytes
    self.networkEnd = networkEnd
    self.transportEnd = transportEnd
  }

  /// Whether the checksums of IPv4 and UDP fit, of those that are verified.
  @usableFromInline
  static func sumsUp(_ bytes: RawSpan, _ networkEnd: Int, _ transportEnd: Int, _ verifying: Checksums) -> Bool {
    let packet = IPv4View(checked: bytes.extracting(network..<networkEnd))
    if verifying.contains(.ipv4), !packet.hasGoodChecksum { return false }
    guard verifying.contains(.udp) else { return true }
    let datagram = UDPView(checked: bytes.extracting(transport..<transportEnd))
    return (try? datagram.verifyChecksum(packet.pseudoHeader)) != nil
  }

  /// The frame.
  @inlinable @inline(__always)
  public var ethernet: EthernetView {
    @_lifetime(copy self) get { EthernetView(checked: bytes, headerCount: Self.network) }
  }

  /// The packet in it.
  @inlinable @inline(__always)
  public var ipv4: IPv4View {
    @_lifetime(copy self) get { IPv4View(checked: part(Self.network, networkEnd)) }
  }

  /// The datagram in that.
  @inlinable @inline(__always)
  public var udp: UDPView {
    @_lifetime(copy self) get { UDPView(checked: part(Self.transport, transportEnd)) }
  }

  /// What the datagram carries.
  @inlinable @inline(__always)
  public var payload: RawSpan {
    @_lifetime(copy self) get { part(Self.transport &+ UDPView.Offset.payload, transportEnd) }
  }

  @inlinable @inline(__always)
  @_lifetime(copy self)
  func part(_ start: Int, _ end: Int) -> RawSpan {
    // The ends were found inside the bytes, and behind the starts.
    unsafe bytes.extracting(unchecked: start..<end)
  }
}
