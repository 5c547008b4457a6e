import Addresses

/// What a text that names a host is: an address literal, or else a name.
enum HostLiteral {
  /// A strict dotted quad: `twisted.internet.abstract.isIPAddress`.
  case ipv4(IPv4Address.Host)
  /// An IPv6 literal with or without a scope: `twisted.internet.abstract.isIPv6Address`.
  case ipv6(IPv6Address.ScopedHost)
  /// Anything else.
  case name

  init(_ text: String) {
    if let host = try? IPv4Address.Host(text) {
      self = .ipv4(host)
    } else if let host = try? IPv6Address.ScopedHost(text) {
      self = .ipv6(host)
    } else {
      self = .name
    }
  }

  /// The family of the socket that connects to it; names are only ever resolved to IPv4.
  var family: AddressFamily {
    switch self {
    case .ipv4, .name: .inet
    case .ipv6: .inet6
    }
  }
}

extension IPv6Address.ScopedHost {
  /// The number of the scope, with an interface's name looked up.
  var scope: UInt32 {
    get throws(DNSLookupError) {
      try scopeID { (name) throws(DNSLookupError) in
        guard let index = SystemNames.index(ofInterface: name) else { throw DNSLookupError(description) }
        return index
      }
    }
  }
}
