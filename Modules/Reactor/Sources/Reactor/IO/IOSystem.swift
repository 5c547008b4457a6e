import Addresses

/// The result of an operation that may have to wait: "would block" is a result, not an error.
public enum IOResult<Value> {
  /// The operation did what it could: a count, or a new descriptor.
  case done(Value)
  /// The operation would have to wait; a poll tells when to try again.
  case wouldBlock
  /// The operating system refused.
  case failed(Errno)
}

extension IOResult: Sendable where Value: Sendable {}

/// The operating system as a reactor sees it: every touch of it by a transport, a port or a poller goes through here.
///
/// ``SystemIO`` is the real one; the others wrap it or stand in for it, and stack: a recording of a faulty system is
/// `RecordingIO(FaultyIO(SystemIO()))`. EINTR is retried below this seam and never seen above it, but as a wait that finds
/// nothing. All descriptors that these calls make are non-blocking and closed on exec.
public protocol IOSystem: AnyObject {
  /// Makes a poller of one kind, for this system's descriptors.
  ///
  /// - Parameter backEnd: The kind.
  /// - Returns: The poller; its registrations are empty.
  /// - Throws: The system's refusal.
  func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller

  /// Makes a socket.
  ///
  /// - Parameters:
  ///   - family: Its address family.
  ///   - kind: Whether it carries a stream or datagrams.
  /// - Returns: The descriptor.
  /// - Throws: The system's refusal.
  func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32

  /// Binds a socket to a local address.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - address: The address; port 0 lets the system choose.
  /// - Throws: The system's refusal.
  func bind(_ descriptor: Int32, to address: Address) throws(Errno)

  /// Makes a bound socket accept connections.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - backlog: How many connections may wait.
  /// - Throws: The system's refusal.
  func listen(_ descriptor: Int32, backlog: Int32) throws(Errno)

  /// Accepts one waiting connection.
  ///
  /// - Parameter descriptor: The listening socket.
  /// - Returns: The new descriptor and its peer.
  func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)>

  /// Begins to connect, or tells how a connection that was begun stands.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - address: The peer.
  /// - Returns: `done` when connected, `wouldBlock` while under way.
  func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void>

  /// Takes the socket's pending error, `SO_ERROR`.
  ///
  /// - Parameter descriptor: The socket.
  /// - Returns: The error, or `nil`.
  /// - Throws: The system's refusal of the question itself.
  func takeError(_ descriptor: Int32) throws(Errno) -> Errno?

  /// The local address of a socket.
  ///
  /// - Parameter descriptor: The socket.
  /// - Returns: The address.
  /// - Throws: The system's refusal.
  func localAddress(_ descriptor: Int32) throws(Errno) -> Address

  /// The address of a connected socket's peer.
  ///
  /// - Parameter descriptor: The socket.
  /// - Returns: The address.
  /// - Throws: The system's refusal.
  func peerAddress(_ descriptor: Int32) throws(Errno) -> Address

  /// Reads a socket option.
  ///
  /// - Parameters:
  ///   - option: The option.
  ///   - descriptor: The socket.
  /// - Returns: Its value.
  /// - Throws: The system's refusal.
  func option(_ option: SocketOption, of descriptor: Int32) throws(Errno) -> Int32

  /// Sets a socket option.
  ///
  /// - Parameters:
  ///   - option: The option.
  ///   - descriptor: The socket.
  ///   - value: Its new value.
  /// - Throws: The system's refusal.
  func setOption(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(Errno)

  /// Receives from a stream, or reads from a file: at most what the buffer holds.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor.
  ///   - buffer: Where the bytes go.
  /// - Returns: How many came; 0 at the end of the stream.
  func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int>

  /// Sends to a stream, never raising SIGPIPE.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - bytes: The bytes; may be empty.
  /// - Returns: How many the system took.
  func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int>

  /// Shuts one or both directions of a socket down.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - direction: What is shut.
  /// - Throws: The system's refusal.
  func shutdown(_ descriptor: Int32, _ direction: ShutdownDirection) throws(Errno)

  /// Makes the next close of a stream reset the connection (`SO_LINGER` on, 0 seconds).
  ///
  /// - Parameter descriptor: The socket.
  /// - Throws: The system's refusal.
  func setResetOnClose(_ descriptor: Int32) throws(Errno)

  /// Closes a descriptor; it is gone whatever the outcome.
  ///
  /// - Parameter descriptor: The descriptor.
  /// - Throws: The system's complaint.
  func close(_ descriptor: Int32) throws(Errno)

  /// Makes a second descriptor for the same open file, non-blocking and closed on exec.
  ///
  /// - Parameter descriptor: The descriptor.
  /// - Returns: The new descriptor.
  /// - Throws: The system's refusal.
  func duplicate(_ descriptor: Int32) throws(Errno) -> Int32

  /// Opens the reserve descriptor that a port gives up to survive EMFILE: `/dev/null`.
  ///
  /// - Returns: The descriptor.
  /// - Throws: The system's refusal.
  func openReserve() throws(Errno) -> Int32

  /// Opens the descriptor by which other threads, and signals, end a poll: an eventfd, which they write to directly.
  ///
  /// - Returns: The descriptor; `receive` empties it.
  /// - Throws: The system's refusal.
  func openWaker() throws(Errno) -> Int32

  /// The time on a clock that never steps and that the poller's time-outs run by.
  ///
  /// - Returns: Nanoseconds since some fixed moment.
  func monotonicTime() -> Int64

  /// The time of day; a reactor asks once, when it is made.
  ///
  /// - Returns: Nanoseconds since the beginning of 1970 in UTC.
  func wallTime() -> Int64
}

/// The kind of poller that a reactor runs on.
public enum BackEnd: String, CaseIterable, Sendable, Codable {
  /// `epoll(7)`: the kernel keeps the registrations; events come in the order in which descriptors became ready.
  case epoll
  /// `poll(2)`: events come in the order of registration.
  case poll
}

/// The address families that a reactor's sockets have.
public enum AddressFamily: Sendable, Hashable {
  /// IPv4, `AF_INET`.
  case inet
  /// IPv6, `AF_INET6`.
  case inet6
  /// Local sockets, `AF_UNIX`.
  case unix
  /// Any other number, which the reactor refuses.
  case other(Int32)
}

/// What a socket carries.
public enum SocketKind: Sendable, Hashable {
  /// A stream of bytes, `SOCK_STREAM`.
  case stream
  /// Datagrams, `SOCK_DGRAM`.
  case datagram
}

/// A direction that `shutdown` closes.
public enum ShutdownDirection: Sendable, Hashable {
  /// The sending side, `SHUT_WR`.
  case write
  /// Both sides, `SHUT_RDWR`.
  case both
}

/// The socket options that the reactor reads and sets.
public enum SocketOption: Sendable, CaseIterable {
  /// `SO_REUSEADDR`.
  case reuseAddress
  /// `SO_REUSEPORT`.
  case reusePort
  /// `TCP_NODELAY`.
  case noDelay
  /// `SO_KEEPALIVE`.
  case keepAlive
  /// `SO_SNDBUF`, in bytes.
  case sendBuffer
  /// `SO_RCVBUF`, in bytes.
  case receiveBuffer
  /// `IPV6_V6ONLY`.
  case ipv6Only
}
