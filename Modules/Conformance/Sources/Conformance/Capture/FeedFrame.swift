import Pair

/// Makes a captured packet one that a tunnel carries.
enum FeedFrame {
  /// A frame to feed, or what becomes of a packet that is none.
  enum Adapted {
    case frame([UInt8])
    case done(CaptureFeed.Outcome)
  }

  static let ipv4: UInt16 = 0x0800
  static let ipv6: UInt16 = 0x86DD
  /// The most that a tunnel is read by: the largest packet of a capture, and a header before it.
  static let largest = CaptureLimits.packetLength + RawEthernetHeader.byteCount

  /// Takes an Ethernet header off for a tun device, or puts one before for a tap device.
  static func adapt(_ packet: RawSpan, of linkType: CaptureLinkType, to medium: PacketMedium) -> Adapted {
    switch (linkType, medium) {
    case (.ethernet, .ip):
      let type: Int
      do throws(TunnelError) {
        type = try RawEthernetHeader(packet).etherType
      } catch {
        return .done(.refused("\(error)"))
      }
      guard [Int(ipv4), Int(ipv6)].contains(type) else { return .done(.ignored(.etherType(type))) }
      return .frame(packet.extracting(RawEthernetHeader.byteCount...).copied())
    case (.ethernet, .ethernet), (_, .ip):
      return .frame(packet.copied())
    case (_, .ethernet):
      let bytes = packet.copied()
      let type = bytes.first.map { $0 >> 4 } == 6 ? ipv6 : ipv4
      let header = [UInt8](repeating: 0xFF, count: 6) + [UInt8](repeating: 0, count: 6)
      return .frame(header + [UInt8(type >> 8), UInt8(type & 0xFF)] + bytes)
    }
  }
}
