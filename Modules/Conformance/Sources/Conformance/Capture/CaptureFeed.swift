import Pair
import Reactor
import Synchronization

/// Feeds the packets of a capture to Twisted's packet stack, and tells what becomes of each.
///
/// A ``Pair/TuntapPort`` listens on a tunnel in memory, under a reactor that runs over the same memory; above it stand
/// ``Pair/EthernetProtocol`` (on a tap device), ``Pair/IPProtocol`` and ``Pair/RawUDPProtocol``. Nothing of it touches
/// the network or a clock.
public final class CaptureFeed {
  /// A UDP datagram that the stack handed to a port's protocol.
  public struct Datagram: Hashable, Sendable {
    /// Whom it is from.
    public var source: HeaderValue
    /// The port that it is from.
    public var sourcePort: UInt16
    /// Whom it is for.
    public var destination: HeaderValue
    /// The port that it is for.
    public var destinationPort: UInt16
    /// What it carries.
    public var payload: [UInt8]

    /// Makes a datagram.
    ///
    /// - Parameters:
    ///   - source: Whom it is from.
    ///   - sourcePort: The port that it is from.
    ///   - destination: Whom it is for.
    ///   - destinationPort: The port that it is for.
    ///   - payload: What it carries.
    public init(
      source: HeaderValue, sourcePort: UInt16, destination: HeaderValue, destinationPort: UInt16, payload: [UInt8]
    ) {
      self.source = source
      self.sourcePort = sourcePort
      self.destination = destination
      self.destinationPort = destinationPort
      self.payload = payload
    }
  }

  /// Why no protocol wanted a packet.
  public enum Disinterest: Hashable, Sendable {
    /// Nothing is added to Ethernet for the type, or a tun device does not carry it.
    case etherType(Int)
    /// Nothing is added to IP for the protocol.
    case ipProtocol(Int)
    /// Nothing is added to UDP for the port.
    case port(Int)
    /// It is a fragment, and not the first; its place in bytes.
    case fragment(offset: Int)
  }

  /// What becomes of a packet.
  public enum Outcome: Hashable, Sendable {
    /// A protocol got the datagram.
    case delivered(Datagram)
    /// No protocol wanted it.
    case ignored(Disinterest)
    /// A layer threw; its words.
    case refused(String)
  }

  private let linkType: CaptureLinkType
  private let medium: PacketMedium
  private let reactor: Reactor
  private let port: TuntapPort
  private let tunnel: Tunnel
  private let notes: FeedNotes

  /// Opens a tunnel and puts the stack on it.
  ///
  /// - Parameters:
  ///   - medium: The tunnel: Ethernet for a tap device, IP for a tun device.
  ///   - linkType: What the packets begin with. Ethernet headers are taken off for a tun device, and put before IP packets
  ///     for a tap device.
  ///   - ports: The UDP ports that have a protocol; `nil` for all.
  ///   - profile: How closely the stack follows Twisted.
  /// - Throws: ``CaptureError`` with the code `link-type` for packets that are neither Ethernet nor IP; what the system
  ///   refuses.
  public init(
    into medium: PacketMedium, linkType: CaptureLinkType, ports: Set<UInt16>? = nil, profile: PairProfile = .correct
  ) throws {
    if case .other = linkType {
      throw CaptureError(.linkType, "\(linkType)", "packets are fed that begin with an Ethernet or an IP header")
    }
    self.linkType = linkType
    self.medium = medium
    let notes = FeedNotes(ports: ports)
    self.notes = notes
    let log = LogSink { event in
      if let error = event.error { notes.error.withLock { $0 = "\(error)" } }
    }
    let system = MemoryIOSystem.withTunnels()
    reactor = try Reactor(io: system, log: log)
    let udp = FeedUDP(notes, profile: profile)
    let ip = FeedIP(notes, profile: profile)
    try ip.addProto(Int(UDPHeader.protocolNumber), udp)
    let bottom: AbstractDatagramProtocol
    switch medium {
    case .ethernet:
      let ethernet = FeedEthernet(notes)
      try ethernet.addProto(Int(FeedFrame.ipv4), ip)
      bottom = ethernet
    case .ip: bottom = ip
    }
    port = try TuntapPort(
      medium == .ethernet ? "tap0" : "tun0", bottom, maxPacketSize: FeedFrame.largest, reactor: reactor, system: system,
      log: log, profile: profile)
    try port.startListening()
    tunnel = try system.getTunnel(port)
  }

  deinit {
    // Port and protocol hold each other until the port is closed; that memory refuses to close is no news.
    try? port.connectionLost()
  }

  /// Feeds one packet.
  ///
  /// - Parameter packet: The packet, with the link type that was given.
  /// - Returns: What becomes of it.
  public func feed(_ packet: RawSpan) -> Outcome {
    let frame: [UInt8]
    switch FeedFrame.adapt(packet, of: linkType, to: medium) {
    case .frame(let bytes): frame = bytes
    case .done(let outcome): return outcome
    }
    notes.begin()
    tunnel.readBuffer.append(frame)
    reactor.iterate(.zero)
    if let error = notes.error.withLock({ $0 }) { return .refused(error) }
    if let datagram = notes.delivered { return .delivered(datagram) }
    // A layer that neither hands on nor throws has noted why.
    return notes.disinterest.map(Outcome.ignored) ?? .refused("the stack said nothing")
  }
}

extension CaptureFeed.Disinterest: CustomStringConvertible {
  /// The reason in words, such as `EtherType 0x806`.
  public var description: String {
    switch self {
    case .etherType(let type): "EtherType 0x\(String(type, radix: 16))"
    case .ipProtocol(let number): "IP protocol \(number)"
    case .port(let port): "UDP port \(port)"
    case .fragment(let offset): "fragment at \(offset)"
    }
  }
}

/// What the layers note about the packet that is on its way.
private final class FeedNotes: Sendable {
  struct Packet {
    var delivered: CaptureFeed.Datagram?
    var disinterest: CaptureFeed.Disinterest?
    var destination = HeaderValue.none
  }

  let ports: Set<UInt16>?
  let error = Mutex<String?>(nil)
  let packet = Mutex(Packet())

  init(ports: Set<UInt16>?) { self.ports = ports }

  var delivered: CaptureFeed.Datagram? { packet.withLock { $0.delivered } }
  var disinterest: CaptureFeed.Disinterest? { packet.withLock { $0.disinterest } }

  func begin() {
    error.withLock { $0 = nil }
    packet.withLock { $0 = Packet() }
  }
}

/// Ethernet, which notes the type of what it hands on.
private final class FeedEthernet: EthernetProtocol {
  private let notes: FeedNotes

  init(_ notes: FeedNotes) { self.notes = notes }

  override func datagramReceived(_ data: RawSpan, partial: Int) throws {
    let type = try RawEthernetHeader(data).etherType
    notes.packet.withLock { $0.disinterest = .etherType(type) }
    try super.datagramReceived(data, partial: partial)
  }
}

/// IP, which notes the protocol of what it hands on.
private final class FeedIP: IPProtocol {
  private let notes: FeedNotes

  init(_ notes: FeedNotes, profile: PairProfile) {
    self.notes = notes
    super.init(profile: profile)
  }

  override func datagramReceived(_ data: RawSpan, partial: Int, link: LinkHeader?) throws {
    // What is too short is the layer's to refuse.
    if let number = try? RawIPHeader(data).protocolNumber {
      notes.packet.withLock { $0.disinterest = .ipProtocol(number) }
    }
    try super.datagramReceived(data, partial: partial, link: link)
  }
}

/// UDP, which notes what it hands on, and gives a port its protocol when something comes for it.
private final class FeedUDP: RawUDPProtocol {
  private let notes: FeedNotes
  private var listening: Set<Int> = []

  init(_ notes: FeedNotes, profile: PairProfile) {
    self.notes = notes
    super.init(profile: profile)
  }

  override func datagramReceived(_ data: RawSpan, partial: Int, header: RawIPHeader) throws {
    let offset = header.fragmentOffset * 8
    if let port = try? RawUDPHeader(data).destination {
      notes.packet.withLock {
        $0.destination = header.destination
        $0.disinterest = profile == .correct && offset > 0 ? .fragment(offset: offset) : .port(port)
      }
      let isWanted = notes.ports.map { $0.contains(UInt16(truncatingIfNeeded: port)) } ?? true
      if isWanted, listening.insert(port).inserted { try addProto(port, FeedPort(notes, port)) }
    } else if profile == .correct, offset > 0 {
      notes.packet.withLock { $0.disinterest = .fragment(offset: offset) }
    }
    try super.datagramReceived(data, partial: partial, header: header)
  }
}

/// A port's protocol, which notes the datagram that it gets.
private final class FeedPort: RawUDPReceiver {
  private let notes: FeedNotes
  private let port: UInt16

  init(_ notes: FeedNotes, _ port: Int) {
    self.notes = notes
    self.port = UInt16(truncatingIfNeeded: port)
  }

  func datagramReceived(_ datagram: RawSpan, host: HeaderValue, port sourcePort: UInt16) {
    let payload = datagram.copied()
    notes.packet.withLock {
      $0.delivered = CaptureFeed.Datagram(
        source: host, sourcePort: sourcePort, destination: $0.destination, destinationPort: port, payload: payload)
    }
  }
}
