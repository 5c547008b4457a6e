import Addresses

/// A TCP port that listens, and makes a connection of each client that it accepts.
///
/// Mirrors `twisted.internet.tcp.Port`.
public final class TCPPort {
  /// The reactor that it belongs to.
  let reactor: Reactor
  /// The factory that is asked for a protocol for each connection.
  public let factory: any ProtocolFactory
  let backlog: Int
  private let family: AddressFamily
  private let requested: Binding
  /// A listening socket that was handed in and is not listened on yet.
  private var adopted: Int32?
  private var isShutOnClose = true
  /// The socket, or -1 while the port does not listen.
  package private(set) var descriptor: Int32 = -1
  private var realPort: UInt16?
  private var reserve: ReserveDescriptor
  private var budget = AcceptBudget()
  private var sessions = 0
  private var isConnected = false
  private var isDisconnecting = false
  private var wasDisconnected = false

  /// Makes a port that does not listen yet.
  ///
  /// - Parameters:
  ///   - reactor: The reactor.
  ///   - binding: How its socket is bound; an empty interface is all of IPv4.
  ///   - factory: The factory.
  ///   - backlog: How many connections may wait for acceptance.
  init(reactor: Reactor, binding: Binding, factory: any ProtocolFactory, backlog: Int) {
    self.reactor = reactor
    self.factory = factory
    self.backlog = backlog
    requested = binding
    family = HostLiteral(binding.interface).family
    reserve = ReserveDescriptor(reactor.io)
  }

  /// Makes a port around a listening socket.
  ///
  /// - Parameters:
  ///   - reactor: The reactor.
  ///   - descriptor: The socket; the port closes it, without shutting it down.
  ///   - local: Its address.
  ///   - family: Its family.
  ///   - factory: The factory.
  init(
    reactor: Reactor, adopting descriptor: Int32, at local: Address, family: AddressFamily,
    factory: any ProtocolFactory
  ) {
    self.reactor = reactor
    self.factory = factory
    self.family = family
    backlog = 50
    requested = Binding(interface: local.hostText, reuseAddress: true)
    reserve = ReserveDescriptor(reactor.io)
    adopted = descriptor
  }

  deinit {
    // Nobody can see the error of a port that nobody holds.
    if descriptor >= 0 {
      reactor.sockets.remove(descriptor)
      try? reactor.io.close(descriptor)
    }
    if let adopted { try? reactor.io.close(adopted) }
  }

  /// The port that was asked for: 0 where the operating system chose one.
  ///
  /// Mirrors the `port` attribute.
  public var port: Int {
    reactor.boundary?.read(self, "port", .int(requested.port))
    return requested.port
  }

  /// The interface that was asked for.
  ///
  /// Mirrors the `interface` attribute.
  public var interface: String {
    reactor.boundary?.read(self, "interface", .text(requested.interface))
    return requested.interface
  }

  /// Whether it listens.
  ///
  /// Mirrors the `connected` attribute.
  public var connected: Bool { read("connected", .bool(isConnected), isConnected) }

  /// Whether `stopListening` was called and has not taken effect.
  ///
  /// Mirrors the `disconnecting` attribute.
  public var disconnecting: Bool { read("disconnecting", .bool(isDisconnecting), isDisconnecting) }

  /// Whether it ever stopped listening.
  ///
  /// Mirrors the `disconnected` attribute.
  public var disconnected: Bool { read("disconnected", .int(wasDisconnected ? 1 : 0), wasDisconnected) }

  /// Reads an attribute for the application; `disconnected` is Twisted's number.
  private func read(_ name: StaticString, _ value: BoundaryValue, _ flag: Bool) -> Bool {
    reactor.boundary?.read(self, name, value)
    return flag
  }
}

// Starting and stopping.
extension TCPPort {
  /// Opens a socket, binds it and listens; a port that has stopped may start again.
  ///
  /// A port that listens still gets a new socket in place of the old one, where the address can be bound twice.
  ///
  /// - Throws: ``CannotListenError`` when the address cannot be bound; ``OverflowError`` for a port that no address has;
  ///   the operating system's refusal to listen; what the factory's `doStart` throws; ``DescriptorError/system(_:)`` when
  ///   the poller refuses the socket, after `doStop`: nothing then listens.
  public func startListening() throws {
    try reactor.call(self, "startListening") {
      try fillReserve()
      defer { if descriptor < 0 { reserve.drop() } }
      let isAdopted = adopted != nil
      let socket = try openSocket()
      do {
        realPort = try reactor.io.localAddress(socket).port
        reactor.log(.info, "\(factory.logName) starting on \(realPort ?? 0)")
        try reactor.back(factory, "doStart") { try factory.doStart() }
      } catch {
        try? reactor.io.close(socket)
        throw error
      }
      dropSocket()
      descriptor = socket
      reactor.sockets.add(self, at: socket)
      isShutOnClose = !isAdopted
      isConnected = true
      budget = AcceptBudget()
      do throws(DescriptorError) {
        try reactor.startReading(self)
      } catch {
        // Nobody would be accepted: the port is closed, and the factory was started for nothing.
        abandon()
        realPort = nil
        try stopFactory()
        throw error
      }
    }
  }

  private func openSocket() throws -> Int32 {
    if let adopted {
      self.adopted = nil
      return adopted
    }
    var socket: Int32 = -1
    do {
      socket = try reactor.io.socket(family, .stream)
      try requested.bind(socket, in: family, reactor.io)
    } catch {
      if socket >= 0 { try? reactor.io.close(socket) }
      switch error {
      case let errno as Errno:
        throw CannotListenError(interface: requested.interface, port: requested.port, cause: errno)
      case Binding.Failure.unknownHost:
        throw CannotListenError(interface: requested.interface, port: requested.port, cause: .addressNotAvailable)
      case Binding.Failure.port(let overflow):
        throw overflow
      default:
        throw error
      }
    }
    do {
      try reactor.io.listen(socket, backlog: Int32(clamping: backlog))
    } catch {
      try? reactor.io.close(socket)
      throw DescriptorError.system(error)
    }
    return socket
  }

  /// Stops accepting now, and closes the port in the next turn.
  ///
  /// A reactor that stops in this turn closes the port as well, and the Deferred then never fires.
  ///
  /// - Returns: A Deferred that fires when the port is closed and its factory was stopped, or fails with what the factory
  ///   threw; `nil` when the port does not listen. Of two calls in one turn, the second's fails with
  ///   ``DescriptorError/closed``.
  @discardableResult
  public func stopListening() -> Deferred<Void>? {
    reactor.call(self, "stopListening", gives: { $0.map { .deferred($0, fired: nil) } ?? .none }) { stop() }
  }

  /// The same as ``stopListening()``.
  ///
  /// Mirrors `twisted.internet.tcp.Port.loseConnection`.
  ///
  /// - Returns: As ``stopListening()``.
  @discardableResult
  public func loseConnection() -> Deferred<Void>? {
    reactor.call(self, "loseConnection", gives: { $0.map { .deferred($0, fired: nil) } ?? .none }) { stop() }
  }

  private func stop() -> Deferred<Void>? {
    isDisconnecting = true
    reactor.stopReading(self)
    guard isConnected else { return nil }
    let stopped = Deferred<Void>().reporting(to: reactor.sink)
    stopped.cross(reactor.boundary) { .none }
    reactor.callLaterInternally(.zero) { [self] in
      do {
        try close()
      } catch {
        try stopped.errback(error)
        return
      }
      try stopped.callback(())
    }
    return stopped
  }

  /// Closes the port and stops its factory.
  ///
  /// Called by a stop's next turn and by the reactor's shutdown.
  ///
  /// - Parameter reason: Ignored.
  /// - Throws: ``DescriptorError/closed`` when the port is closed already; what the factory's `doStop` throws, after the
  ///   port is closed.
  public func connectionLost(_ reason: any Error) throws {
    try reactor.call(self, "connectionLost", [.init("reason", .error(reason))]) { try close() }
  }

  private func close() throws {
    reactor.log(.info, "(TCP Port \(realPort.map { "\($0)" } ?? "None") Closed)")
    realPort = nil
    wasDisconnected = true
    isConnected = false
    guard descriptor >= 0 else { throw DescriptorError.closed }
    dropSocket()
    reserve.drop()
    defer { isDisconnecting = false }
    try stopFactory()
  }

  private func stopFactory() throws {
    try reactor.back(factory, "doStop") { try factory.doStop() }
  }

  /// Closes the socket and the reserve without a word to anyone: the reactor has stopped.
  func abandon() {
    isConnected = false
    dropSocket()
    reserve.drop()
  }

  /// Closes the socket, if there is one.
  private func dropSocket() {
    guard descriptor >= 0 else { return }
    reactor.stopReading(self)
    reactor.stopWriting(self)
    reactor.sockets.remove(descriptor)
    if isShutOnClose { try? reactor.io.shutdown(descriptor, .both) }
    try? reactor.io.close(descriptor)
    descriptor = -1
  }

  /// The address that it listens on.
  ///
  /// - Returns: The address as the operating system gives it, with the real port.
  /// - Throws: ``DescriptorError/closed`` while it does not listen.
  public func getHost() throws -> Address {
    try reactor.call(self, "getHost", gives: { .address($0) }) {
      guard descriptor >= 0 else { throw DescriptorError.closed }
      return try reactor.io.localAddress(descriptor)
    }
  }
}

// What the reactor calls.
extension TCPPort: SocketOwner, ReadDescriptor {
  /// The socket's number.
  ///
  /// - Returns: The descriptor, or -1 while the port does not listen.
  public func fileno() -> Int32 {
    reactor.call(self, "fileno", gives: { .descriptor($0) }) { descriptor }
  }

  /// The name of the factory in log lines.
  public var logPrefix: String { factory.logName }

  /// An end of input on a listening socket goes to `readConnectionLost`, which closes the port.
  package var isHalfCloseable: Bool { true }

  /// Accepts as many connections as its budget allows, each made fully before the next.
  ///
  /// The reactor calls it when clients wait. What the application throws is logged, and ends this turn's accepting: the
  /// port goes on.
  ///
  /// - Returns: Nothing.
  /// - Throws: Nothing today.
  public func doRead() throws -> (any Error)? {
    var accepted = 0
    do {
      accepting: for _ in 0..<budget.limit {
        guard descriptor >= 0 else { break }
        switch reactor.io.accept(descriptor) {
        case .done(let (socket, peer)):
          accepted += 1
          try serve(socket, peer)
        case .wouldBlock:
          break accepting
        case .failed(.operationNotPermitted):
          continue
        case .failed(.tooManyOpenFiles) where reserve.isFilled:
          refuseWaiting()
          break accepting
        case .failed(let errno) where Self.temporary.contains(errno):
          reactor.log(.info, "Could not accept new connection (\(errno))")
          break accepting
        case .failed(let errno):
          throw errno
        }
      }
      budget.settle(accepted: accepted)
    } catch {
      reactor.log(.critical, "a connection could not be accepted", error: error)
    }
    return nil
  }

  /// The refusals of `accept` after which the port goes on.
  private static let temporary: Set<Errno> = [
    .tooManyOpenFiles, .noBufferSpace, .tooManyOpenFilesInSystem, .noMemory, .connectionAborted,
  ]

  private func serve(_ socket: Int32, _ peer: Address) throws {
    // The connection owns the socket: without a protocol, both end here.
    let connection = TCPConnection(reactor: reactor, descriptor: socket, state: .accepted, peer: peer)
    guard let application = try reactor.build(factory, peer) else { return }
    connection.adopt(application, logSuffix: "\(sessions),\(peer.hostText)")
    sessions += 1
    try reactor.startReading(connection)
    try reactor.connect(application, to: connection)
  }

  /// Accepts and closes what waits, in the place of the reserve: so a client sees an end, and the poll does not spin.
  ///
  /// The log waits, because who writes it may open a descriptor.
  private func refuseWaiting() {
    var lines = ["EMFILE encountered; releasing reserved file descriptor."]
    defer { for line in lines { reactor.log(.info, line) } }
    reserve.drop()
    refusing: for _ in 0..<budget.limit {
      switch reactor.io.accept(descriptor) {
      case .done(let (socket, peer)):
        try? reactor.io.close(socket)
        lines.append("EMFILE recovery: Closed socket from \(peer)")
      case .failed(.operationNotPermitted):
        continue
      case .wouldBlock:
        break refusing
      case .failed(let errno):
        lines.append("Could not accept new connection (\(errno))")
        break refusing
      }
    }
    lines.append("Re-reserving EMFILE recovery file descriptor.")
    do {
      try fillReserve()
    } catch {
      lines.append("Could not reserve EMFILE recovery file descriptor (\(error))")
    }
  }

  /// Fills the reserve, or says that there is no room for it.
  private func fillReserve() throws(Errno) {
    do throws(Errno) {
      try reserve.fill()
    } catch .tooManyOpenFiles {
      reactor.log(.error, "Could not reserve EMFILE recovery file descriptor.")
    }
  }

  /// A port never asks to be polled for writing.
  package func doWrite() throws -> (any Error)? { throw DescriptorError.notWritable }

  /// An end of input on a listening socket closes the port.
  package func readConnectionLost(_ reason: any Error) throws { try connectionLost(reason) }
}
