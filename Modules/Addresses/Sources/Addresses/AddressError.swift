/// A text or a run of bytes that is no address: what was being read, what was expected, where, and what was there.
///
/// ```
/// IPv4 host: expected a decimal digit at byte 4, found "x"
/// ```
public struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being read.
  public var subject: Subject
  /// What would have been right at `position`.
  public var expected: Expectation
  /// What was at `position` instead.
  public var found: Found
  /// Where reading stopped: a byte offset, from 0, into the text's UTF-8 or into the bytes given.
  public var position: Int

  /// Makes an error from its four parts.
  ///
  /// - Parameters:
  ///   - subject: What was being read.
  ///   - expected: What would have been right at `position`.
  ///   - found: What was at `position` instead.
  ///   - position: A byte offset from 0.
  public init(_ subject: Subject, expected: Expectation, found: Found, position: Int) {
    self.subject = subject
    self.expected = expected
    self.found = found
    self.position = position
  }

  /// One sentence that names all four parts.
  public var description: String {
    "\(subject.rawValue): expected \(expected) at byte \(position), found \(found)"
  }

  /// What was being read; the raw value is how a message names it.
  public enum Subject: String, Hashable, Sendable {
    /// The 32 bits of an `IPv4Address.Host`.
    case ipv4Host = "IPv4 host"
    /// The 128 bits of an `IPv6Address.Host`.
    case ipv6Host = "IPv6 host"
    /// The part after the percent sign of an `IPv6Address.ScopedHost`.
    case ipv6Zone = "IPv6 zone"
    /// The name of a `UNIXAddress`.
    case unixName = "UNIX socket name"
    /// The name of a `HostnameAddress`.
    case hostname = "hostname"
    /// The 48 bits of an `EthernetAddress`.
    case ethernet = "Ethernet address"
    /// A C `struct sockaddr` of any family.
    case sockaddr = "sockaddr"
  }
}

extension AddressError {
  /// What would have been right.
  public enum Expectation: Hashable, Sendable, CustomStringConvertible {
    /// A digit from 0 to 9.
    case decimalDigit
    /// A digit from 0 to 9, a to f or A to F.
    case hexDigit
    /// An octet that is at most 255.
    case octet
    /// An end to a number that began with a zero: octets and zone indices have no leading zeros.
    case noLeadingZero
    /// An end to a group that already has four hexadecimal digits.
    case group
    /// This ASCII character.
    case character(Unicode.Scalar)
    /// A separator of Ethernet octets: a colon or a hyphen.
    case octetSeparator
    /// No more text.
    case end
    /// A zone: a decimal index or the name of an interface.
    case zone
    /// A zone index that is at most 4294967295.
    case zoneIndex
    /// The name of an interface, as Linux allows it.
    case interfaceName
    /// A visible ASCII character.
    case visibleASCII
    /// A label of at least one character.
    case label
    /// A dot or the end, after a label of 63 characters.
    case labelEnd
    /// A backslash, or `x` and two hexadecimal digits, after a backslash.
    case escape
    /// A byte other than zero.
    case nonzeroByte
    /// Nothing but zero bytes after the one that ends a path.
    case zeroByte
    /// Exactly so many bytes.
    case bytes(Int)
    /// No fewer bytes than this.
    case atLeast(bytes: Int)
    /// No more bytes than this.
    case atMost(bytes: Int)
    /// The family AF_INET, AF_INET6 or AF_UNIX.
    case family

    /// The expectation as a message words it.
    public var description: String {
      switch self {
      case .decimalDigit: "a decimal digit"
      case .hexDigit: "a hexadecimal digit"
      case .octet: "an octet of at most 255"
      case .noLeadingZero: "no digit after a leading zero"
      case .group: "a group of at most four hexadecimal digits"
      case .character(let character): "\"\(character)\""
      case .octetSeparator: "\":\" or \"-\""
      case .end: "the end"
      case .zone: "a zone index or an interface name"
      case .zoneIndex: "a zone index of at most 4294967295"
      case .interfaceName: "an interface name of 1 to 15 visible characters without \"/\", \":\", \"%\""
      case .visibleASCII: "a visible ASCII character"
      case .label: "a label of at least one character"
      case .labelEnd: "a label of at most 63 characters"
      case .escape: "\"\\\" or \"x\" and two hexadecimal digits"
      case .nonzeroByte: "a byte other than zero"
      case .zeroByte: "a zero byte"
      case .bytes(let count): "exactly \(count) bytes"
      case .atLeast(let count): "at least \(count) bytes"
      case .atMost(let count): "at most \(count) bytes"
      case .family: "the family AF_INET, AF_INET6 or AF_UNIX"
      }
    }
  }

  /// What was there instead.
  public enum Found: Hashable, Sendable, CustomStringConvertible {
    /// Nothing more.
    case end
    /// This byte.
    case byte(UInt8)
    /// So many bytes in all.
    case bytes(Int)
    /// This address family.
    case family(UInt16)

    /// What was found as a message words it: visible ASCII in quotes, any other byte in hexadecimal.
    public var description: String {
      switch self {
      case .end: "the end"
      case .byte(let byte) where byte.isVisibleASCII: "\"\(Unicode.Scalar(byte))\""
      case .byte(let byte): "the byte 0x\(byte.twoHexDigits)"
      case .bytes(let count): "\(count)"
      case .family(let family): "\(family)"
      }
    }
  }
}

extension AddressError {
  /// An error at a place in a text: what was found is the byte there, or the end.
  init(_ subject: Subject, expected: Expectation, in text: Span<UInt8>, at position: Int) {
    let found = text.byte(at: position).map(Found.byte) ?? .end
    self.init(subject, expected: expected, found: found, position: position)
  }
}
