/// An extension header of IPv6, as a value.
public enum IPv6ExtensionHeader: Hashable, Sendable {
  /// A fragment header.
  case fragment(IPv6FragmentHeader)
  /// Any other: hop-by-hop options, routing, AH or destination options. The data are what stands behind the length.
  case other(kind: IPProtocolNumber, nextHeader: IPProtocolNumber, data: [UInt8])

  /// Copies an extension header.
  ///
  /// - Parameter view: The header.
  public init(_ view: borrowing IPv6ExtensionView) {
    if let fragment = view.fragment {
      self = .fragment(fragment)
    } else {
      self = .other(kind: view.kind, nextHeader: view.nextHeader, data: view.bytes.extracting(2...).copied())
    }
  }

  /// Makes hop-by-hop or destination options, padded to a whole number of 8 bytes.
  ///
  /// - Parameters:
  ///   - kind: ``IPProtocolNumber/hopByHopOptions`` or ``IPProtocolNumber/ipv6DestinationOptions``.
  ///   - nextHeader: What follows the header.
  ///   - options: The options, in the order in which they are to stand.
  /// - Throws: ``PacketError`` for another kind, and for data that are too long for an option.
  public init(
    kind: IPProtocolNumber, nextHeader: IPProtocolNumber, options: [IPv6Option]
  ) throws(PacketError) {
    guard kind == .hopByHopOptions || kind == .ipv6DestinationOptions else {
      throw .malformed(.ipv6Extension, field: .type, found: Int(kind.rawValue))
    }
    var data: [UInt8] = []
    for option in options { try option.append(to: &data) }
    switch (8 - (data.count + 2) % 8) % 8 {
    case 0: break
    case 1: try IPv6Option.pad1.append(to: &data)
    case let missing: try IPv6Option.padN([UInt8](repeating: 0, count: missing - 2)).append(to: &data)
    }
    self = .other(kind: kind, nextHeader: nextHeader, data: data)
  }

  /// Which extension header it is.
  public var kind: IPProtocolNumber {
    switch self {
    case .fragment: .ipv6Fragment
    case .other(let kind, _, _): kind
    }
  }

  /// The size of the header, in bytes.
  public var byteCount: Int {
    switch self {
    case .fragment: IPv6FragmentHeader.byteCount
    case .other(_, _, let data): data.count + 2
    }
  }

  /// Writes the header.
  ///
  /// - Parameter bytes: Where it goes; its first ``byteCount`` bytes are written.
  /// - Throws: ``PacketError`` when there is no room, or for a size that the length field cannot say.
  public func write(into bytes: inout MutableRawSpan) throws(PacketError) {
    switch self {
    case .fragment(let header): try header.write(into: &bytes)
    case .other(let kind, let nextHeader, let data):
      let length = try Self.lengthField(byteCount, of: kind)
      guard bytes.byteCount >= byteCount else {
        throw .noRoom(.ipv6Extension, needed: byteCount, found: bytes.byteCount)
      }
      bytes.setByte(0, nextHeader.rawValue)
      bytes.setByte(1, length)
      bytes.setBytes(2, data)
    }
  }

  private static func lengthField(_ byteCount: Int, of kind: IPProtocolNumber) throws(PacketError) -> UInt8 {
    let unit = kind == .ah ? 4 : 8
    guard byteCount >= (kind == .ah ? 12 : 8), byteCount % unit == 0 else {
      throw .malformed(.ipv6Extension, field: .headerLength, found: byteCount)
    }
    guard let length = UInt8(exactly: (byteCount - 8) / unit) else {
      throw .tooLarge(.ipv6Extension, field: .headerLength, limit: 8 + unit * 255, found: byteCount)
    }
    return length
  }
}
