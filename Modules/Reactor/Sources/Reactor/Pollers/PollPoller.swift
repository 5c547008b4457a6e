import Glibc

/// `poll(2)`: the whole list is handed to the kernel each time, and events come in the order of registration.
///
/// A change of interest moves a descriptor to the end, as in `twisted.internet.pollreactor`. A place in the list that was
/// given up holds -1 until the next poll: the kernel would skip it, but counts it against the limit of open files.
public final class PollPoller: Poller {
  private var list: [pollfd] = []
  private var registrations: [UInt32] = []
  /// The place in the list by descriptor, or -1.
  private var places: [Int32] = []
  private var holes = 0

  /// Makes a poller with no registrations.
  public init() {}

  /// Starts to watch a descriptor.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor; not registered yet.
  ///   - interest: What to wait for.
  ///   - registration: The number to report with its events.
  /// - Throws: `EBADF` for a negative number; a closed descriptor is accepted, and found invalid by the next poll.
  public func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    guard descriptor >= 0 else { throw .badDescriptor }
    remove(descriptor)
    while places.count <= descriptor { places.append(-1) }
    places[Int(descriptor)] = Int32(list.count)
    list.append(pollfd(fd: descriptor, events: interest.pollEvents, revents: 0))
    registrations.append(registration)
  }

  /// Changes what is waited for, and moves the descriptor to the end of the list.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor; registered.
  ///   - interest: What to wait for from now on.
  ///   - registration: The number to report with its events.
  /// - Throws: `EBADF` for a negative number.
  public func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    try add(descriptor, interest, registration: registration)
  }

  /// Stops watching a descriptor.
  ///
  /// - Parameter descriptor: The descriptor.
  public func remove(_ descriptor: Int32) {
    guard descriptor >= 0, descriptor < places.count, places[Int(descriptor)] >= 0 else { return }
    list[Int(places[Int(descriptor)])].fd = -1
    places[Int(descriptor)] = -1
    holes += 1
  }

  /// Waits, and collects what was found, in the order of registration.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most, in milliseconds; 0 looks only, `nil` waits for ever.
  ///   - events: Where the findings go; emptied first. An interrupted wait finds nothing.
  /// - Throws: The system's refusal.
  public func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    events.removeAll(keepingCapacity: true)
    if holes > 0 { closeHoles() }
    // The kernel writes to the array's own elements, as many as it is told there are.
    var remaining = unsafe poll(&list, nfds_t(list.count), timeout ?? -1)
    guard remaining >= 0 else {
      let error = errno
      if error == EINTR { return }
      throw Errno(rawValue: error)
    }
    var index = 0
    while remaining > 0, index < list.count {
      let entry = list[index]
      if entry.revents != 0, entry.fd >= 0 {
        events.append(
          PollEvent(
            descriptor: entry.fd, registration: registrations[index], readiness: Readiness(poll: entry.revents)))
        remaining -= 1
      }
      index += 1
    }
  }

  /// Forgets all registrations; there is no descriptor of its own to close.
  public func close() {
    list.removeAll()
    registrations.removeAll()
    places.removeAll()
    holes = 0
  }

  private func closeHoles() {
    var kept = 0
    for index in list.indices where list[index].fd >= 0 {
      list[kept] = list[index]
      registrations[kept] = registrations[index]
      places[Int(list[kept].fd)] = Int32(kept)
      kept += 1
    }
    list.removeSubrange(kept...)
    registrations.removeSubrange(kept...)
    holes = 0
  }
}

extension Interest {
  fileprivate var pollEvents: Int16 {
    switch self {
    case .read: Int16(POLLIN)
    case .write: Int16(POLLOUT)
    case .readWrite: Int16(POLLIN | POLLOUT)
    }
  }
}

extension Readiness {
  fileprivate init(poll events: Int16) {
    self = []
    let events = Int32(events)
    if events & POLLIN != 0 { insert(.readable) }
    if events & POLLOUT != 0 { insert(.writable) }
    if events & POLLHUP != 0 { insert(.hangUp) }
    if events & POLLERR != 0 { insert(.error) }
    if events & POLLNVAL != 0 { insert(.invalid) }
  }
}
