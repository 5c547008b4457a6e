import Addresses
import Pair

/// One end's address in a synthetic capture, or what is known of it.
struct SyntheticPlace: Hashable {
  /// A host of either family.
  enum Host: Hashable {
    case ipv4(IPv4Address.Host)
    case ipv6(IPv6Address.Host)

    /// Whether both are of one family.
    func isOfFamily(of other: Host) -> Bool {
      switch (self, other) {
      case (.ipv4, .ipv4), (.ipv6, .ipv6): true
      case (.ipv4, .ipv6), (.ipv6, .ipv4): false
      }
    }

    /// Where the other end is when only this one is known: the same machine, if it is local, else documentation's.
    var otherEnd: Host {
      switch self {
      case .ipv4(let host):
        host.isLoopback || host.isLinkLocal ? self : .ipv4(IPv4Address.Host(192, 0, 2, 1))
      case .ipv6(let host):
        host.isLoopback || host.isLinkLocal
          ? self : .ipv6(IPv6Address.Host(high: 0x2001_0DB8_0000_0000, low: 1))
      }
    }
  }

  /// The host, nil where it is not known.
  var host: Host?
  /// The port, nil where it is not known.
  var port: UInt16?

  /// This place, with what it lacks from another of the same family.
  func orElse(_ other: SyntheticPlace) -> SyntheticPlace {
    if let host, let theirs = other.host, !host.isOfFamily(of: theirs) { return self }
    return SyntheticPlace(host: host ?? other.host, port: port ?? other.port)
  }
}

extension SyntheticPlace {
  // The first numbers of the ports that have no number of their own; each kind has so many, used round.
  private static let round = 16_384
  private static let firstPort = ["p": 49_152, "free": 32_768]
  private static let firstClientPort = 16_384
  private static let firstServerPort = 8_192

  /// What an address of a trace says.
  init(_ value: TraceValue?) {
    self.init()
    switch value {
    case .mapping(let mapping)?:
      if let binding = mapping["binding"] {
        self = SyntheticPlace(binding)
        return
      }
      for form in ["ipv4", "ipv6"] {
        if let parts = mapping[form]?.list, parts.count >= 2 {
          self = SyntheticPlace(host: Self.host(parts[0]), port: Self.port(parts[1]))
          return
        }
      }
    case .list(let parts)? where parts.count >= 2:
      self = SyntheticPlace(host: Self.host(parts[0]), port: Self.port(parts[1]))
    default: break
    }
  }

  /// The number of a port: a literal, or a placeholder's.
  static func port(_ value: TraceValue?) -> UInt16? {
    if let (kind, k) = placeholder(value?["port"]) {
      // Ports go round in both directions: `p-0` is no name of a trace, and has a number all the same.
      return firstPort[kind].map { UInt16($0 + (k - 1 + round) % round) }
    }
    guard let number = value?.int, number > 0 else { return nil }
    return UInt16(exactly: number)
  }

  /// A host's address; nil for a name and for the address that stands for all.
  static func host(_ value: TraceValue?) -> Host? {
    if let (_, k) = placeholder(value?["host"]) {
      return .ipv6(IPv6Address.Host(high: 0xFE80_0000_0000_0000, low: UInt64(k % 65_536)))
    }
    guard let text = value?.text else { return nil }
    let address = String(text.prefix { $0 != "%" })
    if let host = try? IPv4Address.Host(address) { return host == .any ? nil : .ipv4(host) }
    if let host = try? IPv6Address.Host(address) { return host == .any ? nil : .ipv6(host) }
    return nil
  }

  /// The kind and the number of a placeholder, such as `free-1`.
  private static func placeholder(_ value: TraceValue?) -> (kind: String, k: Int)? {
    guard let text = value?.text, let dash = text.lastIndex(of: "-") else { return nil }
    let digits = text[text.index(after: dash)...]
    guard (1...9).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let k = Int(digits)
    else { return nil }
    return (String(text[..<dash]), k)
  }

  /// Both ends with all that the trace does not say filled in by rule.
  ///
  /// - Parameters:
  ///   - client: What is known of the client's.
  ///   - server: What is known of the server's.
  ///   - ordinal: The connection's number in the trace, from 1.
  /// - Returns: Both ends' hosts, of one family, and ports.
  static func complete(_ client: SyntheticPlace, _ server: SyntheticPlace, ordinal: Int) -> (client: End, server: End) {
    let offset = (ordinal - 1) % round
    let clientPort = client.port ?? UInt16(firstClientPort + offset)
    let serverPort = server.port ?? UInt16(firstServerPort + offset % (firstClientPort - firstServerPort))
    switch (client.host ?? server.host?.otherEnd, server.host ?? client.host?.otherEnd) {
    case (.ipv4(let from)?, .ipv4(let to)?):
      return (
        End(header: .ipv4(source: from, destination: to), port: clientPort),
        End(header: .ipv4(source: to, destination: from), port: serverPort)
      )
    case (.ipv6(let from)?, .ipv6(let to)?):
      return (
        End(header: .ipv6(source: from, destination: to), port: clientPort),
        End(header: .ipv6(source: to, destination: from), port: serverPort)
      )
    default:
      // A UNIX socket, or nothing that could be an address: both ends are the connection's own.
      let low = UInt64(truncatingIfNeeded: ordinal) << 16
      let from = IPv6Address.Host(high: 0xFD73_0000_0000_0000, low: low | 2)
      let to = IPv6Address.Host(high: 0xFD73_0000_0000_0000, low: low | 1)
      return (
        End(header: .ipv6(source: from, destination: to), port: 2),
        End(header: .ipv6(source: to, destination: from), port: 1)
      )
    }
  }

  /// One end, whole: the addresses as it sends them, and its port.
  struct End: Hashable {
    var header: PseudoHeader
    var port: UInt16
  }
}
