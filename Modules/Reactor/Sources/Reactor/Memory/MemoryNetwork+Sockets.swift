import Addresses

extension MemoryNetwork {
  /// Makes a stream socket.
  ///
  /// - Parameters:
  ///   - family: IPv4 or IPv6.
  ///   - kind: A stream.
  /// - Returns: The lowest descriptor that is free.
  /// - Throws: EAFNOSUPPORT for another family, EINVAL for datagrams, EMFILE when there are too many descriptors.
  public func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32 {
    guard family == .inet || family == .inet6 else { throw .addressFamilyNotSupported }
    guard kind == .stream else { throw .invalidArgument }
    return try open(.socket(MemorySocket(family)))
  }

  /// Binds a socket to a local address.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - address: The address; port 0 lets the network choose.
  /// - Throws: EINVAL for a socket that is bound, EADDRNOTAVAIL for a host that is not this one, EADDRINUSE for a port that
  ///   another socket has.
  public func bind(_ descriptor: Int32, to address: Address) throws(Errno) {
    let socket = try requireSocket(descriptor)
    guard socket.local == nil else { throw .invalidArgument }
    guard let host = IPHost(address), let port = address.port, socket.takes(address) else { throw .invalidArgument }
    guard host.isAny || isOwn(host) else { throw .addressNotAvailable }
    if port == 0 {
      let chosen = try choosePort { !isTaken(host, $0, by: socket) }
      socket.local = address.with(port: chosen)
    } else {
      guard !isTaken(host, port, by: socket) else { throw .addressInUse }
      socket.local = address
    }
  }

  /// Makes a socket accept connections; one that is not bound gets a port of the network's choice.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - backlog: How many connections may wait; as on Linux one more does.
  /// - Throws: EINVAL for a socket that is connected.
  public func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) {
    let socket = try requireSocket(descriptor)
    switch socket.state {
    case .unconnected:
      if socket.local == nil { try bind(descriptor, to: socket.anyAddress) }
      socket.state = .listening(MemorySocket.Listener(backlog: Int(max(0, backlog))))
    case .listening(var listener):
      listener.backlog = Int(max(0, backlog))
      socket.state = .listening(listener)
    case .connecting, .connected, .closed: throw .invalidArgument
    }
  }

  /// Accepts one waiting connection.
  ///
  /// - Parameter descriptor: The listening socket.
  /// - Returns: The new descriptor and its peer; EMFILE leaves the connection where it waits.
  public func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> {
    do throws(Errno) {
      let socket = try requireSocket(descriptor)
      guard case .listening(var listener) = socket.state else { throw .invalidArgument }
      guard let first = listener.waiting.first else { return .wouldBlock }
      let opened = try open(.socket(first))
      listener.waiting.removeFirst()
      let next = listener.knocking.isEmpty ? nil : listener.knocking.removeFirst()
      socket.state = .listening(listener)
      if let next { join(next, socket) }
      // A reset that came while it waited is found by its first read.
      return .done((opened, first.peerAddress ?? first.anyAddress))
    } catch {
      return .failed(error)
    }
  }

  /// Begins to connect, or tells how a connection that was begun stands.
  ///
  /// As on Linux, nothing is told at once: a poll finds that the connection is made, or that there is an error to be taken.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - address: The peer.
  /// - Returns: `done` when connected, `wouldBlock` while under way; ENETUNREACH for a host that is not this one.
  public func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void> {
    do throws(Errno) {
      let socket = try requireSocket(descriptor)
      switch socket.state {
      case .connected: return .done(())
      case .connecting: return .wouldBlock
      case .listening: throw .isConnected
      case .closed: throw socket.takeError() ?? .connectionAborted
      case .unconnected: break
      }
      guard socket.takes(address), let host = IPHost(address), let port = address.port else { throw .invalidArgument }
      guard host.isAny || isOwn(host) else { throw .networkUnreachable }
      let destination = host.isAny ? address.with(host: host.loopback) : address
      try bindToConnect(socket, destination)
      guard let listening = listener(IPHost(destination) ?? host, port) else {
        socket.pendingError = .connectionRefused
        socket.state = .closed(nil)
        woke(socket, [.readable, .writable, .hangUp, .error])
        return .wouldBlock
      }
      socket.state = .connecting(to: destination)
      join(socket, listening)
      return .wouldBlock
    } catch {
      return .failed(error)
    }
  }

  /// Connects a client to a listener, or has it wait for room.
  private func join(_ client: MemorySocket, _ listening: MemorySocket) {
    guard case .listening(var listener) = listening.state, case .connecting(let destination) = client.state,
      let source = client.local
    else { return }
    guard listener.hasRoom else {
      listener.knocking.append(client)
      listening.state = .listening(listener)
      return
    }
    let server = MemorySocket(listening.family)
    server.local = destination
    server.options = listening.options
    server.state = .connected(MemorySocket.Connection(peer: client, peerAddress: source))
    client.state = .connected(MemorySocket.Connection(peer: server, peerAddress: destination))
    listener.waiting.append(server)
    listening.state = .listening(listener)
    // The client is told first: the listener hears of it by the last packet of the handshake.
    woke(client, .writable)
    woke(listening, .readable)
  }

  /// Gives a client its own address.
  private func bindToConnect(_ socket: MemorySocket, _ destination: Address) throws(Errno) {
    guard let host = IPHost(destination) else { throw .invalidArgument }
    if let local = socket.local {
      // A wildcard becomes the host that is reached.
      if IPHost(local)?.isAny == true { socket.local = destination.with(port: local.port ?? 0) }
    } else {
      let port = try choosePort { !isTaken(host, $0, by: socket) }
      let source = host.isLoopback ? destination.with(host: host.loopback) : destination
      socket.local = source.with(port: port)
    }
  }

  private func listener(_ host: IPHost, _ port: UInt16) -> MemorySocket? {
    let candidates = sockets.filter { socket in
      guard case .listening = socket.state, let local = socket.local else { return false }
      return local.port == port
    }
    return candidates.first { $0.local.flatMap(IPHost.init) == host }
      ?? candidates.first { socket in
        guard let own = socket.local.flatMap(IPHost.init) else { return false }
        return own == host.any
      }
  }

  /// Whether another socket that was bound, and is no accepted connection of a listener's, has a port of a host.
  private func isTaken(_ host: IPHost, _ port: UInt16, by socket: MemorySocket) -> Bool {
    sockets.contains { other in
      guard other !== socket, let local = other.local, local.port == port, let own = IPHost(local),
        own == host || (own.any == host.any && (own.isAny || host.isAny))
      else { return false }
      if other.options[.reusePort] == 1, socket.options[.reusePort] == 1 { return false }
      switch other.state {
      // With SO_REUSEADDR on both, only a listener keeps others away.
      case .unconnected, .connecting, .connected, .closed:
        return other.options[.reuseAddress] != 1 || socket.options[.reuseAddress] != 1
      case .listening: return true
      }
    }
  }

  private func isOwn(_ host: IPHost) -> Bool { host.isLoopback || ownHosts.contains(host) }

  /// Takes the socket's pending error, `SO_ERROR`.
  ///
  /// - Parameter descriptor: The socket.
  /// - Returns: The error, or `nil`.
  /// - Throws: EBADF, or ENOTSOCK.
  public func takeError(_ descriptor: Int32) throws(Errno) -> Errno? { try requireSocket(descriptor).takeError() }

  /// The local address of a socket.
  ///
  /// - Parameter descriptor: The socket.
  /// - Returns: The address; the wildcard with port 0 for one that is not bound.
  /// - Throws: EBADF, or ENOTSOCK.
  public func localAddress(_ descriptor: Int32) throws(Errno) -> Address {
    let socket = try requireSocket(descriptor)
    return socket.local ?? socket.anyAddress
  }

  /// The address of a connected socket's peer.
  ///
  /// - Parameter descriptor: The socket.
  /// - Returns: The address.
  /// - Throws: ENOTCONN for a socket that is not connected.
  public func peerAddress(_ descriptor: Int32) throws(Errno) -> Address {
    let socket = try requireSocket(descriptor)
    guard socket.connection != nil, let address = socket.peerAddress else { throw .notConnected }
    return address
  }

  /// Reads a socket option.
  ///
  /// - Parameters:
  ///   - option: The option.
  ///   - descriptor: The socket.
  /// - Returns: Its value.
  /// - Throws: EBADF, or ENOTSOCK.
  public func option(_ option: SocketOption, of descriptor: Int32) throws(Errno) -> Int32 {
    try requireSocket(descriptor).options[option] ?? 0
  }

  /// Sets a socket option; as on Linux, the size of a buffer is doubled.
  ///
  /// - Parameters:
  ///   - option: The option.
  ///   - descriptor: The socket.
  ///   - value: Its new value.
  /// - Throws: EBADF, or ENOTSOCK.
  public func setOption(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(Errno) {
    let socket = try requireSocket(descriptor)
    switch option {
    case .sendBuffer, .receiveBuffer: socket.options[option] = min(max(value, 1_152), .max / 2) * 2
    case .reuseAddress, .reusePort, .noDelay, .keepAlive, .ipv6Only: socket.options[option] = value == 0 ? 0 : 1
    }
  }

  /// Makes the next close of a socket reset its connection.
  ///
  /// - Parameter descriptor: The socket.
  /// - Throws: EBADF, or ENOTSOCK.
  public func setResetOnClose(_ descriptor: Int32) throws(Errno) {
    try requireSocket(descriptor).resetsOnClose = true
  }
}

extension MemorySocket {
  /// The other side's address, also of a connection that is no more.
  fileprivate var peerAddress: Address? {
    switch state {
    case .connected(let connection), .closed(let connection?): connection.peerAddress
    case .unconnected, .listening, .connecting, .closed(nil): nil
    }
  }

  /// The wildcard of its family with port 0.
  var anyAddress: Address {
    family == .inet6
      ? .ipv6(IPv6Address(transport: .tcp, host: .any, port: 0))
      : .ipv4(IPv4Address(transport: .tcp, host: .any, port: 0))
  }

  /// Whether an address is of its family.
  func takes(_ address: Address) -> Bool {
    switch address {
    case .ipv4: family == .inet
    case .ipv6: family == .inet6
    case .unix, .hostname: false
    }
  }

  /// Takes the pending error.
  func takeError() -> Errno? {
    defer { pendingError = nil }
    return pendingError
  }
}

extension IPHost {
  /// The wildcard of its family.
  var any: IPHost {
    switch self {
    case .ipv4: .ipv4(.any)
    case .ipv6: .ipv6(.any)
    }
  }

  /// Loopback of its family.
  var loopback: IPHost {
    switch self {
    case .ipv4: .ipv4(.loopback)
    case .ipv6: .ipv6(.loopback)
    }
  }
}

extension Address {
  /// The same with another host.
  fileprivate func with(host: IPHost) -> Address {
    switch (self, host) {
    case (.ipv4(var address), .ipv4(let host)):
      address.host = host
      return .ipv4(address)
    case (.ipv6(var address), .ipv6(let host)):
      address.host = host
      return .ipv6(address)
    default: return self
    }
  }
}
