import Addresses

/// One extension header of an IPv6 packet, in borrowed bytes.
public struct IPv6ExtensionView: ~Escapable {
  /// Which extension header it is: hop-by-hop options, routing, fragment, AH or destination options.
  public let kind: IPProtocolNumber
  /// The whole header.
  public let bytes: RawSpan

  @_lifetime(copy bytes)
  init(kind: IPProtocolNumber, bytes: RawSpan) {
    self.kind = kind
    self.bytes = bytes
  }

  /// What follows the header.
  public var nextHeader: IPProtocolNumber { IPProtocolNumber(rawValue: bytes.byte(0)) }

  /// The options, in a header that has them.
  public var options: OptionIterator? {
    @_lifetime(copy self) get {
      guard kind == .hopByHopOptions || kind == .ipv6DestinationOptions else { return nil }
      return OptionIterator(bytes.extracting(2...), format: .ipv6, layer: .ipv6Extension)
    }
  }

  /// What a routing header says.
  public var routing: IPv6RoutingView? {
    @_lifetime(copy self) get { kind == .ipv6Routing ? IPv6RoutingView(bytes) : nil }
  }

  /// What a fragment header says.
  public var fragment: IPv6FragmentHeader? { kind == .ipv6Fragment ? try? IPv6FragmentHeader(bytes) : nil }

  /// What an authentication header says.
  public var authentication: AuthenticationView? {
    @_lifetime(copy self) get { kind == .ah ? AuthenticationView(bytes) : nil }
  }
}

/// A routing header of IPv6.
public struct IPv6RoutingView: ~Escapable {
  private let bytes: RawSpan

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { self.bytes = bytes }

  /// How the data are to be read: 2 for mobility, 3 for RPL, 4 for segment routing.
  public var routingType: UInt8 { bytes.byte(2) }
  /// How many of the listed hosts are still to be visited.
  public var segmentsLeft: UInt8 { bytes.byte(3) }
  /// The last of the listed hosts, while some are still to be visited; nil for a type that lists them otherwise.
  public var finalDestination: IPv6Address.Host? {
    guard segmentsLeft > 0, bytes.byteCount >= 24 else { return nil }
    return switch routingType {
    // Source routing, which RFC 5095 deprecates, lists the hosts in the order of the way.
    case 0: bytes.ipv6Host(bytes.byteCount - 16)
    // Mobility has one host, and segment routing lists them backwards.
    case 2, 4: bytes.ipv6Host(8)
    default: nil
    }
  }
  /// The data of the type.
  public var data: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(4...) }
  }
}

/// An authentication header (RFC 4302).
public struct AuthenticationView: ~Escapable {
  private let bytes: RawSpan

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { self.bytes = bytes }

  /// Which security association the packet belongs to.
  public var securityParametersIndex: UInt32 { bytes.uint32(4) }
  /// The packet's number in the association.
  public var sequenceNumber: UInt32 { bytes.uint32(8) }
  /// The value that proves the packet, padding included.
  public var integrityCheckValue: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(12...) }
  }
}

/// Goes through the extension headers of an IPv6 packet, without copying.
///
/// Every header takes at least 8 bytes, so that a packet has at most 8,191. The walk ends before the protocol above,
/// before ESP, where nothing is to follow, and behind the header of a fragment that is not the first: what follows there
/// is the middle of something.
public struct IPv6ExtensionIterator: ~Escapable {
  /// What ``rest`` begins with.
  public private(set) var nextHeader: IPProtocolNumber
  /// What follows the headers that were gone through.
  public private(set) var rest: RawSpan
  /// The fragment header that was gone through; the last, if there were several.
  public private(set) var fragment: IPv6FragmentHeader?
  private var state = State.first

  private enum State {
    case first
    case later
    case ended
  }

  @_lifetime(copy bytes)
  init(nextHeader: IPProtocolNumber, _ bytes: RawSpan) {
    self.nextHeader = nextHeader
    rest = bytes
  }

  /// Takes the next extension header.
  ///
  /// - Returns: The header, or nil at the end.
  /// - Throws: ``PacketError`` for a header that is not whole, and for hop-by-hop options in another than the first place;
  ///   the walk has then ended before it.
  @_lifetime(copy self)
  public mutating func next() throws(PacketError) -> IPv6ExtensionView? {
    guard state != .ended else { return nil }
    let isFirst = state == .first
    let kind = nextHeader
    // Whatever goes wrong from here on, there is nothing more to take.
    state = .ended
    guard let unit = Self.lengthUnit(of: kind) else { return nil }
    guard kind != .hopByHopOptions || isFirst else {
      throw .malformed(.ipv6Extension, field: .type, found: Int(kind.rawValue))
    }
    guard rest.byteCount >= 8 else { throw .truncated(.ipv6Extension, needed: 8, found: rest.byteCount) }
    let length = 8 + unit * Int(rest.byte(1))
    // The fields of an authentication header take 12 bytes; all others fit into the 8 that each header has.
    guard kind != .ah || length >= 12 else { throw .malformed(.ipv6Extension, field: .headerLength, found: length) }
    guard length <= rest.byteCount else {
      throw .truncated(.ipv6Extension, needed: length, found: rest.byteCount)
    }
    let view = IPv6ExtensionView(kind: kind, bytes: rest.extracting(0..<length))
    rest = rest.extracting(length...)
    nextHeader = view.nextHeader
    if let fragment = view.fragment { self.fragment = fragment }
    if view.fragment.map({ $0.fragmentOffset == 0 }) ?? true { state = .later }
    return view
  }

  /// How many bytes one more in the length field stands for; nil for what is no extension header that can be passed.
  private static func lengthUnit(of kind: IPProtocolNumber) -> Int? {
    switch kind {
    case .hopByHopOptions, .ipv6Routing, .ipv6DestinationOptions: 8
    case .ah: 4
    case .ipv6Fragment: 0
    default: nil
    }
  }
}
