extension MemoryNetwork {
  /// Receives from a stream, or empties the waker.
  ///
  /// As on Linux, what came before a reset can still be read; then the error is told once, and after it the end.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor.
  ///   - buffer: Where the bytes go.
  /// - Returns: How many came; 0 at the end of the stream.
  public func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    if isWaker(descriptor) { return unsafe emptyWaker(descriptor, into: buffer) }
    do throws(Errno) {
      let socket = try requireSocket(descriptor)
      switch socket.state {
      case .connected(var connection):
        let wasFull = socket.isFull
        let count = unsafe connection.take(into: buffer)
        guard count > 0 else { return unsafe connection.hasEnded || buffer.isEmpty ? .done(0) : .wouldBlock }
        socket.connection = connection
        if wasFull, !socket.isFull, let peer = connection.peer { woke(peer, .writable) }
        return .done(count)
      case .closed(var connection?):
        // After an end that has come there is no error.
        let count = unsafe connection.take(into: buffer)
        socket.state = .closed(connection)
        if count == 0, !connection.hasEnded, let error = socket.takeError() { throw error }
        return .done(count)
      case .closed(nil):
        if let error = socket.takeError() { throw error }
        return .done(0)
      case .unconnected, .listening, .connecting: throw .notConnected
      }
    } catch {
      return .failed(error)
    }
  }

  /// Sends to a stream.
  ///
  /// As on Linux, what is sent to a side that was closed, or shut both ways, is taken, and brings a reset.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - bytes: The bytes; may be empty.
  /// - Returns: How many were taken; EPIPE once this side has shut its sending, or the connection is gone.
  public func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    do throws(Errno) {
      let socket = try requireSocket(descriptor)
      if let error = socket.takeError() { throw error }
      let connection: MemorySocket.Connection
      switch socket.state {
      case .connected(let connected): connection = connected
      case .connecting: return .wouldBlock
      case .unconnected, .listening, .closed: throw .brokenPipe
      }
      guard !connection.hasShut else { throw .brokenPipe }
      guard unsafe !bytes.isEmpty else { return .done(0) }
      guard let peer = connection.peer, var other = peer.connection, !other.readsNoMore else {
        if let peer = connection.peer { reset(peer) }
        reset(socket)
        return .done(bytes.count)
      }
      let count = min(bytes.count, socket.capacity(towards: peer) - other.unread)
      guard count > 0 else { return .wouldBlock }
      // No more than there are.
      unsafe other.received.append(contentsOf: bytes.prefix(count))
      peer.connection = other
      woke(peer, .readable)
      return .done(count)
    } catch {
      return .failed(error)
    }
  }

  /// Shuts one or both directions of a socket down.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - direction: What is shut.
  /// - Throws: ENOTCONN for a socket that is not connected.
  public func shutdown(_ descriptor: Int32, _ direction: ShutdownDirection) throws(Errno) {
    let socket = try requireSocket(descriptor)
    // As on Linux, a listener does not send.
    if case .listening = socket.state, direction == .write { return }
    guard var connection = socket.connection, !connection.isOver else { throw .notConnected }
    let hadShut = connection.hasShut
    connection.hasShut = true
    if direction == .both { (connection.hasEnded, connection.readsNoMore) = (true, true) }
    socket.connection = connection
    woke(socket, [.writable, .readable, .hangUp])
    if !hadShut { finish(connection) }
  }

  /// Tells the other side that no more comes.
  private func finish(_ connection: MemorySocket.Connection) {
    guard let peer = connection.peer, var other = peer.connection, !other.hasEnded else { return }
    other.hasEnded = true
    peer.connection = other
    woke(peer, [.readable, .hangUp])
  }

  /// The last descriptor of a socket is closed.
  func end(_ socket: MemorySocket) {
    switch socket.state {
    case .unconnected, .closed: break
    case .connecting:
      for other in sockets {
        guard case .listening(var listener) = other.state else { continue }
        listener.knocking.removeAll { $0 === socket }
        other.state = .listening(listener)
      }
    case .listening(let listener):
      for waiting in listener.waiting {
        if let peer = waiting.connection?.peer { reset(peer) }
        waiting.state = .closed(nil)
      }
      for client in listener.knocking {
        client.pendingError = .connectionRefused
        client.state = .closed(nil)
        woke(client, [.readable, .writable, .hangUp, .error])
      }
    case .connected(let connection):
      // What was not read is lost, which the other side has to know, unless both have ended already.
      if let peer = connection.peer, !connection.isOver {
        if connection.unread > 0 || socket.resetsOnClose { reset(peer) } else { finish(connection) }
      }
    }
    socket.state = .closed(nil)
  }

  /// The other side says that the connection is no more.
  private func reset(_ socket: MemorySocket) {
    guard let connection = socket.connection else { return }
    socket.pendingError = connection.hasEnded && !connection.hasShut ? .brokenPipe : .connectionReset
    socket.state = .closed(connection)
    woke(socket, [.readable, .writable, .hangUp, .error])
  }
}

extension MemorySocket {
  /// Whether so much waits to be read that the other side is not told it may write.
  fileprivate var isFull: Bool {
    guard let connection, let peer = connection.peer else { return false }
    return 3 * connection.unread > 2 * peer.capacity(towards: self)
  }
}
