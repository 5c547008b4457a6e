extension IPv4Address {
  /// The 32 bits of an IPv4 host.
  ///
  /// Its text form is the strict dotted quad: four decimal octets without leading zeros, as `inet_pton` and Twisted's
  /// `isIPAddress` want it; none of the older forms (`127.1`, `0x7f.1`, `2130706433`) is read.
  public struct Host: TextualAddress {
    /// The bits as a number, the first octet highest: 127.0.0.1 is `0x7F00_0001`.
    public var bits: UInt32

    /// Makes a host from its bits.
    ///
    /// - Parameter bits: The bits as a number, the first octet highest.
    @inlinable
    public init(bits: UInt32) {
      self.bits = bits
    }

    /// Makes a host from its octets, in the order of the dotted quad.
    ///
    /// - Parameters:
    ///   - first: The first octet.
    ///   - second: The second octet.
    ///   - third: The third octet.
    ///   - fourth: The fourth octet.
    public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
      self.init(bits: UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth))
    }

    /// Makes a host from its octets in network order.
    ///
    /// - Parameter bytes: Exactly four bytes.
    /// - Throws: `AddressError` for any other count.
    public init(bytes: RawSpan) throws(AddressError) {
      try bytes.requireCount(4, of: .ipv4Host)
      self.init(bits: bytes.bigEndian(UInt32.self, at: 0))
    }

    /// The octets in network order.
    public var bytes: InlineArray<4, UInt8> {
      InlineArray { index in UInt8(truncatingIfNeeded: bits >> (24 - 8 * index)) }
    }

    /// Every interface of this machine: 0.0.0.0.
    public static let any = Host(0, 0, 0, 0)
    /// This machine, over the loopback interface: 127.0.0.1.
    public static let loopback = Host(127, 0, 0, 1)
    /// Everyone on the local network: 255.255.255.255.
    public static let broadcast = Host(255, 255, 255, 255)

    /// Whether the host is in 127.0.0.0/8.
    public var isLoopback: Bool { bits >> 24 == 127 }
    /// Whether the host is in 224.0.0.0/4.
    public var isMulticast: Bool { bits >> 28 == 0xE }
    /// Whether the host is in 169.254.0.0/16.
    public var isLinkLocal: Bool { bits >> 16 == 0xA9FE }
  }
}

extension IPv4Address.Host {
  /// Reads a strict dotted quad.
  ///
  /// - Parameter text: Four decimal octets without leading zeros, separated by dots, and nothing else.
  /// - Throws: `AddressError` at the first byte that cannot be right.
  public init(_ text: String) throws(AddressError) {
    try self.init(utf8: text.utf8.span)
  }

  /// Reads a strict dotted quad from its UTF-8 bytes, without allocating.
  ///
  /// - Parameter utf8: Four decimal octets without leading zeros, separated by dots, and nothing else.
  /// - Throws: `AddressError` at the first byte that cannot be right.
  public init(utf8: Span<UInt8>) throws(AddressError) {
    var position = 0
    try self.init(prefixOf: utf8, at: &position, of: .ipv4Host)
    guard position == utf8.count else {
      throw AddressError(.ipv4Host, expected: .end, in: utf8, at: position)
    }
  }

  /// Reads a dotted quad at `position` and moves it past the last digit; what follows is the caller's matter.
  init(prefixOf text: Span<UInt8>, at position: inout Int, of subject: AddressError.Subject) throws(AddressError) {
    var bits: UInt32 = 0
    for index in 0..<4 {
      if index > 0 {
        guard text.has(".", at: position) else {
          throw AddressError(subject, expected: .character("."), in: text, at: position)
        }
        position += 1
      }
      bits = bits << 8 | UInt32(try Self.octet(in: text, at: &position, of: subject))
    }
    self.init(bits: bits)
  }

  private static func octet(
    in text: Span<UInt8>, at position: inout Int, of subject: AddressError.Subject
  ) throws(AddressError) -> UInt8 {
    guard var octet = text.byte(at: position)?.decimalValue else {
      throw AddressError(subject, expected: .decimalDigit, in: text, at: position)
    }
    position += 1
    while let digit = text.byte(at: position)?.decimalValue {
      guard octet != 0 else {
        throw AddressError(subject, expected: .noLeadingZero, in: text, at: position)
      }
      let (tens, overflow) = octet.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(digit)
      guard !overflow, !carry else {
        throw AddressError(subject, expected: .octet, in: text, at: position)
      }
      octet = sum
      position += 1
    }
    return octet
  }

  /// The dotted quad.
  public var description: String {
    let bytes = bytes
    return "\(bytes[0]).\(bytes[1]).\(bytes[2]).\(bytes[3])"
  }
}
