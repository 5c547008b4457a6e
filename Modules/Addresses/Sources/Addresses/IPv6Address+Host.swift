extension IPv6Address {
  /// The 128 bits of an IPv6 host.
  ///
  /// Its text form is read in every spelling of RFC 4291 and written as RFC 5952 wants it. A zone (`%eth0`) is no part
  /// of it: see `ScopedHost`.
  public struct Host: TextualAddress {
    /// The first four groups as a number, the first group highest.
    public var high: UInt64
    /// The last four groups as a number, the fifth group highest.
    public var low: UInt64

    /// Makes a host from its two halves.
    ///
    /// - Parameters:
    ///   - high: The first four groups as a number, the first group highest.
    ///   - low: The last four groups as a number, the fifth group highest.
    public init(high: UInt64, low: UInt64) {
      self.high = high
      self.low = low
    }

    /// Makes a host from its octets in network order.
    ///
    /// - Parameter bytes: Exactly sixteen bytes.
    /// - Throws: `AddressError` for any other count.
    public init(bytes: RawSpan) throws(AddressError) {
      try bytes.requireCount(16, of: .ipv6Host)
      self.init(high: bytes.bigEndian(UInt64.self, at: 0), low: bytes.bigEndian(UInt64.self, at: 8))
    }

    /// Makes the IPv4-mapped host that stands for an IPv4 host: `::ffff:192.0.2.1`.
    ///
    /// - Parameter host: The IPv4 host.
    public init(mapping host: IPv4Address.Host) {
      self.init(high: 0, low: 0xFFFF << 32 | UInt64(host.bits))
    }

    /// The octets in network order.
    public var bytes: InlineArray<16, UInt8> {
      InlineArray { index in
        UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> (56 - 8 * (index & 7)))
      }
    }

    /// The eight groups of sixteen bits, in the order of the text form.
    var groups: InlineArray<8, UInt16> {
      InlineArray { index in
        UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> (48 - 16 * (index & 3)))
      }
    }

    /// Every interface of this machine: `::`.
    public static let any = Host(high: 0, low: 0)
    /// This machine, over the loopback interface: `::1`.
    public static let loopback = Host(high: 0, low: 1)

    /// Whether the host is `::1`.
    public var isLoopback: Bool { self == .loopback }
    /// Whether the host is in ff00::/8.
    public var isMulticast: Bool { high >> 56 == 0xFF }
    /// Whether the host is in fe80::/10, and so means something on one link only.
    public var isLinkLocal: Bool { high >> 54 == 0xFE80 >> 6 }
    /// The IPv4 host that an IPv4-mapped host (::ffff:0:0/96) stands for.
    public var ipv4Mapped: IPv4Address.Host? {
      high == 0 && low >> 32 == 0xFFFF ? IPv4Address.Host(bits: UInt32(truncatingIfNeeded: low)) : nil
    }
  }
}
