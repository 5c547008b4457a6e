import Addresses
import CLinux
import Glibc

extension SystemIO {
  /// Makes a socket.
  ///
  /// - Parameters:
  ///   - family: Its address family.
  ///   - kind: Whether it carries a stream or datagrams.
  /// - Returns: The descriptor.
  /// - Throws: The system's refusal.
  public func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32 {
    let type = Int32(bitPattern: (kind == .stream ? SOCK_STREAM : SOCK_DGRAM).rawValue)
    return try SystemCall.value { Glibc.socket(family.number, type | Self.newSocketFlags, 0) }
  }

  /// Binds a socket to a local address.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - address: The address; port 0 lets the system choose.
  /// - Throws: The system's refusal.
  public func bind(_ descriptor: Int32, to address: Address) throws(Errno) {
    let result = unsafe address.withSockaddr { (pointer, length) in
      SystemCall.result { unsafe Glibc.bind(descriptor, pointer, length) }
    }
    _ = try result.get()
  }

  /// Makes a bound socket accept connections.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - backlog: How many connections may wait.
  /// - Throws: The system's refusal.
  public func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) {
    try SystemCall.value { Glibc.listen(descriptor, backlog) }
  }

  /// Accepts one waiting connection.
  ///
  /// - Parameter descriptor: The listening socket.
  /// - Returns: The new descriptor and its peer.
  public func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> {
    var accepted: IOResult<Int32> = .wouldBlock
    let peer = unsafe Self.address(of: .stream) { (pointer, length) in
      accepted = SystemCall.attempt { unsafe clinux_accept(descriptor, pointer, length) }
      return if case .done = accepted { true } else { false }
    }
    switch accepted {
    case .wouldBlock: return .wouldBlock
    case .failed(let errno): return .failed(errno)
    case .done(let descriptor):
      guard let peer else {
        try? close(descriptor)
        return .failed(.addressFamilyNotSupported)
      }
      return .done((descriptor, peer))
    }
  }

  /// Begins to connect, or tells how a connection that was begun stands.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - address: The peer.
  /// - Returns: `done` when connected, `wouldBlock` while under way.
  public func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void> {
    let result = unsafe address.withSockaddr { (pointer, length) in
      SystemCall.result { unsafe Glibc.connect(descriptor, pointer, length) }
    }
    switch result {
    case .success, .failure(.isConnected): return .done(())
    case .failure(.inProgress), .failure(.alreadyInProgress), .failure(.wouldBlock): return .wouldBlock
    case .failure(let errno): return .failed(errno)
    }
  }

  /// Takes the socket's pending error, `SO_ERROR`.
  ///
  /// - Parameter descriptor: The socket.
  /// - Returns: The error, or `nil`.
  /// - Throws: The system's refusal of the question itself.
  public func takeError(_ descriptor: Int32) throws(Errno) -> Errno? {
    let number = try Self.integerOption(SOL_SOCKET, SO_ERROR, of: descriptor)
    return number == 0 ? nil : Errno(rawValue: number)
  }

  /// The local address of a socket.
  ///
  /// - Parameter descriptor: The socket.
  /// - Returns: The address.
  /// - Throws: The system's refusal.
  public func localAddress(_ descriptor: Int32) throws(Errno) -> Address {
    try unsafe Self.name(of: descriptor) { (pointer, length) in unsafe getsockname(descriptor, pointer, length) }
  }

  /// The address of a connected socket's peer.
  ///
  /// - Parameter descriptor: The socket.
  /// - Returns: The address.
  /// - Throws: The system's refusal.
  public func peerAddress(_ descriptor: Int32) throws(Errno) -> Address {
    try unsafe Self.name(of: descriptor) { (pointer, length) in unsafe getpeername(descriptor, pointer, length) }
  }

  /// Asks for one of a socket's two addresses.
  private static func name(
    of descriptor: Int32, _ ask: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) throws(Errno) -> Address {
    let type = try integerOption(SOL_SOCKET, SO_TYPE, of: descriptor)
    var result: Result<Int32, Errno> = .success(0)
    let address = unsafe address(of: type == Int32(bitPattern: SOCK_DGRAM.rawValue) ? .datagram : .stream) {
      (pointer, length) in
      result = SystemCall.result { unsafe ask(pointer, length) }
      return if case .success = result { true } else { false }
    }
    _ = try result.get()
    guard let address else { throw .addressFamilyNotSupported }
    return address
  }

  /// Shuts one or both directions of a socket down.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - direction: What is shut.
  /// - Throws: The system's refusal.
  public func shutdown(_ descriptor: Int32, _ direction: ShutdownDirection) throws(Errno) {
    try SystemCall.value { Glibc.shutdown(descriptor, direction == .write ? Int32(SHUT_WR) : Int32(SHUT_RDWR)) }
  }

  /// Reads a socket option.
  ///
  /// - Parameters:
  ///   - option: The option.
  ///   - descriptor: The socket.
  /// - Returns: Its value.
  /// - Throws: The system's refusal.
  public func option(_ option: SocketOption, of descriptor: Int32) throws(Errno) -> Int32 {
    try Self.integerOption(option.level, option.number, of: descriptor)
  }

  /// Sets a socket option.
  ///
  /// - Parameters:
  ///   - option: The option.
  ///   - descriptor: The socket.
  ///   - value: Its new value.
  /// - Throws: The system's refusal.
  public func setOption(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(Errno) {
    var value = value
    // The kernel reads four bytes of a local variable.
    try SystemCall.value {
      unsafe setsockopt(descriptor, option.level, option.number, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  /// Makes the next close of a stream reset the connection (`SO_LINGER` on, 0 seconds).
  ///
  /// - Parameter descriptor: The socket.
  /// - Throws: The system's refusal.
  public func setResetOnClose(_ descriptor: Int32) throws(Errno) {
    var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
    // The kernel reads a local variable of the size that is given.
    try SystemCall.value {
      unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }
  }

  private static var newSocketFlags: Int32 {
    Int32(bitPattern: SOCK_NONBLOCK.rawValue) | Int32(bitPattern: SOCK_CLOEXEC.rawValue)
  }

  private static func integerOption(_ level: Int32, _ name: Int32, of descriptor: Int32) throws(Errno) -> Int32 {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    // The kernel writes at most four bytes to a local variable.
    try SystemCall.value { unsafe getsockopt(descriptor, level, name, &value, &length) }
    return value
  }

  /// The address that a call fills in, or `nil` when the call says that it failed or gave no address that is known.
  private static func address(
    of kind: SocketKind, _ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Bool
  ) -> Address? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    // The storage has room, and the alignment, for an address of any family; the kernel says how much of it counts.
    return unsafe withUnsafeMutablePointer(to: &storage) { (pointer) -> Address? in
      let filled = unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe fill($0, &length) }
      guard filled else { return nil }
      let count = min(Int(length), MemoryLayout<sockaddr_storage>.size)
      let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: count)
      return try? unsafe Address(sockaddr: bytes, transport: kind == .datagram ? .udp : .tcp)
    }
  }
}

extension Address {
  /// Calls a function with the address in C's form; a host name, which has none, is EINVAL.
  fileprivate func withSockaddr(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result<Int32, Errno>
  ) -> Result<Int32, Errno> {
    // The bytes are a `sockaddr`, valid during the call.
    let result = unsafe withUnsafeSockaddr { (bytes) -> Result<Int32, Errno> in
      guard let start = bytes.baseAddress else { return .failure(.invalidArgument) }
      return unsafe body(start.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    return result ?? .failure(.invalidArgument)
  }
}

extension AddressFamily {
  /// The number that the system calls the family by.
  package var number: Int32 {
    switch self {
    case .inet: AF_INET
    case .inet6: AF_INET6
    case .unix: AF_UNIX
    case .other(let number): number
    }
  }
}

extension SocketOption {
  fileprivate var level: Int32 {
    switch self {
    case .reuseAddress, .reusePort, .keepAlive, .sendBuffer, .receiveBuffer: SOL_SOCKET
    case .noDelay: Int32(IPPROTO_TCP)
    case .ipv6Only: Int32(IPPROTO_IPV6)
    }
  }

  fileprivate var number: Int32 {
    switch self {
    case .reuseAddress: SO_REUSEADDR
    case .reusePort: SO_REUSEPORT
    case .noDelay: TCP_NODELAY
    case .keepAlive: SO_KEEPALIVE
    case .sendBuffer: SO_SNDBUF
    case .receiveBuffer: SO_RCVBUF
    case .ipv6Only: IPV6_V6ONLY
    }
  }
}
