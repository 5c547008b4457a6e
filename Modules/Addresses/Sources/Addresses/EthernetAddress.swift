/// The 48 bits of an Ethernet (MAC) address.
///
/// Its text form is six octets of two hexadecimal digits, separated by colons; hyphens and upper case are read too.
public struct EthernetAddress: TextualAddress {
  /// The octets in the order they are sent.
  @inlinable
  public var bytes: InlineArray<6, UInt8> {
    InlineArray { index in UInt8(truncatingIfNeeded: bits >> (40 - 8 * index)) }
  }

  @usableFromInline let bits: UInt64

  /// Makes an address from its octets.
  ///
  /// - Parameters:
  ///   - first: The first octet sent.
  ///   - second: The second octet.
  ///   - third: The third octet.
  ///   - fourth: The fourth octet.
  ///   - fifth: The fifth octet.
  ///   - sixth: The sixth octet.
  @inlinable
  public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8, _ fifth: UInt8, _ sixth: UInt8) {
    let high = UInt64(first) << 40 | UInt64(second) << 32 | UInt64(third) << 24
    bits = high | UInt64(fourth) << 16 | UInt64(fifth) << 8 | UInt64(sixth)
  }

  /// Makes an address from its bits.
  ///
  /// - Parameter bits: The first octet sent is in bits 40 to 47; what is above those is left out.
  @inlinable
  public init(bits: UInt64) { self.bits = bits & 0xFFFF_FFFF_FFFF }

  /// Makes an address from its octets in the order they are sent.
  ///
  /// - Parameter bytes: Exactly six bytes.
  /// - Throws: `AddressError` for any other count.
  public init(bytes: RawSpan) throws(AddressError) {
    try bytes.requireCount(6, of: .ethernet)
    bits = UInt64(bytes.bigEndian(UInt16.self, at: 0)) << 32 | UInt64(bytes.bigEndian(UInt32.self, at: 2))
  }

  /// Everyone on the link: ff:ff:ff:ff:ff:ff.
  public static let broadcast = EthernetAddress(0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF)

  /// Whether the address is the broadcast address.
  public var isBroadcast: Bool { self == .broadcast }
  /// Whether the address is of a group of stations: the lowest bit of the first octet is set.
  ///
  /// The broadcast address is one.
  public var isMulticast: Bool { bits >> 40 & 1 == 1 }
}

extension EthernetAddress {
  /// Reads six octets of two hexadecimal digits.
  ///
  /// - Parameter text: The octets, separated by colons or by hyphens (the same throughout), and nothing else.
  /// - Throws: `AddressError` at the first byte that cannot be right.
  public init(_ text: String) throws(AddressError) {
    try self.init(utf8: text.utf8.span)
  }

  /// Reads six octets of two hexadecimal digits from their UTF-8 bytes, without allocating.
  ///
  /// - Parameter utf8: The octets, separated by colons or by hyphens (the same throughout), and nothing else.
  /// - Throws: `AddressError` at the first byte that cannot be right.
  public init(utf8: Span<UInt8>) throws(AddressError) {
    var bits: UInt64 = 0
    for position in 0..<17 {
      if position % 3 == 2 {
        try Self.checkSeparator(in: utf8, at: position)
      } else if let digit = utf8.byte(at: position)?.hexValue {
        bits = bits << 4 | UInt64(digit)
      } else {
        throw AddressError(.ethernet, expected: .hexDigit, in: utf8, at: position)
      }
    }
    guard utf8.count == 17 else {
      throw AddressError(.ethernet, expected: .end, in: utf8, at: 17)
    }
    self.bits = bits
  }

  /// The first separator may be either; the others are what the first is.
  private static func checkSeparator(in text: Span<UInt8>, at position: Int) throws(AddressError) {
    let usesHyphens = text.has("-", at: 2)
    if position == 2 {
      guard usesHyphens || text.has(":", at: 2) else {
        throw AddressError(.ethernet, expected: .octetSeparator, in: text, at: 2)
      }
    } else {
      let separator: Unicode.Scalar = usesHyphens ? "-" : ":"
      guard text.has(separator, at: position) else {
        throw AddressError(.ethernet, expected: .character(separator), in: text, at: position)
      }
    }
  }

  /// The octets in lower case, separated by colons.
  public var description: String {
    let bytes = bytes
    return bytes.indices.map { bytes[$0].twoHexDigits }.joined(separator: ":")
  }
}
