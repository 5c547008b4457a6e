/// An option in IPv6's hop-by-hop or destination options, as a value.
public enum IPv6Option: Hashable, Sendable {
  /// One byte of padding.
  case pad1
  /// Two or more bytes of padding, of which these stand behind type and length.
  case padN([UInt8])
  /// Routers are to look at the packet (RFC 2711).
  case routerAlert(UInt16)
  /// The length of a packet of more than 65,535 bytes (RFC 2675).
  case jumboPayload(UInt32)
  /// Any other option, and a known one with a length that it cannot have.
  case unknown(type: UInt8, data: [UInt8])

  private enum Kind {
    static let pad1: UInt8 = 0
    static let padN: UInt8 = 1
    static let routerAlert: UInt8 = 5
    static let jumboPayload: UInt8 = 0xC2
  }

  /// Copies an option.
  ///
  /// - Parameter view: The option.
  public init(_ view: borrowing OptionView) {
    let data = view.data
    switch (view.type, data.byteCount) {
    case (Kind.pad1, _): self = .pad1
    case (Kind.padN, _): self = .padN(data.copied())
    case (Kind.routerAlert, 2): self = .routerAlert(data.uint16(0))
    case (Kind.jumboPayload, 4): self = .jumboPayload(data.uint32(0))
    default: self = .unknown(type: view.type, data: data.copied())
    }
  }

  /// Appends the option as it is sent.
  func append(to bytes: inout [UInt8]) throws(PacketError) {
    switch self {
    case .pad1: bytes.append(Kind.pad1)
    case .padN(let data): try Self.append(Kind.padN, data, to: &bytes)
    case .routerAlert(let value):
      bytes += [Kind.routerAlert, 2]
      bytes.appendBigEndian(value)
    case .jumboPayload(let length):
      bytes += [Kind.jumboPayload, 4]
      bytes.appendBigEndian(length)
    case .unknown(let type, let data): try Self.append(type, data, to: &bytes)
    }
  }

  private static func append(_ type: UInt8, _ data: [UInt8], to bytes: inout [UInt8]) throws(PacketError) {
    guard let length = UInt8(exactly: data.count) else {
      throw .tooLarge(.ipv6Extension, field: .option, limit: Int(UInt8.max), found: data.count)
    }
    bytes += [type, length]
    bytes += data
  }

  /// The length in a jumbo payload option of the hop-by-hop options that bytes begin with, if there is one.
  static func jumboPayloadLength(inHopByHopOptions bytes: RawSpan) throws(PacketError) -> UInt32? {
    var extensions = IPv6ExtensionIterator(nextHeader: .hopByHopOptions, bytes)
    guard let header = try extensions.next(), var options = header.options else { return nil }
    while let option = try options.next() {
      if option.type == Kind.jumboPayload, option.data.byteCount == 4 { return option.data.uint32(0) }
    }
    return nil
  }
}
