import Addresses

/// Takes Ethernet frames apart and hands what they carry to the protocols that were added for its type.
///
/// Mirrors `twisted.pair.ethernet.EthernetProtocol`: no VLAN tags, no length frames, no frame check sequence, padding kept.
/// Who wants frames read as they are today uses ``EthernetView``.
open class EthernetProtocol: AbstractDatagramProtocol, EthernetReceiver {
  private var receivers = ReceiverTable<any RawPacketReceiver>()

  /// Adds a protocol for a type; several may be added for one, and each is called, in the order in which they were added.
  ///
  /// - Parameters:
  ///   - number: The type, from 0 to 65,535.
  ///   - receiver: The protocol, a ``RawPacketReceiver``.
  /// - Throws: ``AddProtocolError``: first for the protocol, then for the number.
  public func addProto(_ number: Int, _ receiver: AnyObject) throws(AddProtocolError) {
    guard let receiver = receiver as? any RawPacketReceiver else { throw .notAdaptable }
    try receivers.add(receiver, for: number, bits: 16)
  }

  /// Hands what a frame carries to the protocols of its type; a type without one is ignored.
  ///
  /// - Parameters:
  ///   - data: The frame.
  ///   - partial: Handed on as it is.
  /// - Throws: ``TunnelError/shortPacket(needed:found:)`` for less than 14 bytes; what a protocol throws, and then those
  ///   after it are not called.
  open func datagramReceived(_ data: RawSpan, partial: Int) throws {
    let header = try RawEthernetHeader(data)
    let link = LinkHeader(
      destination: .ethernet(header.destination), source: .ethernet(header.source),
      etherType: .number(header.etherType))
    let payload = data.extracting(RawEthernetHeader.byteCount...)
    var index = 0
    while let receiver = receivers[header.etherType, index] {
      index += 1
      try receiver.datagramReceived(payload, partial: partial, link: link)
    }
  }
}

/// The first 14 bytes of a frame.
///
/// Mirrors `twisted.pair.ethernet.EthernetHeader`.
public struct RawEthernetHeader: Hashable, Sendable {
  /// The size of the header, in bytes.
  public static let byteCount = 14

  /// Whom the frame is for.
  public let destination: EthernetAddress
  /// Whom it is from.
  public let source: EthernetAddress
  /// The type of what it carries; the length of a frame of the older kind too.
  public let etherType: Int

  /// Reads a header.
  ///
  /// - Parameter data: The frame.
  /// - Throws: ``TunnelError/shortPacket(needed:found:)`` for less than 14 bytes.
  public init(_ data: RawSpan) throws(TunnelError) {
    guard data.byteCount >= Self.byteCount else {
      throw .shortPacket(needed: Self.byteCount, found: data.byteCount)
    }
    destination = EthernetAddress(data, at: 0)
    source = EthernetAddress(data, at: 6)
    etherType = Int(data.uint16(12))
  }
}

extension EthernetAddress {
  /// Reads an address that the caller's own check of the count has covered.
  init(_ bytes: RawSpan, at offset: Int) {
    self.init(
      bytes.byte(offset), bytes.byte(offset + 1), bytes.byte(offset + 2), bytes.byte(offset + 3),
      bytes.byte(offset + 4), bytes.byte(offset + 5))
  }
}
