/// The kind of an IPv4 option.
public struct IPv4OptionKind: RawRepresentable, Hashable, Sendable {
  /// The first byte of the option: the copied flag, the class and the number.
  public var rawValue: UInt8

  /// Makes a kind from an option's first byte.
  ///
  /// - Parameter rawValue: The byte; any is allowed.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// The end of the options: 0.
  public static let end = IPv4OptionKind(rawValue: 0)
  /// Nothing; one byte that aligns the next option: 1.
  public static let noOperation = IPv4OptionKind(rawValue: 1)
  /// The routers passed write their addresses: 7.
  public static let recordRoute = IPv4OptionKind(rawValue: 7)
  /// The routers passed write the time: 68.
  public static let timestamp = IPv4OptionKind(rawValue: 68)
  /// Some of the routers to pass: 131.
  public static let looseSourceRoute = IPv4OptionKind(rawValue: 131)
  /// All of the routers to pass: 137.
  public static let strictSourceRoute = IPv4OptionKind(rawValue: 137)
  /// Every router is to look at the packet: 148.
  public static let routerAlert = IPv4OptionKind(rawValue: 148)

  /// Whether the option stands in every fragment, and not in the first alone.
  public var isCopied: Bool { rawValue & 0x80 != 0 }
}

/// An option of an IPv4 header, in borrowed bytes.
public struct IPv4OptionView: ~Escapable {
  /// The kind.
  public let kind: IPv4OptionKind
  /// What stands behind the kind and the length; empty for the kinds of one byte.
  public let data: RawSpan

  @_lifetime(copy data)
  init(kind: IPv4OptionKind, data: RawSpan) {
    self.kind = kind
    self.data = data
  }
}

/// The options of an IPv4 header, read one after the other.
///
/// The end of the options is not an option: what follows it is padding.
public struct IPv4Options: ~Escapable {
  private let bytes: RawSpan
  private var offset = 0

  /// Begins with the first option.
  ///
  /// - Parameter bytes: The options' bytes.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  /// Takes the next option.
  ///
  /// - Returns: The option; `nil` after the last one, after an end of options and after an error.
  /// - Throws: ``PacketError`` when an option's length is not there, less than the 2 bytes before the data, or more than is there.
  @_lifetime(copy self)
  public mutating func next() throws(PacketError) -> IPv4OptionView? {
    let left = bytes.byteCount - offset
    guard left > 0 else { return nil }
    let start = offset
    let kind = IPv4OptionKind(rawValue: bytes.byte(start))
    // Whatever is wrong with an option, nothing can be said of what follows it.
    offset = bytes.byteCount
    switch kind {
    case .end:
      return nil
    case .noOperation:
      offset = start + 1
      return IPv4OptionView(kind: kind, data: bytes.extracting(start..<start))
    default:
      guard left >= 2 else { throw .truncated(.ipv4, needed: 2, found: left) }
      let length = Int(bytes.byte(start + 1))
      guard length >= 2 else { throw .malformed(.ipv4, field: .option, found: length) }
      guard length <= left else { throw .truncated(.ipv4, needed: length, found: left) }
      offset = start + length
      return IPv4OptionView(kind: kind, data: bytes.extracting((start + 2)..<offset))
    }
  }
}
