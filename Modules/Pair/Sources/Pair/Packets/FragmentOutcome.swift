import Addresses

/// The bounds of a ``FragmentReassembler``.
public struct FragmentLimits: Hashable, Sendable {
  /// The bytes of all fragments together.
  public var memory: Int
  /// The datagrams that are kept, or remembered as given up.
  public var datagrams: Int
  /// The fragments of one datagram.
  public var fragments: Int
  /// How long a datagram is kept, from its first fragment on.
  public var lifetime: Duration

  /// Makes bounds.
  ///
  /// - Parameters:
  ///   - memory: The bytes of all fragments together.
  ///   - datagrams: The datagrams that are kept, or remembered as given up.
  ///   - fragments: The fragments of one datagram.
  ///   - lifetime: How long a datagram is kept; RFC 8200 says 60 seconds.
  public init(memory: Int = 4 << 20, datagrams: Int = 256, fragments: Int = 128, lifetime: Duration = .seconds(60)) {
    self.memory = memory
    self.datagrams = datagrams
    self.fragments = fragments
    self.lifetime = lifetime
  }
}

/// Why a fragment or a datagram was dropped.
public enum FragmentDrop: String, Hashable, Sendable, CaseIterable {
  /// The fragment carries nothing.
  case empty
  /// The fragment's place, or its length though it is not the last, is no multiple of 8 bytes.
  case misaligned
  /// The datagram would have more than 65,535 bytes.
  case tooLong = "too long"
  /// The fragment overlaps another, and is not its duplicate.
  case overlap
  /// The fragment lies behind the end that another gave, or gives another end.
  case end
  /// The datagram has too many fragments.
  case fragments = "too many fragments"
  /// The fragment is of a datagram that was given up before.
  case givenUp = "given up"
  /// There are too many bytes.
  case memory
  /// There are too many datagrams.
  case datagrams = "too many datagrams"
  /// The datagram's time is over.
  case timeout
}

/// What became of a fragment.
public enum FragmentOutcome: Hashable, Sendable {
  /// It completed its datagram: the head of the first fragment, and the whole payload.
  case complete([UInt8])
  /// It waits for the others.
  case held
  /// It was there before, byte for byte.
  case duplicate
  /// It was dropped; for an overlap, a wrong end or too many fragments together with its datagram.
  case dropped(FragmentDrop)
}

/// A datagram that was given up to make room, or for its age.
public struct DroppedDatagram<Key: Hashable & Sendable>: Hashable, Sendable {
  /// Which.
  public var key: Key
  /// Why.
  public var reason: FragmentDrop
}

/// What a fragment brought about.
public struct Reassembly<Key: Hashable & Sendable>: Hashable, Sendable {
  /// What became of the fragment.
  public var outcome: FragmentOutcome
  /// Which other datagrams were given up, in this order.
  public var others: [DroppedDatagram<Key>]
}

/// What the fragments of a datagram have in common.
public enum FragmentKey: Hashable, Sendable {
  /// Of IPv4.
  case ipv4(
    source: IPv4Address.Host, destination: IPv4Address.Host, protocolNumber: IPProtocolNumber, identification: UInt16)
  /// Of IPv6.
  case ipv6(source: IPv6Address.Host, destination: IPv6Address.Host, identification: UInt32)

  /// Reads the key of a packet.
  ///
  /// - Parameter packet: The packet.
  public init(_ packet: borrowing IPv4View) {
    self = .ipv4(
      source: packet.source, destination: packet.destination, protocolNumber: packet.protocolNumber,
      identification: packet.identification)
  }
}
