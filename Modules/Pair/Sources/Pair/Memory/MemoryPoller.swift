import Reactor

/// Polls devices in memory: a wait ends at once, and moves the clock instead.
final class MemoryPoller: Poller {
  private struct Watched {
    let descriptor: Int32
    var interest: Interest
    var registration: UInt32
  }

  private unowned let system: MemoryIOSystem
  /// Watches the waker.
  private let wakers: any Poller
  private var watched: [Watched] = []

  init(_ system: MemoryIOSystem, wakers: any Poller) {
    self.system = system
    self.wakers = wakers
  }

  func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    if system.world.isWaker(descriptor) {
      return try wakers.add(descriptor, interest, registration: registration)
    }
    guard system.device(at: descriptor) != nil else { throw .badDescriptor }
    watched.append(Watched(descriptor: descriptor, interest: interest, registration: registration))
  }

  func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    if system.world.isWaker(descriptor) {
      return try wakers.modify(descriptor, interest, registration: registration)
    }
    guard let index = watched.firstIndex(where: { $0.descriptor == descriptor }) else { throw .noSuchFile }
    watched[index].interest = interest
    watched[index].registration = registration
  }

  func remove(_ descriptor: Int32) {
    if let index = watched.firstIndex(where: { $0.descriptor == descriptor }) {
      watched.remove(at: index)
    } else {
      wakers.remove(descriptor)
    }
  }

  func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    // Calls from threads and signals come first, as the waker is registered first.
    try wakers.wait(timeout: 0, into: &events)
    look(into: &events)
    guard events.isEmpty else { return }
    if let timeout {
      system.advance(.milliseconds(max(0, timeout)))
    } else {
      // Only another thread or a signal can end this.
      try wakers.wait(timeout: nil, into: &events)
    }
  }

  private func look(into events: inout [PollEvent]) {
    for watched in watched {
      var readiness: Readiness = []
      if let device = system.device(at: watched.descriptor) {
        if watched.interest.wantsRead, device.isReadable { readiness.insert(.readable) }
        if watched.interest.wantsWrite { readiness.insert(.writable) }
      } else {
        readiness = .invalid
      }
      guard !readiness.isEmpty else { continue }
      events.append(
        PollEvent(descriptor: watched.descriptor, registration: watched.registration, readiness: readiness))
    }
  }

  func close() { wakers.close() }
}
