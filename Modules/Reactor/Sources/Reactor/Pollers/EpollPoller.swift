import CLinux
import Glibc

/// `epoll(7)`: the kernel keeps the registrations, and events come in the order in which descriptors became ready.
@safe public final class EpollPoller: Poller {
  private let epoll: Int32
  private var isOpen = true
  private var registered = 0
  private var found: UnsafeMutableBufferPointer<epoll_event>

  /// Makes a poller with no registrations.
  ///
  /// - Throws: The system's refusal, such as `EMFILE`.
  public init() throws(Errno) {
    epoll = try SystemCall.value { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    unsafe found = .allocate(capacity: 64)
  }

  deinit {
    close()
    // Allocated by this object, and shown to nobody.
    unsafe found.deallocate()
  }

  /// Starts to watch a descriptor.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor; not registered yet.
  ///   - interest: What to wait for.
  ///   - registration: The number to report with its events.
  /// - Throws: `EPERM` for a regular file, `EBADF` for a closed descriptor, `EEXIST` for one that is registered.
  public func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try control(EPOLL_CTL_ADD, descriptor, interest, registration)
    registered += 1
  }

  /// Changes what is waited for.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor; registered.
  ///   - interest: What to wait for from now on.
  ///   - registration: The number to report with its events.
  /// - Throws: The system's refusal.
  public func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try control(EPOLL_CTL_MOD, descriptor, interest, registration)
  }

  /// Stops watching a descriptor; the kernel has itself forgotten one that was closed.
  ///
  /// - Parameter descriptor: The descriptor.
  public func remove(_ descriptor: Int32) {
    _ = SystemCall.result { clinux_epoll_control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0) }
    registered = max(0, registered - 1)
  }

  /// Waits, and collects what was found, in the kernel's order.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most, in milliseconds; 0 looks only, `nil` waits for ever.
  ///   - events: Where the findings go; emptied first. An interrupted wait finds nothing.
  /// - Throws: The system's refusal.
  public func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    events.removeAll(keepingCapacity: true)
    if unsafe registered > found.count { growRoom() }
    // The kernel writes at most as many events as there is room for.
    let count = unsafe epoll_wait(epoll, found.baseAddress, Int32(clamping: found.count), timeout ?? -1)
    guard count >= 0 else {
      let error = errno
      if error == EINTR { return }
      throw Errno(rawValue: error)
    }
    for index in 0..<Int(count) {
      // Below the count that the kernel has just filled in.
      let event = unsafe found.baseAddress.unsafelyUnwrapped + index
      unsafe events.append(
        PollEvent(
          descriptor: clinux_epoll_descriptor(event), registration: clinux_epoll_registration(event),
          readiness: Readiness(epoll: clinux_epoll_events(event))))
    }
  }

  /// Closes the epoll descriptor; a second call does nothing.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    try? SystemCall.once { Glibc.close(epoll) }
  }

  private func control(
    _ operation: Int32, _ descriptor: Int32, _ interest: Interest, _ registration: UInt32
  ) throws(Errno) {
    try SystemCall.value { clinux_epoll_control(epoll, operation, descriptor, interest.epollEvents, registration) }
  }

  private func growRoom() {
    let capacity = unsafe max(registered, found.count * 2)
    // No event is in the old memory: they are copied out before `wait` returns.
    unsafe found.deallocate()
    unsafe found = .allocate(capacity: capacity)
  }
}

extension Interest {
  fileprivate var epollEvents: UInt32 {
    switch self {
    case .read: EPOLLIN.rawValue
    case .write: EPOLLOUT.rawValue
    case .readWrite: EPOLLIN.rawValue | EPOLLOUT.rawValue
    }
  }
}

extension Readiness {
  /// EPOLLIN, EPOLLOUT, EPOLLERR and EPOLLHUP are numbered as poll's bits are.
  @inline(__always)
  fileprivate init(epoll events: UInt32) {
    self = []
    if events & EPOLLIN.rawValue != 0 { insert(.readable) }
    if events & EPOLLOUT.rawValue != 0 { insert(.writable) }
    if events & EPOLLHUP.rawValue != 0 { insert(.hangUp) }
    if events & EPOLLERR.rawValue != 0 { insert(.error) }
  }
}
