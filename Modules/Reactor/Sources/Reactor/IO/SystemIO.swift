import Addresses
import CLinux
import Glibc

/// The operating system itself.
public final class SystemIO: IOSystem {
  /// Makes the real system; it holds nothing, and any number of reactors may share one.
  public init() {}

  /// Makes a poller of one kind.
  ///
  /// - Parameter backEnd: The kind.
  /// - Returns: The poller; its registrations are empty.
  /// - Throws: The system's refusal.
  public func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller {
    switch backEnd {
    case .epoll: try EpollPoller()
    case .poll: PollPoller()
    }
  }

  /// Receives from a stream, or reads from a file: at most what the buffer holds.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor.
  ///   - buffer: Where the bytes go.
  /// - Returns: How many came; 0 at the end of the stream.
  public func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    unsafe Self.receive(descriptor, into: buffer)
  }

  static func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    // The kernel writes at most `buffer.count` bytes into memory that the caller owns. For a socket `recv` costs it less.
    let received = SystemCall.attempt { unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0) }
    guard case .failed(.notSocket) = received else { return received }
    return SystemCall.attempt { unsafe read(descriptor, buffer.baseAddress, buffer.count) }
  }

  /// Sends to a stream, never raising SIGPIPE.
  ///
  /// - Parameters:
  ///   - descriptor: The socket.
  ///   - bytes: The bytes; may be empty.
  /// - Returns: How many the system took.
  public func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    unsafe Self.send(descriptor, bytes)
  }

  static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    // The kernel reads `bytes.count` bytes of memory that the caller owns.
    SystemCall.attempt {
      unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }
  }

  /// Closes a descriptor; it is gone whatever the outcome.
  ///
  /// - Parameter descriptor: The descriptor.
  /// - Throws: The system's complaint.
  public func close(_ descriptor: Int32) throws(Errno) {
    try SystemCall.once { Glibc.close(descriptor) }
  }

  /// Makes a second descriptor for the same open file, non-blocking and closed on exec.
  ///
  /// - Parameter descriptor: The descriptor.
  /// - Returns: The new descriptor.
  /// - Throws: The system's refusal.
  public func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 {
    let copy = try SystemCall.value { fcntl(descriptor, F_DUPFD_CLOEXEC, 0) }
    do throws(Errno) {
      let flags = try SystemCall.value { fcntl(copy, F_GETFL) }
      try SystemCall.value { fcntl(copy, F_SETFL, flags | O_NONBLOCK) }
    } catch {
      try? close(copy)
      throw error
    }
    return copy
  }

  /// Opens the reserve descriptor that a port gives up to survive EMFILE: `/dev/null`.
  ///
  /// - Returns: The descriptor.
  /// - Throws: The system's refusal.
  public func openReserve() throws(Errno) -> Int32 {
    // The path is a constant, ended by a zero byte.
    try SystemCall.value { unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }
  }

  /// Opens the descriptor by which other threads, and signals, end a poll.
  ///
  /// - Returns: An eventfd.
  /// - Throws: The system's refusal.
  public func openWaker() throws(Errno) -> Int32 {
    try SystemCall.value { clinux_open_eventfd() }
  }

  /// The time on `CLOCK_MONOTONIC`.
  ///
  /// - Returns: Nanoseconds since some fixed moment.
  public func monotonicTime() -> Int64 { Self.monotonicTime() }

  static func monotonicTime() -> Int64 { time(CLOCK_MONOTONIC) }

  /// The time of day, `CLOCK_REALTIME`.
  ///
  /// - Returns: Nanoseconds since the beginning of 1970 in UTC.
  public func wallTime() -> Int64 { Self.time(CLOCK_REALTIME) }

  private static func time(_ clock: Int32) -> Int64 {
    var time = timespec()
    // Cannot fail: the clocks are Linux's own, and the memory is a local variable.
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
