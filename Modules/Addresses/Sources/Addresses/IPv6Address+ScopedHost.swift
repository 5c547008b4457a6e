extension IPv6Address {
  /// An IPv6 host and, where the text named one, the zone it belongs to (RFC 4007): `fe80::1%eth0`, `fe80::1%2`, `::1`.
  public struct ScopedHost: TextualAddress {
    /// The host.
    public var host: Host
    /// The zone, or nil where there is none.
    public var zone: Zone?

    /// Makes a scoped host from its two parts.
    ///
    /// - Parameters:
    ///   - host: The host.
    ///   - zone: The zone, or nil where there is none.
    public init(host: Host, zone: Zone? = nil) {
      self.host = host
      self.zone = zone
    }

    /// The number that stands in `IPv6Address.scopeID`.
    ///
    /// Names of interfaces are known to the system alone, so turning one into its index is the caller's work.
    ///
    /// - Parameter interfaceIndex: Gives the index of the interface of a name, as `if_nametoindex` does. Called at most
    ///   once, and only where the zone has a name.
    /// - Returns: The zone's number, what `interfaceIndex` gave, or 0 where there is no zone.
    /// - Throws: What `interfaceIndex` throws.
    public func scopeID<Failure: Error>(
      interfaceIndex: (_ name: String) throws(Failure) -> UInt32
    ) throws(Failure) -> UInt32 {
      switch zone?.value {
      case nil: 0
      case .index(let index): index
      case .name(let name): try interfaceIndex(name)
      }
    }

    /// Reads a host with or without a zone.
    ///
    /// - Parameter text: What `Host` reads; then nothing, or a percent sign and what `Zone` reads.
    /// - Throws: `AddressError` at the first byte that cannot be right.
    public init(_ text: String) throws(AddressError) {
      try self.init(utf8: text.utf8.span)
    }

    /// Reads a host with or without a zone from its UTF-8 bytes.
    ///
    /// - Parameter utf8: What `Host` reads; then nothing, or a percent sign and what `Zone` reads.
    /// - Throws: `AddressError` at the first byte that cannot be right.
    public init(utf8: Span<UInt8>) throws(AddressError) {
      var position = 0
      let host = try Host(prefixOf: utf8, at: &position)
      if utf8.has("%", at: position) {
        self.init(host: host, zone: try Zone(restOf: utf8, at: position + 1))
      } else if position == utf8.count {
        self.init(host: host)
      } else {
        throw AddressError(.ipv6Host, expected: .end, in: utf8, at: position)
      }
    }

    /// The host, then a percent sign and the zone where there is one.
    public var description: String {
      guard let zone else { return host.description }
      return "\(host)%\(zone)"
    }
  }
}
