import Addresses

/// The packets that the memory system makes.
///
/// Mirrors `_ip`, `_udp`, `_ethernet` and `_H` of `twisted.pair.testing`, whose checksum folds its carry once: the few packets
/// for which that does not do are refused, as there.
public enum MemoryPackets {
  /// The type of IPv4 in an Ethernet header.
  public static let ipv4 = 0x0800

  /// A 16-bit number in network order.
  ///
  /// - Parameter number: The number.
  /// - Returns: Two bytes.
  /// - Throws: ``TunnelError/numberRange(_:)`` for what 16 bits do not hold.
  public static func number(_ number: Int) throws(TunnelError) -> [UInt8] {
    guard let word = UInt16(exactly: number) else { throw .numberRange(number) }
    return [UInt8(word >> 8), UInt8(truncatingIfNeeded: word)]
  }

  /// An Ethernet frame; nothing is checked or padded.
  ///
  /// - Parameters:
  ///   - source: Whom it is from.
  ///   - destination: Whom it is for.
  ///   - etherType: The type of the payload; its lower 16 bits are taken.
  ///   - payload: The payload.
  /// - Returns: The frame.
  public static func ethernet(source: [UInt8], destination: [UInt8], etherType: Int, payload: [UInt8]) -> [UInt8] {
    let type = [UInt8(truncatingIfNeeded: etherType >> 8), UInt8(truncatingIfNeeded: etherType)]
    return destination + source + type + payload
  }

  /// An IPv4 packet that says it carries UDP.
  ///
  /// - Parameters:
  ///   - source: Whom it is from.
  ///   - destination: Whom it is for.
  ///   - payload: The payload.
  /// - Returns: The packet.
  /// - Throws: ``TunnelError/numberRange(_:)`` when it is larger than 65,535 bytes, and when the checksum, folded once, needs
  ///   17 bits.
  public static func ip(
    source: IPv4Address.Host, destination: IPv4Address.Host, payload: [UInt8]
  ) throws(TunnelError) -> [UInt8] {
    let before = try [0x45, 0x00] + number(20 + payload.count) + [0x00, 0x01, 0x00, 0x00, 64, 17]
    let addresses = bytes(of: source) + bytes(of: destination)
    var sum = 0
    for at in stride(from: 0, to: before.count, by: 2) { sum += Int(before[at]) << 8 | Int(before[at + 1]) }
    for at in stride(from: 0, to: addresses.count, by: 2) { sum += Int(addresses[at]) << 8 | Int(addresses[at + 1]) }
    // Once: a second fold would be right.
    let folded = (sum & 0xFFFF) + (sum >> 16)
    return try before + number(folded ^ 0xFFFF) + addresses + payload
  }

  /// A UDP datagram without a checksum.
  ///
  /// - Parameters:
  ///   - source: The sender's port.
  ///   - destination: The receiver's port.
  ///   - payload: The payload.
  /// - Returns: The datagram.
  /// - Throws: ``TunnelError/numberRange(_:)`` for a port or a size that 16 bits do not hold.
  public static func udp(source: Int, destination: Int, payload: [UInt8]) throws(TunnelError) -> [UInt8] {
    try number(source) + number(destination) + number(payload.count + 8) + [0, 0] + payload
  }

  private static func bytes(of host: IPv4Address.Host) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: host.bits >> (24 - 8 * $0)) }
  }
}
