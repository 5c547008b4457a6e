import Addresses

/// A value that a layer hands up without looking at it.
///
/// Twisted's layers pass on whatever they are given: an address, text, bytes, a number, or nothing.
public enum HeaderValue: Hashable, Sendable {
  /// Nothing, Python's `None`.
  case none
  /// The address of a station, from an Ethernet header.
  case ethernet(EthernetAddress)
  /// A host, from an IP header.
  case host(IPv4Address.Host)
  /// A number.
  case number(Int)
  /// Bytes.
  case bytes([UInt8])
  /// Text.
  case text(String)
}

extension HeaderValue: CustomStringConvertible {
  /// The value for people.
  public var description: String {
    switch self {
    case .none: "nothing"
    case .ethernet(let address): "\(address)"
    case .host(let host): "\(host)"
    case .number(let number): "\(number)"
    case .bytes(let bytes): "\(InterfaceName(bytes: bytes))"
    case .text(let text): text
    }
  }
}
