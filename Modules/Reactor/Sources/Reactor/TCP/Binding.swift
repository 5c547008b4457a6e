import Addresses

/// How a socket is to be bound: a local address that need not be good, and two options.
///
/// Mirrors `twisted.internet.tcp.makeBinding`.
public struct Binding: Hashable, Sendable {
  /// The host: empty for any, an address literal, or a name, which is looked up at once.
  public var interface: String
  /// The port; 0 lets the operating system choose.
  public var port: Int
  /// Whether an address that an ended connection still holds may be bound: `SO_REUSEADDR`.
  public var reuseAddress: Bool
  /// Whether several sockets may be bound to the address: `SO_REUSEPORT`.
  public var reusePort: Bool

  /// Describes how to bind.
  ///
  /// - Parameters:
  ///   - interface: The host: empty for any, an address literal, or a name.
  ///   - port: The port; 0 lets the operating system choose.
  ///   - reuseAddress: Whether to set `SO_REUSEADDR`.
  ///   - reusePort: Whether to set `SO_REUSEPORT`.
  public init(interface: String = "", port: Int = 0, reuseAddress: Bool = false, reusePort: Bool = false) {
    self.interface = interface
    self.port = port
    self.reuseAddress = reuseAddress
    self.reusePort = reusePort
  }
}

extension Binding {

  /// Why no address came of it.
  enum Failure: Error {
    /// No address has this port.
    case port(OverflowError)
    /// Nobody knows the host in the family.
    case unknownHost
  }

  /// The address in a family.
  func address(in family: AddressFamily) throws(Failure) -> Address {
    guard let number = UInt16(exactly: port) else { throw .port(OverflowError(value: port)) }
    switch (HostLiteral(interface), family) {
    case (.ipv4(let host), _):
      return .ipv4(IPv4Address(transport: .tcp, host: host, port: number))
    case (.ipv6(let host), _):
      guard let scope = try? host.scope else { throw .unknownHost }
      return .ipv6(IPv6Address(transport: .tcp, host: host.host, port: number, scopeID: scope))
    case (.name, .inet6) where interface.isEmpty:
      return .ipv6(IPv6Address(transport: .tcp, host: .any, port: number))
    case (.name, _) where interface.isEmpty:
      return .ipv4(IPv4Address(transport: .tcp, host: .any, port: number))
    case (.name, let family):
      let types: AddressTypes = family == .inet6 ? .ipv6 : .ipv4
      guard let first = SystemNames.addresses(of: interface, port: number, types, for: .tcp).first else {
        throw .unknownHost
      }
      return first
    }
  }

  /// Sets the options of a socket, and binds it.
  func bind(_ socket: Int32, in family: AddressFamily, _ io: IO) throws {
    if reuseAddress { try io.setOption(.reuseAddress, of: socket, to: 1) }
    if reusePort { try io.setOption(.reusePort, of: socket, to: 1) }
    try io.bind(socket, to: try address(in: family))
  }

  /// The binding as it crosses the boundary.
  var value: BoundaryValue { .tuple([.text(interface), .int(port), .bool(reuseAddress), .bool(reusePort)]) }
}

extension PortSpecifier {
  /// The number, with a service's name looked up.
  var number: Int {
    get throws(ConnectError) {
      switch self {
      case .number(let number):
        return number
      case .service(let name):
        guard let port = SystemNames.port(ofService: name) else { throw .unknownService }
        return Int(port)
      }
    }
  }
}
