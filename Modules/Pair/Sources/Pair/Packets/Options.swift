/// One option of a TCP header, of an IPv6 extension header or of a message of neighbour discovery, in borrowed bytes.
public struct OptionView: ~Escapable {
  /// The option's type; TCP calls it the kind.
  public let type: UInt8
  /// What stands behind the type and the length; empty for an option that is a single byte.
  public let data: RawSpan

  @_lifetime(copy data)
  init(type: UInt8, data: RawSpan) {
    self.type = type
    self.data = data
  }
}

/// Goes through options, one after the other, without copying.
///
/// Every step takes at least one byte, so that there are never more options than bytes.
public struct OptionIterator: ~Escapable {
  /// How the length of an option is written.
  enum Format {
    /// Types 0 and 1 are single bytes, and 0 ends the list. The length counts the bytes of the whole option.
    case tcp
    /// Type 0 is a single byte. The length counts the bytes of the data.
    case ipv6
    /// The length counts the whole option in units of 8 bytes.
    case neighborDiscovery
  }

  private var rest: RawSpan
  private let format: Format
  private let layer: PacketLayer

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, format: Format, layer: PacketLayer) {
    rest = bytes
    self.format = format
    self.layer = layer
  }

  /// Takes the next option.
  ///
  /// An option that ends TCP's list is given as any other; what stands behind it is padding, and is not gone through.
  ///
  /// - Returns: The option, or nil at the end.
  /// - Throws: ``PacketError`` for a length that cannot be or that runs over the end; the iterator is then at the end.
  @_lifetime(copy self)
  public mutating func next() throws(PacketError) -> OptionView? {
    let bytes = rest
    guard bytes.byteCount > 0 else { return nil }
    rest = bytes.extracting(first: 0)
    let type = bytes.byte(0)
    if isSingleByte(type) {
      if format == .ipv6 || type != TCPOption.Kind.endOfOptionList { rest = bytes.extracting(1...) }
      return OptionView(type: type, data: bytes.extracting(first: 0))
    }
    guard bytes.byteCount >= 2 else { throw .truncated(layer, needed: 2, found: bytes.byteCount) }
    let found = Int(bytes.byte(1))
    let length =
      switch format {
      case .tcp: found
      case .ipv6: found + 2
      case .neighborDiscovery: found * 8
      }
    guard length >= 2 else { throw .malformed(layer, field: .option, found: found) }
    guard length <= bytes.byteCount else { throw .truncated(layer, needed: length, found: bytes.byteCount) }
    rest = bytes.extracting(length...)
    return OptionView(type: type, data: bytes.extracting(2..<length))
  }

  private func isSingleByte(_ type: UInt8) -> Bool {
    switch format {
    case .tcp: type <= TCPOption.Kind.noOperation
    case .ipv6: type == 0
    case .neighborDiscovery: false
    }
  }
}
