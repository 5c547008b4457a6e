/// Polls sockets in memory: a wait ends at once, and moves the clock instead.
///
/// epoll's order is that of its ready list: what wakes goes to the end of it, and so does what is found, as long as it is ready;
/// poll's is that of registration. The waker comes first.
final class MemorySocketPoller: Poller {
  fileprivate struct Watched {
    var interest: Interest
    var registration: UInt32
  }

  private unowned let network: MemoryNetwork
  private let backEnd: BackEnd
  /// Watches the waker.
  private let wakers: any Poller
  private var watched: [Int32: Watched] = [:]
  /// In the order of registration.
  private var registered: [Int32] = []
  /// What may be ready, in the order in which it woke.
  private var ready: [Int32] = []

  init(_ network: MemoryNetwork, _ backEnd: BackEnd, wakers: any Poller) {
    self.network = network
    self.backEnd = backEnd
    self.wakers = wakers
  }

  func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    if network.isWaker(descriptor) { return try wakers.add(descriptor, interest, registration: registration) }
    guard watched[descriptor] == nil else { throw .fileExists }
    // As epoll, not as poll, which finds a descriptor invalid that is not open: the reactor is told sooner.
    guard let socket = network.socket(at: descriptor) else { throw .badDescriptor }
    watched[descriptor] = Watched(interest: interest, registration: registration)
    registered.append(descriptor)
    woke(descriptor, socket.readiness)
  }

  func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    if network.isWaker(descriptor) { return try wakers.modify(descriptor, interest, registration: registration) }
    guard watched[descriptor] != nil else { throw .noSuchFile }
    watched[descriptor] = Watched(interest: interest, registration: registration)
    if let socket = network.socket(at: descriptor) { woke(descriptor, socket.readiness) }
  }

  func remove(_ descriptor: Int32) {
    if network.isWaker(descriptor) { return wakers.remove(descriptor) }
    forgetAll(descriptor)
  }

  /// A descriptor was closed: epoll forgets it; poll finds it invalid until it is removed.
  func forget(_ descriptor: Int32) {
    if backEnd == .epoll { forgetAll(descriptor) }
  }

  private func forgetAll(_ descriptor: Int32) {
    watched[descriptor] = nil
    registered.removeAll { $0 == descriptor }
    ready.removeAll { $0 == descriptor }
  }

  /// Something about a descriptor has changed that may make it ready.
  func woke(_ descriptor: Int32, _ change: Readiness) {
    guard let watched = watched[descriptor], !change.isDisjoint(with: watched.awaited) else { return }
    if !ready.contains(descriptor) { ready.append(descriptor) }
  }

  func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    try wakers.wait(timeout: 0, into: &events)
    look(into: &events)
    guard events.isEmpty else { return }
    if let timeout {
      network.advance(.milliseconds(max(0, timeout)))
    } else {
      // Only another thread or a signal can end this.
      try wakers.wait(timeout: nil, into: &events)
    }
  }

  private func look(into events: inout [PollEvent]) {
    switch backEnd {
    case .epoll:
      var again: [Int32] = []
      for descriptor in ready where find(descriptor, &events) { again.append(descriptor) }
      ready = again
    case .poll:
      for descriptor in registered { _ = find(descriptor, &events) }
    }
  }

  private func find(_ descriptor: Int32, _ events: inout [PollEvent]) -> Bool {
    guard let watched = watched[descriptor] else { return false }
    let readiness = network.socket(at: descriptor).map { $0.readiness.intersection(watched.awaited) } ?? .invalid
    guard !readiness.isEmpty else { return false }
    events.append(PollEvent(descriptor: descriptor, registration: watched.registration, readiness: readiness))
    return true
  }

  func close() { wakers.close() }
}

extension MemorySocketPoller.Watched {
  /// What a poll tells of: what is waited for, and what is always told.
  fileprivate var awaited: Readiness {
    var awaited: Readiness = [.hangUp, .error]
    if interest.wantsRead { awaited.insert(.readable) }
    if interest.wantsWrite { awaited.insert(.writable) }
    return awaited
  }
}
