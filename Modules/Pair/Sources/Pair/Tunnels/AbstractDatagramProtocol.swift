/// A protocol of packets to inherit from: it counts the ports that it is started on and keeps its transport.
///
/// Mirrors `twisted.internet.protocol.AbstractDatagramProtocol`.
open class AbstractDatagramProtocol {
  /// The port that it was connected to; `nil` before, and from the first stop on.
  ///
  /// The port holds the protocol, and the reactor holds the port while it listens: the protocol does not hold it too.
  public private(set) weak var transport: TuntapPort?
  /// How many ports it is started on.
  public private(set) var numPorts = 0

  /// Makes a protocol that is not connected.
  public init() {}

  /// Keeps the transport and calls ``doStart()``.
  ///
  /// - Parameter transport: The port.
  /// - Throws: ``TunnelError/assertion(_:)`` when it has a transport already; what `doStart` throws.
  open func makeConnection(_ transport: TuntapPort) throws {
    guard self.transport == nil else { throw TunnelError.assertion("the protocol has a transport already") }
    self.transport = transport
    try doStart()
  }

  /// Counts a port that it is started on, and calls ``startProtocol()`` on the first.
  ///
  /// - Throws: What `startProtocol` throws; the port is then not counted.
  open func doStart() throws {
    if numPorts == 0 { try startProtocol() }
    numPorts += 1
  }

  /// Counts a port less, forgets the transport, and calls ``stopProtocol()`` after the last.
  ///
  /// - Throws: ``TunnelError/assertion(_:)`` when it is started on no port; what `stopProtocol` throws.
  open func doStop() throws {
    guard numPorts > 0 else { throw TunnelError.assertion("the protocol is not started") }
    numPorts -= 1
    transport = nil
    if numPorts == 0 { try stopProtocol() }
  }

  /// Called when it is started on its first port; does nothing.
  ///
  /// - Throws: Whatever the application throws: it leaves `startListening`.
  open func startProtocol() throws {}

  /// Called when its last port has stopped; does nothing.
  ///
  /// - Throws: Whatever the application throws: the Deferred of `stopListening` fails with it.
  open func stopProtocol() throws {}

  /// What log lines call it: the name of the type.
  open var logName: String { "\(type(of: self))" }

  /// What the log prefix of its port begins with; asked once, when the port is made.
  ///
  /// Mirrors `twisted.internet.interfaces.ILoggingContext`.
  open var logPrefix: String { logName }
}

/// Receives Ethernet frames: what a tap port is made for.
///
/// Mirrors `twisted.pair.ethernet.IEthernetProtocol`.
public protocol EthernetReceiver: AnyObject {
  /// Called with each frame.
  ///
  /// - Parameters:
  ///   - data: The frame; valid during the call only.
  ///   - partial: Whether a part is missing, as whoever calls has it; a port always says 0.
  /// - Throws: Whatever the application throws: a port logs it and goes on.
  func datagramReceived(_ data: RawSpan, partial: Int) throws
}

/// Receives packets of the layer above the link: what a tun port is made for, and what ``EthernetProtocol`` hands up to.
///
/// Mirrors `twisted.pair.raw.IRawPacketProtocol`.
public protocol RawPacketReceiver: AnyObject {
  /// Called with each packet.
  ///
  /// - Parameters:
  ///   - data: The packet; valid during the call only.
  ///   - partial: Whether a part is missing, as the layer beneath has it.
  ///   - link: What the layer beneath knows of it; `nil` from a tun port, which has no layer beneath.
  /// - Throws: Whatever the application throws: it leaves the layer beneath, and no other receiver sees the packet.
  func datagramReceived(_ data: RawSpan, partial: Int, link: LinkHeader?) throws
}

/// Receives the payload of IP packets: what ``IPProtocol`` hands up to.
///
/// Mirrors `twisted.pair.raw.IRawDatagramProtocol`.
public protocol RawDatagramReceiver: AnyObject {
  /// Called with each payload.
  ///
  /// - Parameters:
  ///   - data: What follows the first 20 bytes of the packet; valid during the call only.
  ///   - partial: Whether a part is missing, as the layer beneath has it.
  ///   - header: The fields of the IP header.
  /// - Throws: Whatever the application throws: it leaves the layer beneath, and no other receiver sees the packet.
  func datagramReceived(_ data: RawSpan, partial: Int, header: RawIPHeader) throws
}

/// Receives UDP datagrams: what ``RawUDPProtocol`` hands up to.
///
/// Mirrors `twisted.internet.protocol.DatagramProtocol` as `twisted.pair.rawudp` uses it.
public protocol RawUDPReceiver: AnyObject {
  /// Called with each datagram.
  ///
  /// - Parameters:
  ///   - datagram: The payload; valid during the call only.
  ///   - host: The sender's host, as the layer beneath has it.
  ///   - port: The sender's port.
  /// - Throws: Whatever the application throws: it leaves the layer beneath, and no other receiver sees the datagram.
  func datagramReceived(_ datagram: RawSpan, host: HeaderValue, port: UInt16) throws
}

/// What the link layer tells of a packet.
public struct LinkHeader: Hashable, Sendable {
  /// Whom the frame is for.
  public var destination: HeaderValue
  /// Whom it is from.
  public var source: HeaderValue
  /// The type of what it carries.
  public var etherType: HeaderValue

  /// Makes the header from its fields.
  ///
  /// - Parameters:
  ///   - destination: Whom the frame is for.
  ///   - source: Whom it is from.
  ///   - etherType: The type of what it carries.
  public init(destination: HeaderValue, source: HeaderValue, etherType: HeaderValue) {
    self.destination = destination
    self.source = source
    self.etherType = etherType
  }
}
