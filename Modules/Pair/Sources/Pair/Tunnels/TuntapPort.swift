import Reactor

/// Carries packets between a protocol and a tun or tap device, on a reactor.
///
/// The device is a tap device for an ``EthernetReceiver`` and a tun device for a ``RawPacketReceiver``. Mirrors
/// `twisted.pair.tuntap.TuntapPort`. With the profile ``PairProfile/correct`` a device that cannot be configured is closed again,
/// a port that was started anew can be stopped anew, and stopping closes the device whatever the protocol throws.
public final class TuntapPort {
  /// The most that one ``doRead()`` reads, in bytes; looked at before each packet.
  public static let maxThroughput = 262_144
  /// The path of the device that all tunnels are opened by.
  public static let devicePath = TunnelRequest.devicePath

  /// Whether it is a tap device.
  public var ethernet: Bool { mode == .tap }
  /// The kind of the device: `tun` or `tap`.
  public let mode: TunnelFlags
  /// The name that is asked for; once it listens, the name that the system gave.
  public private(set) var interface: InterfaceName
  /// Whom the packets are for.
  public let `protocol`: AbstractDatagramProtocol
  /// The most that is read of one packet, in bytes; the rest of it is lost.
  public let maxPacketSize: Int
  /// Whether the device is open.
  public private(set) var connected = false
  /// Whether it was open and is closed.
  public private(set) var disconnected = false
  /// Whether it was asked to stop; stays so, except with ``PairProfile/correct``.
  public private(set) var disconnecting = false
  /// How closely it follows Twisted.
  public let profile: PairProfile

  package let system: any InputOutputSystem
  private let reactor: any ReactorFDSet & ReactorTime
  private let log: LogSink
  private let receive: (RawSpan) throws -> Void
  private let logstr: String
  /// `nil` before the first start.
  private var number: Int32?
  private var stopped: Deferred<Void>?
  private var producers = ProducerSlot()
  private var buffer: [UInt8] = []

  /// Makes a port that is not started.
  ///
  /// - Parameters:
  ///   - interface: The name of the device; what is longer than 16 bytes is cut when it is asked for.
  ///   - protocol: Whom the packets are for: an ``EthernetReceiver`` or a ``RawPacketReceiver``; the former if it is both.
  ///   - maxPacketSize: The most that is read of one packet, in bytes.
  ///   - reactor: What polls the device, and calls back later.
  ///   - system: What the device is opened by; `nil` for the reactor's own where that can, else for the real one.
  ///   - log: Where the log goes; `nil` for the reactor's own.
  ///   - profile: How closely it follows Twisted.
  /// - Throws: ``TunnelError/assertion(_:)`` for a protocol that takes neither frames nor packets.
  public init(
    _ interface: InterfaceName, _ protocol: AbstractDatagramProtocol, maxPacketSize: Int = 8192,
    reactor: any ReactorFDSet & ReactorTime, system: (any InputOutputSystem)? = nil, log: LogSink? = nil,
    profile: PairProfile = .twistedCompatible
  ) throws(TunnelError) {
    if let receiver = `protocol` as? any EthernetReceiver {
      mode = .tap
      receive = { try receiver.datagramReceived($0, partial: 0) }
    } else if let receiver = `protocol` as? any RawPacketReceiver {
      mode = .tun
      receive = { try receiver.datagramReceived($0, partial: 0, link: nil) }
    } else {
      throw .assertion("the protocol takes neither frames nor packets")
    }
    self.interface = interface
    self.protocol = `protocol`
    self.maxPacketSize = maxPacketSize
    self.reactor = reactor
    let own = reactor as? Reactor
    self.system = system ?? own.flatMap { $0.inputOutputSystem } ?? SystemIO()
    self.log = log ?? own?.sink ?? .standardError
    self.profile = profile
    logstr = "\(`protocol`.logPrefix) (\(mode))"
  }
}

// Starting and stopping. Mirrors `twisted.internet.interfaces.IListeningPort`.
extension TuntapPort {
  /// Opens the device, connects the protocol, and starts to read.
  ///
  /// In this order: the log, `open`, TUNSETIFF, the protocol's `makeConnection`, the reactor's `addReader`.
  ///
  /// - Throws: ``CannotOpenTunnelError`` for what the system refuses; what the protocol's `startProtocol` throws, and then the
  ///   device stays open; ``TunnelError/assertion(_:)`` when the protocol has a transport, as on a second start.
  public func startListening() throws {
    log(LogEvent(.info, "\(Message.starting(of: `protocol`.logName, on: interface))"))
    let opened: (descriptor: Int32, name: InterfaceName)
    do {
      opened = try system.openTunnel(
        interface, mode.union(.noPI), closingIfRefused: profile == .correct)
    } catch let cause as Errno {
      throw CannotOpenTunnelError(name: interface, cause: cause)
    }
    interface = opened.name
    number = opened.descriptor
    connected = true
    if profile == .correct { disconnected = false }
    try `protocol`.makeConnection(self)
    try reactor.addReader(self)
  }

  /// Stops reading at once, and closes the device in the reactor's next run of due calls.
  ///
  /// - Returns: What fires when it is closed, or at once when it never listened; the same each time once it was asked to stop.
  ///   It fails with what the protocol's `stopProtocol` throws.
  @discardableResult
  public func stopListening() -> Deferred<Void> {
    reactor.removeReader(self)
    if disconnecting, let stopped { return stopped }
    guard connected else { return .succeed(()) }
    let close = Callable(method: self, "connectionLost") { [self] in
      guard let stopped, !stopped.called else { return }
      do {
        try connectionLost()
      } catch {
        try stopped.errback(error)
        return
      }
      try stopped.callback(())
    }
    // A reactor refuses a delay below zero, and this is none.
    guard let call = try? reactor.callLater(.zero, close) else { return .succeed(()) }
    let deferred = Deferred<Void>(canceller: { _ in try? call.cancel() }).reporting(to: log)
    stopped = deferred
    disconnecting = true
    return deferred
  }

  /// Stops as ``stopListening()`` does, and logs what goes wrong.
  @available(*, deprecated, renamed: "stopListening()")
  public func loseConnection() {
    stopListening().addErrback { [log] (error) in
      log(LogEvent(.critical, "Unhandled error in stopListening", error: error))
    }
  }

  /// Closes the device now.
  ///
  /// In this order: the log, a producer's `stopProducing`, the reactor's `removeReader` and `removeWriter`, the protocol's
  /// `doStop`, `close`.
  ///
  /// - Throws: ``TunnelError/assertion(_:)`` when it is closed already; what the producer and the protocol throw, and then the
  ///   device stays open, except with ``PairProfile/correct``; the system's complaint about `close`.
  public func connectionLost() throws {
    log(LogEvent(.info, "\(Message.closed(interface))"))
    disconnected = true
    connected = false
    if let producer = producers.producer {
      try producer.stopProducing()
      withExtendedLifetime(producers.unregister()) {}
    }
    reactor.removeReader(self)
    reactor.removeWriter(self)
    var failure: (any Error)?
    do {
      try `protocol`.doStop()
    } catch {
      guard profile == .correct else { throw error }
      failure = error
    }
    if profile == .correct {
      guard number != -1 else { throw failure ?? TunnelError.assertion("the port is closed already") }
      disconnecting = false
    }
    try system.close(number ?? -1)
    number = -1
    if let failure { throw failure }
  }
}

// Reading and writing.
extension TuntapPort {
  /// Reads packets and hands each to the protocol, until none is left or 262,144 bytes were read.
  ///
  /// What the protocol throws is logged, and reading goes on; that it stops the port does not end the loop.
  ///
  /// - Returns: Always `nil`.
  /// - Throws: ``TunnelError/notStarted``; what reading throws, except EAGAIN and EINTR, which end it.
  public func doRead() throws -> (any Error)? {
    // The protocol may come back here: each loop has a buffer to itself.
    var buffer: [UInt8] = []
    swap(&buffer, &self.buffer)
    defer { swap(&buffer, &self.buffer) }
    var total = 0
    while total < Self.maxThroughput {
      let count: Int
      do {
        count = try system.read(try fileno(), limit: maxPacketSize, into: &buffer)
      } catch let error as Errno where error == .wouldBlock || error == .interrupted {
        return nil
      }
      total += count
      do {
        // The bytes are valid while the array is, which is not changed during the call.
        try receive(unsafe buffer.span.bytes.extracting(0..<count))
      } catch {
        log(LogEvent(.critical, "\(Message.unhandled(by: `protocol`.logName))", error: error))
      }
    }
    return nil
  }

  /// Writes one packet, at once; a write that a signal interrupted is made again.
  ///
  /// - Parameter datagram: The packet.
  /// - Returns: How many bytes the system took.
  /// - Throws: ``TunnelError/notStarted``; the system's refusal, EAGAIN too, and EBADF once it is closed.
  @discardableResult
  public func write(_ datagram: RawSpan) throws -> Int {
    while true {
      do {
        return try system.write(try fileno(), datagram)
      } catch let error as Errno where error == .interrupted {
        continue
      }
    }
  }

  /// Writes one packet that is given in pieces, at once.
  ///
  /// - Parameter pieces: The pieces, in order; none makes an empty packet.
  /// - Throws: As ``write(_:)``.
  public func writeSequence(_ pieces: [[UInt8]]) throws {
    let datagram = pieces.flatMap { $0 }
    // As in `doRead`.
    try write(unsafe datagram.span.bytes)
  }

  /// Registers a producer, which is told when the port is closed.
  ///
  /// - Parameters:
  ///   - producer: The producer.
  ///   - streaming: Whether it is a push producer; a pull producer is asked for output now.
  /// - Throws: ``ProducerError/alreadyRegistered``; what the producer throws.
  public func registerProducer(_ producer: any Producer, streaming: Bool) throws {
    guard producers.producer == nil else { throw ProducerError.alreadyRegistered }
    guard !disconnected else { return try producer.stopProducing() }
    producers.register(producer, streaming: streaming)
    if !streaming { try producer.resumeProducing() }
  }

  /// Forgets the producer.
  public func unregisterProducer() {
    withExtendedLifetime(producers.unregister()) {}
  }
}

// What the port tells of itself.
extension TuntapPort {
  /// Where it is attached: the kind of the device, without further flags, and its name.
  ///
  /// - Returns: The address; before the start with the name that is asked for, after the stop with the last one.
  public func getHost() -> TunnelAddress {
    TunnelAddress(type: mode, name: interface)
  }

  /// What a port logs.
  package enum Message: CustomStringConvertible {
    case starting(of: String, on: InterfaceName)
    case closed(InterfaceName)
    case unhandled(by: String)

    package var description: String {
      switch self {
      case .starting(let type, let name): "\(type) starting on \(name)"
      case .closed(let name): "(Tuntap \(name) Closed)"
      case .unhandled(let type): "Unhandled exception from \(type).datagramReceived"
      }
    }
  }
}

extension TuntapPort: CustomStringConvertible {
  /// The port for people: who listens, whether it does, on what.
  public var description: String {
    "<\(`protocol`.logName) \(connected ? "" : "not ")listening on \(mode)/\(interface)>"
  }
}

extension TuntapPort: ReadDescriptor, WriteDescriptor, HalfCloseableDescriptor {
  /// The descriptor of the device.
  ///
  /// - Returns: The number, or -1 once it is closed.
  /// - Throws: ``TunnelError/notStarted``.
  public func fileno() throws -> Int32 {
    guard let number else { throw TunnelError.notStarted }
    return number
  }

  /// The name in log lines: the protocol's and the kind of the device, as they were when the port was made.
  public var logPrefix: String { logstr }

  /// Refuses: packets are written at once.
  ///
  /// - Returns: Nothing.
  /// - Throws: ``DescriptorError/wrongDirection``.
  public func doWrite() throws -> (any Error)? { throw DescriptorError.wrongDirection }

  /// Closes the device: the system took it away.
  ///
  /// - Parameter reason: Not looked at.
  /// - Throws: As ``connectionLost()``.
  public func readConnectionLost(_ reason: any Error) throws { try connectionLost() }

  /// Closes the device: reading it failed, or the reactor is shut down.
  ///
  /// - Parameter reason: Not looked at.
  /// - Throws: As ``connectionLost()``.
  public func connectionLost(_ reason: any Error) throws { try connectionLost() }
}

// The reactor's own kind of descriptor: what it calls on a port crosses no boundary.
extension TuntapPort: Selectable {
  package var descriptor: Int32 { number ?? -1 }
  package var isHalfCloseable: Bool { true }
}

extension Reactor {
  /// The system beneath this reactor, where it opens devices too; what wraps it is looked through.
  fileprivate var inputOutputSystem: (any InputOutputSystem)? {
    var system = io.base
    while true {
      if let found = system as? any InputOutputSystem { return found }
      guard let wrapper = system as? ForwardingIO else { return nil }
      system = wrapper.inner
    }
  }
}
