import Addresses

/// One TCP connection: a client's from the making of its socket on, a server's from its acceptance on.
///
/// Mirrors `twisted.internet.tcp.Client` and `twisted.internet.tcp.Server`. The path from readable to written is here:
/// one `recv` into the reactor's buffer, one `dataReceived`, the application's `write` into the output, one `send` in the
/// reactor's flush; nothing in it allocates.
public final class TCPConnection {
  /// The reactor that it belongs to.
  package let reactor: Reactor
  /// The socket, or -1 when there is none: before a client's is made, and after it is closed.
  package private(set) var descriptor: Int32 {
    @inline(__always) get { unsafe uncheckedDescriptor }
    set { unsafe uncheckedDescriptor = newValue }
  }
  /// Where it stands.
  var state: StreamState {
    @inline(__always) get { unsafe uncheckedState }
    @inline(__always) set { unsafe uncheckedState = newValue }
  }
  /// How much one read takes, at most 65,536 bytes of it, and how much output may wait before a push producer is paused.
  ///
  /// Mirrors `twisted.internet.abstract.FileDescriptor.bufferSize`.
  public var bufferSize: Int {
    @inline(__always) get { unsafe uncheckedBufferSize }
    set { unsafe uncheckedBufferSize = newValue }
  }
  // Plain values, copied in and out: no two uses of one overlap, and Swift need not look each time whether they do.
  @exclusivity(unchecked) private var uncheckedDescriptor: Int32
  @exclusivity(unchecked) private var uncheckedState: StreamState
  @exclusivity(unchecked) private var uncheckedBufferSize = OutputCounts.pauseLimit
  /// What waits to be sent.
  var output: OutputBuffer {
    @inline(__always) _read { yield unsafe uncheckedOutput }
    @inline(__always) _modify { yield unsafe &uncheckedOutput }
  }
  /// Who produces the output.
  var producers: ProducerSlot {
    @inline(__always) _read { yield unsafe uncheckedProducers }
    @inline(__always) _modify { yield unsafe &uncheckedProducers }
  }
  // Their methods call nothing but themselves, and forget no object without returning it: no use of one is inside another.
  @exclusivity(unchecked) private var uncheckedOutput = OutputBuffer()
  @exclusivity(unchecked) private var uncheckedProducers = ProducerSlot()
  /// The application's side, or `nil` when the factory gave none, and after the loss.
  var application: (any StreamProtocol)?
  /// The application's side when it handles half-closes: found out once, when the connection is made.
  var halfCloseable: (any HalfCloseableProtocol)?
  /// What stands between the application and the socket once TLS is started.
  var layer: (any StreamLayer)?
  /// The peer: that was accepted, or that is dialled, once its name is resolved.
  var peer: Address?
  /// The connector of a client, until it was told how the connection ended.
  var connector: Connector?
  /// The name in log lines.
  var logName = "Uninitialized"

  /// Makes the connection around a socket.
  ///
  /// - Parameters:
  ///   - reactor: The reactor.
  ///   - descriptor: The socket, or -1; the connection closes it.
  ///   - state: Where it stands.
  ///   - peer: The peer, as far as it is known.
  init(reactor: Reactor, descriptor: Int32, state: StreamState, peer: Address?) {
    self.reactor = reactor
    unsafe uncheckedDescriptor = descriptor
    unsafe uncheckedState = state
    self.peer = peer
    if descriptor >= 0 { reactor.sockets.add(self, at: descriptor) }
  }

  deinit {
    closeSocket(shutting: false)
  }

  /// Takes the socket of a client.
  func take(_ socket: Int32) {
    descriptor = socket
    reactor.sockets.add(self, at: socket)
  }

  /// Closes the socket, if there is one.
  ///
  /// Errors are of no use to anyone.
  ///
  /// - Parameter shutting: Whether both directions are shut down first, so that the peer sees an end and no reset.
  package func closeSocket(shutting: Bool) {
    guard descriptor >= 0 else { return }
    reactor.sockets.remove(descriptor)
    if shutting { try? reactor.io.shutdown(descriptor, .both) }
    try? reactor.io.close(descriptor)
    descriptor = -1
  }

  /// Takes the application's side of the connection, and names the connection after it.
  func adopt(_ application: (any StreamProtocol)?, logSuffix: String) {
    self.application = application
    halfCloseable = application as? any HalfCloseableProtocol
    let name = application.map { $0.logPrefix ?? String(describing: type(of: $0)) } ?? "-"
    logName = "\(name),\(logSuffix)"
  }
}

extension TCPConnection: SocketOwner, ReadDescriptor, WriteDescriptor {
  /// An orderly end of the input goes to `readConnectionLost`.
  package var isHalfCloseable: Bool { true }

  /// The socket's number.
  ///
  /// - Returns: The descriptor, or -1 when there is none.
  public func fileno() -> Int32 {
    reactor.call(self, "fileno", gives: { .descriptor($0) }) { descriptor }
  }

  /// Receives once and hands what came to the application; on a client that is not connected, goes on connecting.
  ///
  /// The reactor calls it when the socket can be read.
  ///
  /// - Returns: Nothing to go on, or the reason to lose the connection.
  /// - Throws: What the application throws, which is the reason then.
  public func doRead() throws -> (any Error)? {
    guard state.connected else {
      try continueConnecting()
      return nil
    }
    guard !state.aborting else { return nil }
    return try unsafe reactor.withReadBuffer { all in
      let buffer = unsafe UnsafeMutableRawBufferPointer(rebasing: all[..<min(max(1, bufferSize), all.count)])
      // The buffer is lent for as long as the closure runs, and the span ends before.
      switch unsafe reactor.io.receive(descriptor, into: buffer) {
      case .wouldBlock:
        return nil
      case .failed:
        return ConnectionClosed.lost
      case .done(0):
        return ConnectionClosed.done
      case .done(let count):
        guard let application else { return nil }
        let received = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
        let data = unsafe received.bytes
        try reactor.back(application, "dataReceived", [.init("data", .init(copying: data))]) {
          try application.dataReceived(data)
        }
        return nil
      }
    }
  }

  /// Sends once; when all is sent, resumes the producer, or closes what is to be closed.
  ///
  /// The reactor calls it in its flush.
  ///
  /// - Returns: Nothing to go on, or the reason to lose the connection.
  /// - Throws: What the application throws, which is the reason then.
  public func doWrite() throws -> (any Error)? {
    guard state.connected else {
      try continueConnecting()
      return nil
    }
    guard !state.aborting else { return nil }
    switch unsafe reactor.io.send(descriptor, output.offer()) {
    case .done(let count): output.sent(count)
    case .wouldBlock, .failed(.noBufferSpace): output.sent(0)
    case .failed:
      output.sent(0)
      return ConnectionClosed.lost
    }
    guard output.isEmpty else {
      reactor.armWritable(self)
      return nil
    }
    reactor.stopWriting(self)
    if let producer = producers.producerToResume() {
      try reactor.back(producer, "resumeProducing") { try producer.resumeProducing() }
      return nil
    }
    switch state.flushed() {
    case .nothing: break
    case .close: return ConnectionClosed.done
    case .halfClose: try closeSendingSide()
    }
    return nil
  }
}
