import Addresses

/// Takes IP packets apart and hands what they carry to the protocols that were added for its number.
///
/// Mirrors `twisted.pair.ip.IPProtocol`, which exchanges version and header length, skips no options, cuts no padding, checks
/// no checksum, reassembles no fragments, and fails on every packet that comes straight from a tun port. With the profile
/// ``PairProfile/correct`` it reads the header right, hands up the payload alone, refuses a bad checksum, and takes packets from
/// a tun port. Fragments are handed up as they come with either.
open class IPProtocol: AbstractDatagramProtocol, RawPacketReceiver {
  private var receivers = ReceiverTable<any RawDatagramReceiver>()
  /// How closely it follows Twisted.
  public let profile: PairProfile

  /// Makes a layer without protocols above it.
  ///
  /// - Parameter profile: How closely it follows Twisted.
  public init(profile: PairProfile = .twistedCompatible) {
    self.profile = profile
  }

  /// Adds a protocol for a number; several may be added for one, and each is called, in the order in which they were added.
  ///
  /// - Parameters:
  ///   - number: The number, from 0 to 2³² - 1, of which only those up to 255 are ever seen.
  ///   - receiver: The protocol, a ``RawDatagramReceiver``.
  /// - Throws: ``AddProtocolError``: first for the protocol, then for the number.
  public func addProto(_ number: Int, _ receiver: AnyObject) throws(AddProtocolError) {
    guard let receiver = receiver as? any RawDatagramReceiver else { throw .notAdaptable }
    try receivers.add(receiver, for: number, bits: 32)
  }

  /// Hands what a packet carries to the protocols of its number; a number without one is ignored.
  ///
  /// - Parameters:
  ///   - data: The packet.
  ///   - partial: Handed on as it is.
  ///   - link: What the layer beneath knows of it; not looked at, but as Twisted has it, it must be there.
  /// - Throws: ``TunnelError/missingArguments(_:)`` without `link`; ``TunnelError/shortPacket(needed:found:)`` for less than 20
  ///   bytes; with ``PairProfile/correct`` a ``PacketError`` instead, for what is no IPv4 packet. What a protocol throws, and
  ///   then those after it are not called.
  open func datagramReceived(_ data: RawSpan, partial: Int, link: LinkHeader?) throws {
    let header: RawIPHeader
    let payload: RawSpan
    switch profile {
    case .twistedCompatible:
      guard link != nil else { throw TunnelError.missingArguments(["dest", "source", "protocol"]) }
      header = try RawIPHeader(data)
      payload = data.extracting(RawIPHeader.byteCount...)
    case .correct:
      header = try RawIPHeader(checking: data)
      payload = data.extracting(header.headerLength..<header.totalLength)
    }
    var index = 0
    while let receiver = receivers[header.protocolNumber, index] {
      index += 1
      try receiver.datagramReceived(payload, partial: partial, header: header)
    }
  }
}
