/// The nine flags of a TCP header, and the three reserved bits before them.
///
/// Reserved bits are kept as they stand, without a name.
public struct TCPFlags: OptionSet, Hashable, Sendable {
  /// The twelve bits that follow the data offset; FIN is the lowest.
  public let rawValue: UInt16

  /// Makes flags from their bits.
  ///
  /// - Parameter rawValue: The bits; the highest four are dropped, as the data offset stands there.
  @inline(__always)
  public init(rawValue: UInt16) {
    self.rawValue = rawValue & 0x0FFF
  }

  /// The sender has no more data.
  public static let fin = TCPFlags(rawValue: 0x001)
  /// Sequence numbers are being synchronised.
  public static let syn = TCPFlags(rawValue: 0x002)
  /// The connection is reset.
  public static let rst = TCPFlags(rawValue: 0x004)
  /// The data are to be pushed to the receiver.
  public static let psh = TCPFlags(rawValue: 0x008)
  /// The acknowledgment number counts.
  public static let ack = TCPFlags(rawValue: 0x010)
  /// The urgent pointer counts.
  public static let urg = TCPFlags(rawValue: 0x020)
  /// Congestion was echoed (RFC 3168).
  public static let ece = TCPFlags(rawValue: 0x040)
  /// The congestion window was reduced (RFC 3168).
  public static let cwr = TCPFlags(rawValue: 0x080)
  /// The nonce sum (RFC 3540); RFC 7560 and after give the bit other meanings.
  public static let ns = TCPFlags(rawValue: 0x100)
}

extension TCPFlags: CustomStringConvertible {
  /// The names of the flags that are set, such as "SYN ACK", or "none".
  public var description: String {
    let names: [(TCPFlags, String)] = [
      (.fin, "FIN"), (.syn, "SYN"), (.rst, "RST"), (.psh, "PSH"), (.ack, "ACK"), (.urg, "URG"), (.ece, "ECE"),
      (.cwr, "CWR"), (.ns, "NS"),
    ]
    let set = names.filter { contains($0.0) }.map(\.1)
    return set.isEmpty ? "none" : set.joined(separator: " ")
  }
}
