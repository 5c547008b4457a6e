/// Takes UDP datagrams apart and hands their payload to the protocols that were added for their destination port.
///
/// Mirrors `twisted.pair.rawudp.RawUDPProtocol`, which looks at neither length nor checksum nor fragments, and has no way to
/// send. With the profile ``PairProfile/correct`` the payload ends where the length says, a bad checksum is refused, and a
/// fragment that is not the first is left alone. Who wants datagrams read as they are uses ``UDPView``.
open class RawUDPProtocol: AbstractDatagramProtocol, RawDatagramReceiver {
  private var receivers = ReceiverTable<any RawUDPReceiver>()
  /// How closely it follows Twisted.
  public let profile: PairProfile

  /// Makes a layer without protocols above it.
  ///
  /// - Parameter profile: How closely it follows Twisted.
  public init(profile: PairProfile = .twistedCompatible) {
    self.profile = profile
  }

  /// Adds a protocol for a port; several may be added for one, and each is called, in the order in which they were added.
  ///
  /// - Parameters:
  ///   - number: The port, from 0 to 65,535.
  ///   - receiver: The protocol, a ``RawUDPReceiver``.
  /// - Throws: ``AddProtocolError``: first for the protocol, then for the number.
  public func addProto(_ number: Int, _ receiver: AnyObject) throws(AddProtocolError) {
    guard let receiver = receiver as? any RawUDPReceiver else { throw .notADatagramProtocol }
    try receivers.add(receiver, for: number, bits: 16)
  }

  /// Hands the payload of a datagram to the protocols of its port; a port without one is ignored.
  ///
  /// - Parameters:
  ///   - data: The datagram.
  ///   - partial: Not looked at.
  ///   - header: The IP header; its source is handed on.
  /// - Throws: ``TunnelError/shortPacket(needed:found:)`` for less than 8 bytes; with ``PairProfile/correct`` a ``PacketError``
  ///   instead, for what is no datagram. What a protocol throws, and then those after it are not called.
  open func datagramReceived(_ data: RawSpan, partial: Int, header: RawIPHeader) throws {
    let fields: RawUDPHeader
    let payload: RawSpan
    switch profile {
    case .twistedCompatible:
      fields = try RawUDPHeader(data)
      payload = data.extracting(RawUDPHeader.byteCount...)
    case .correct:
      guard header.fragmentOffset == 0 else { return }
      let view = try UDPView(data)
      if case .host(let source) = header.source, case .host(let destination) = header.destination {
        try view.verifyChecksum(.ipv4(source: source, destination: destination))
      }
      fields = try RawUDPHeader(data)
      payload = view.payload
    }
    var index = 0
    while let receiver = receivers[fields.destination, index] {
      index += 1
      try receiver.datagramReceived(payload, host: header.source, port: UInt16(truncatingIfNeeded: fields.source))
    }
  }
}

/// The first 8 bytes of a datagram.
///
/// Mirrors `twisted.pair.rawudp.UDPHeader`.
public struct RawUDPHeader: Hashable, Sendable {
  /// The size of the header, in bytes.
  public static let byteCount = 8

  /// The sender's port.
  public let source: Int
  /// The receiver's port.
  public let destination: Int
  /// The length of header and payload in bytes, as the header tells it.
  public let length: Int
  /// The checksum, as it stands.
  public let checksum: Int

  /// Reads a header.
  ///
  /// - Parameter data: The datagram.
  /// - Throws: ``TunnelError/shortPacket(needed:found:)`` for less than 8 bytes.
  public init(_ data: RawSpan) throws(TunnelError) {
    guard data.byteCount >= Self.byteCount else {
      throw .shortPacket(needed: Self.byteCount, found: data.byteCount)
    }
    source = Int(data.uint16(0))
    destination = Int(data.uint16(2))
    length = Int(data.uint16(4))
    checksum = Int(data.uint16(6))
  }
}
