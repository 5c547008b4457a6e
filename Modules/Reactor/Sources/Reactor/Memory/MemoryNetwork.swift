import Addresses

/// A host's network in memory: stream sockets over loopback, a poller, and a clock that stands still until something waits.
///
/// A reactor over it behaves as over Linux's loopback, to the order in which epoll finds things, but for time and chance: the
/// same program does the same each time, and waiting takes no time.
///
/// ```swift
/// let network = MemoryNetwork()
/// let reactor = try Reactor(.epoll, io: network)
/// ```
///
/// What differs from Linux: there are no datagrams, no UNIX sockets, and no IPv6 socket that takes IPv4 too; a port is free again
/// as soon as it is closed. The waker is the operating system's own, as threads write to it directly. It belongs to one thread.
public final class MemoryNetwork: IOSystem {
  /// Descriptors are numbered from here, where the operating system's own hardly come.
  ///
  /// Few processes may have more, and a reactor's tables are as long as its highest number.
  static let firstDescriptor: Int32 = 1_024
  /// Ports that the network chooses are these, one after the other.
  static let ephemeralPorts: ClosedRange<UInt16> = 32_768...60_999

  /// What a descriptor stands for.
  enum File {
    case socket(MemorySocket)
    /// `/dev/null`.
    case null
  }

  /// How many descriptors may be open at a time; one more is refused with EMFILE.
  public var descriptorLimit: Int
  /// Nanoseconds since the network was made.
  private var now: Int64 = 0
  private var files: [File?] = []
  private var pollers: [WeakPoller] = []
  private var wakers: Set<Int32> = []
  private let system = SystemIO()
  private var nextPort = ephemeralPorts.lowerBound
  /// The hosts that it has besides loopback.
  let ownHosts: Set<IPHost>

  /// Makes a network with nothing in it.
  ///
  /// - Parameters:
  ///   - ipv4: The host's IPv4 addresses besides those of loopback.
  ///   - ipv6: Its IPv6 addresses besides loopback.
  ///   - descriptorLimit: How many descriptors may be open at a time, at most 32,768.
  public init(ipv4: [IPv4Address.Host] = [], ipv6: [IPv6Address.Host] = [], descriptorLimit: Int = 32_768) {
    ownHosts = Set(ipv4.map(IPHost.ipv4) + ipv6.map(IPHost.ipv6))
    self.descriptorLimit = min(descriptorLimit, 32_768)
  }

  /// Moves the clock.
  ///
  /// - Parameter duration: By how much; nothing happens for less than 0.
  public func advance(_ duration: Duration) {
    now = now.addingSaturated(max(0, duration.nanoseconds))
  }

  /// How many descriptors are open, the reactor's waker aside.
  public var openCount: Int { files.count { $0 != nil } }

  // MARK: - Descriptors

  func socket(at descriptor: Int32) -> MemorySocket? {
    guard case .socket(let socket) = file(at: descriptor) else { return nil }
    return socket
  }

  /// The socket of a descriptor, or the error that the kernel has for anything else.
  func requireSocket(_ descriptor: Int32) throws(Errno) -> MemorySocket {
    switch file(at: descriptor) {
    case .socket(let socket): return socket
    case .null: throw .notSocket
    case nil: throw wakers.contains(descriptor) ? .notSocket : .badDescriptor
    }
  }

  private func file(at descriptor: Int32) -> File? {
    let index = Int(descriptor) - Int(Self.firstDescriptor)
    return files.indices.contains(index) ? files[index] : nil
  }

  /// Gives a file the lowest free descriptor.
  func open(_ file: File) throws(Errno) -> Int32 {
    guard openCount < descriptorLimit else { throw .tooManyOpenFiles }
    let index = files.firstIndex { $0 == nil } ?? files.count
    if index == files.count { files.append(file) } else { files[index] = file }
    let descriptor = Self.firstDescriptor + Int32(index)
    if case .socket(let socket) = file { socket.descriptors.append(descriptor) }
    return descriptor
  }

  /// Closes a descriptor; a socket whose last one it was ends its connection.
  ///
  /// - Parameter descriptor: The descriptor.
  /// - Throws: EBADF for one that is not open.
  public func close(_ descriptor: Int32) throws(Errno) {
    if wakers.remove(descriptor) != nil { return try system.close(descriptor) }
    guard let file = file(at: descriptor) else { throw .badDescriptor }
    files[Int(descriptor - Self.firstDescriptor)] = nil
    guard case .socket(let socket) = file else { return }
    socket.descriptors.removeAll { $0 == descriptor }
    if socket.descriptors.isEmpty {
      forEachPoller { $0.forget(descriptor) }
      end(socket)
    }
  }

  /// Makes a second descriptor for the same socket.
  ///
  /// - Parameter descriptor: The descriptor.
  /// - Returns: The lowest that is free.
  /// - Throws: EBADF for one that is not open, EMFILE when there are too many.
  public func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 {
    guard let file = file(at: descriptor) else { throw .badDescriptor }
    return try open(file)
  }

  /// Opens the reserve descriptor that a port gives up to survive EMFILE.
  ///
  /// - Returns: The lowest that is free.
  /// - Throws: EMFILE when there are too many.
  public func openReserve() throws(Errno) -> Int32 { try open(.null) }

  /// Opens the waker, which is the operating system's own.
  ///
  /// - Returns: An eventfd.
  /// - Throws: The system's refusal; EMFILE where the process has so many descriptors that its numbers meet this network's.
  public func openWaker() throws(Errno) -> Int32 {
    let descriptor = try system.openWaker()
    guard descriptor < Self.firstDescriptor else {
      try? system.close(descriptor)
      throw .tooManyOpenFiles
    }
    wakers.insert(descriptor)
    return descriptor
  }

  func isWaker(_ descriptor: Int32) -> Bool { wakers.contains(descriptor) }

  /// Empties the waker.
  func emptyWaker(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> IOResult<Int> {
    unsafe system.receive(descriptor, into: buffer)
  }

  // MARK: - Polling and time

  private struct WeakPoller {
    weak var poller: MemorySocketPoller?
  }

  /// Makes a poller of this network's sockets, which finds them in the order in which the back end does.
  ///
  /// - Parameter backEnd: The kind.
  /// - Returns: The poller; its registrations are empty.
  /// - Throws: The system's refusal of what the waker is watched with.
  public func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller {
    let poller = MemorySocketPoller(self, backEnd, wakers: try system.makePoller(.poll))
    pollers.removeAll { $0.poller == nil }
    pollers.append(WeakPoller(poller: poller))
    return poller
  }

  private func forEachPoller(_ body: (MemorySocketPoller) -> Void) {
    for weak in pollers { if let poller = weak.poller { body(poller) } }
  }

  /// Tells the pollers that something about a socket has changed that can end a wait.
  func woke(_ socket: MemorySocket, _ change: Readiness) {
    for descriptor in socket.descriptors { forEachPoller { $0.woke(descriptor, change) } }
  }

  /// The clock.
  ///
  /// - Returns: Nanoseconds since the network was made, as far as the clock was moved.
  public func monotonicTime() -> Int64 { now }

  /// The same clock: memory knows no date.
  ///
  /// - Returns: Nanoseconds since the network was made.
  public func wallTime() -> Int64 { now }

  // MARK: - Ports

  /// The next port of the network's own choice that nobody has.
  func choosePort(_ isFree: (UInt16) -> Bool) throws(Errno) -> UInt16 {
    for _ in Self.ephemeralPorts {
      let port = nextPort
      nextPort = port == Self.ephemeralPorts.upperBound ? Self.ephemeralPorts.lowerBound : port + 1
      if isFree(port) { return port }
    }
    throw .addressInUse
  }

  /// The open sockets.
  var sockets: [MemorySocket] {
    files.compactMap { if case .socket(let socket)? = $0 { socket } else { nil } }
  }
}
