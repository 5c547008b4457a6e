/// A transport, an IPv6 host, a port, a flow label and a scope.
///
/// Mirrors `twisted.internet.address.IPv6Address`; its `type` is `transport` here, and its `scopeID` is always the
/// number (Twisted also lets the name of an interface stand there). Two addresses are equal when all five parts are.
public struct IPv6Address: Hashable, Sendable {
  /// The kind of transport; Twisted's `type`.
  public var transport: TransportKind
  /// The host.
  public var host: Host
  /// The port, from 0 to 65535.
  public var port: UInt16
  /// The traffic class and flow label as a number; 0 nearly always.
  public var flowInfo: UInt32
  /// The index of the interface that a link-local host is reached through; 0 where there is none.
  public var scopeID: UInt32

  /// Makes an address from its five parts.
  ///
  /// - Parameters:
  ///   - transport: The kind of transport.
  ///   - host: The host.
  ///   - port: The port, from 0 to 65535.
  ///   - flowInfo: The traffic class and flow label as a number.
  ///   - scopeID: The index of an interface, or 0.
  public init(transport: TransportKind, host: Host, port: UInt16, flowInfo: UInt32 = 0, scopeID: UInt32 = 0) {
    self.transport = transport
    self.host = host
    self.port = port
    self.flowInfo = flowInfo
    self.scopeID = scopeID
  }

  /// The host with its scope as a zone, where it has one.
  public var scopedHost: ScopedHost {
    ScopedHost(host: host, zone: scopeID == 0 ? nil : Zone(index: scopeID))
  }
}

extension IPv6Address: CustomStringConvertible {
  /// The address for people: `TCP [::1]:80`, with a scope `UDP [fe80::1%2]:53`.
  ///
  /// The flow label is left out.
  public var description: String { "\(transport) [\(scopedHost)]:\(port)" }
}

extension IPv6Address: Codable {
  private enum CodingKeys: String, CodingKey {
    case transport = "type"
    case host
    case port
    case flowInfo
    case scopeID
  }

  /// Reads an address from a keyed container.
  ///
  /// - Parameter decoder: The decoder to read from; `flowInfo` and `scopeID` are 0 where they are missing.
  /// - Throws: `DecodingError` for a missing or malformed part.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      transport: try container.decode(TransportKind.self, forKey: .transport),
      host: try container.decode(Host.self, forKey: .host),
      port: try container.decode(UInt16.self, forKey: .port),
      flowInfo: try container.decodeIfPresent(UInt32.self, forKey: .flowInfo) ?? 0,
      scopeID: try container.decodeIfPresent(UInt32.self, forKey: .scopeID) ?? 0)
  }
}
