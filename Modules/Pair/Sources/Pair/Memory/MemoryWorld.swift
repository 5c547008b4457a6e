import Addresses
import Reactor

/// What a reactor over memory needs beside the devices: a clock that moves only when it is told, or when a poll waits, and a
/// waker, which is the operating system's own since threads write to it directly.
struct MemoryWorld {
  /// Nanoseconds since the system was made.
  var now: Int64 = 0
  private let real = SystemIO()
  private var wakers: Set<Int32> = []

  mutating func openWaker() throws(Errno) -> Int32 {
    let descriptor = try real.openWaker()
    wakers.insert(descriptor)
    return descriptor
  }

  /// Closes a waker; `false` for what is none.
  mutating func close(_ descriptor: Int32) throws(Errno) -> Bool {
    guard wakers.remove(descriptor) != nil else { return false }
    try real.close(descriptor)
    return true
  }

  func isWaker(_ descriptor: Int32) -> Bool { wakers.contains(descriptor) }

  func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    unsafe real.receive(descriptor, into: buffer)
  }
}

// A reactor runs over it: tunnels are polled, time moves by itself, and there are no sockets.
extension MemoryIOSystem: IOSystem {
  /// Moves the clock.
  ///
  /// - Parameter duration: By how much; nothing happens for less than 0.
  public func advance(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let amount = overflow ? Int64.max : whole &+ attoseconds / 1_000_000_000
    guard amount > 0 else { return }
    let (sum, tooLate) = world.now.addingReportingOverflow(amount)
    world.now = tooLate ? .max : sum
  }

  /// Makes a poller of the devices in memory; both kinds find things in the order of registration.
  ///
  /// - Parameter backEnd: The kind.
  /// - Returns: The poller.
  /// - Throws: The system's refusal of what the waker is watched with.
  public func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller {
    MemoryPoller(self, wakers: try SystemIO().makePoller(.poll))
  }

  /// Opens the waker, which is the operating system's own.
  ///
  /// - Returns: An eventfd.
  /// - Throws: The system's refusal.
  public func openWaker() throws(Errno) -> Int32 { try world.openWaker() }

  /// Reads from a device, or empties the waker.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor.
  ///   - buffer: Where the bytes go.
  /// - Returns: How many came.
  public func receive(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    if world.isWaker(descriptor) { return unsafe world.receive(descriptor, into: buffer) }
    return attempt {
      let bytes = try read(descriptor, limit: buffer.count)
      // As many as fit are copied.
      unsafe buffer.copyBytes(from: bytes.prefix(buffer.count))
      return min(bytes.count, buffer.count)
    }
  }

  /// Writes to a device.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor.
  ///   - bytes: The packet.
  /// - Returns: How many bytes it took.
  public func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
    // The bytes are valid during the call.
    attempt { try write(descriptor, unsafe bytes.bytes) }
  }

  private func attempt(_ body: () throws -> Int) -> IOResult<Int> {
    do {
      return .done(try body())
    } catch {
      let errno = error as? Errno ?? .invalidArgument
      return errno == .wouldBlock ? .wouldBlock : .failed(errno)
    }
  }

  /// The clock.
  ///
  /// - Returns: Nanoseconds since the system was made, as far as the clock was moved.
  public func monotonicTime() -> Int64 { world.now }
  /// The same clock: memory knows no date.
  ///
  /// - Returns: Nanoseconds since the system was made.
  public func wallTime() -> Int64 { world.now }

  /// Refuses: there are no sockets.
  public func socket(_ family: AddressFamily, _ kind: SocketKind) throws(Errno) -> Int32 {
    throw .addressFamilyNotSupported
  }
  /// Refuses: there are no sockets.
  public func bind(_ descriptor: Int32, to address: Address) throws(Errno) { throw .notSocket }
  /// Refuses: there are no sockets.
  public func listen(_ descriptor: Int32, backlog: Int32) throws(Errno) { throw .notSocket }
  /// Refuses: there are no sockets.
  public func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> { .failed(.notSocket) }
  /// Refuses: there are no sockets.
  public func connect(_ descriptor: Int32, to address: Address) -> IOResult<Void> { .failed(.notSocket) }
  /// Refuses: there are no sockets.
  public func takeError(_ descriptor: Int32) throws(Errno) -> Errno? { throw .notSocket }
  /// Refuses: there are no sockets.
  public func localAddress(_ descriptor: Int32) throws(Errno) -> Address { throw .notSocket }
  /// Refuses: there are no sockets.
  public func peerAddress(_ descriptor: Int32) throws(Errno) -> Address { throw .notSocket }
  /// Refuses: there are no sockets.
  public func option(_ option: SocketOption, of descriptor: Int32) throws(Errno) -> Int32 { throw .notSocket }
  /// Refuses: there are no sockets.
  public func setOption(_ option: SocketOption, of descriptor: Int32, to value: Int32) throws(Errno) {
    throw .notSocket
  }
  /// Refuses: there are no sockets.
  public func shutdown(_ descriptor: Int32, _ direction: ShutdownDirection) throws(Errno) { throw .notSocket }
  /// Refuses: there are no sockets.
  public func setResetOnClose(_ descriptor: Int32) throws(Errno) { throw .notSocket }
  /// Refuses: nothing can be duplicated.
  public func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 { throw .functionNotImplemented }
  /// Refuses: no port needs a reserve.
  public func openReserve() throws(Errno) -> Int32 { throw .functionNotImplemented }
}
