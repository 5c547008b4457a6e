/// The address of one end of a connection or port: what `buildProtocol` is given, and what `getHost` and `getPeer` give.
///
/// Mirrors `twisted.internet.interfaces.IAddress` with the implementations that a reactor hands out.
public enum Address: Hashable, Sendable {
  /// An IPv4 host and port.
  case ipv4(IPv4Address)
  /// An IPv6 host and port.
  case ipv6(IPv6Address)
  /// A UNIX domain socket.
  case unix(UNIXAddress)
  /// A host by its name, not yet resolved, and a port.
  case hostname(HostnameAddress)

  /// The port, or nil for a UNIX domain socket.
  public var port: UInt16? {
    switch self {
    case .ipv4(let address): address.port
    case .ipv6(let address): address.port
    case .unix: nil
    case .hostname(let address): address.port
    }
  }

  /// The kind of transport, where the address says it.
  public var transport: TransportKind? {
    switch self {
    case .ipv4(let address): address.transport
    case .ipv6(let address): address.transport
    case .unix, .hostname: nil
    }
  }
}

extension Address: CustomStringConvertible {
  /// The address for people, as the address within describes itself.
  public var description: String {
    switch self {
    case .ipv4(let address): address.description
    case .ipv6(let address): address.description
    case .unix(let address): address.description
    case .hostname(let address): address.description
    }
  }
}

extension Address: Codable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case ipv4
    case ipv6
    case unix
    case hostname
  }

  /// Reads an address from a keyed container with one key, which says the kind.
  ///
  /// - Parameter decoder: The decoder to read from.
  /// - Throws: `DecodingError` where there is not exactly one of the keys `ipv4`, `ipv6`, `unix` and `hostname`, or the
  ///   address under it is malformed.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let key = container.allKeys.first, container.allKeys.count == 1 else {
      let kinds = CodingKeys.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorrupted(
        DecodingError.Context(
          codingPath: container.codingPath,
          debugDescription: "expected exactly one of the keys \(kinds), found \(container.allKeys.count)"))
    }
    switch key {
    case .ipv4: self = .ipv4(try container.decode(IPv4Address.self, forKey: key))
    case .ipv6: self = .ipv6(try container.decode(IPv6Address.self, forKey: key))
    case .unix: self = .unix(try container.decode(UNIXAddress.self, forKey: key))
    case .hostname: self = .hostname(try container.decode(HostnameAddress.self, forKey: key))
    }
  }

  /// Writes the address into a keyed container under one key, which says the kind.
  ///
  /// - Parameter encoder: The encoder to write to.
  /// - Throws: Whatever the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .ipv4(let address): try container.encode(address, forKey: .ipv4)
    case .ipv6(let address): try container.encode(address, forKey: .ipv6)
    case .unix(let address): try container.encode(address, forKey: .unix)
    case .hostname(let address): try container.encode(address, forKey: .hostname)
    }
  }
}
