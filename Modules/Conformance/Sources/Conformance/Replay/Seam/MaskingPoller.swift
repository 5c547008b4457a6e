import Reactor

/// A poller that can leave a descriptor's read interest out of the wait, while its owner believes it registered.
///
/// A masked descriptor that is not waited for otherwise is taken out of the inner poller, and put back when the mask goes, so
/// that a level-triggered readiness that nobody may act on never makes the wait return at once.
final class MaskingPoller: Poller {
  private struct Watch {
    var interest: Interest
    var registration: UInt32
    var isMasked: Bool
    /// While masked, the other side hung up: the inner poller would report that again and again.
    var isHungUp = false

    /// What the inner poller is to wait for.
    var effective: Interest? {
      guard isMasked else { return interest }
      return interest.wantsWrite && !isHungUp ? .write : nil
    }
  }

  /// A socket that is not the reactor's, and what of it the wait ends for; nobody is told of it.
  typealias Stranger = (descriptor: Int32, interest: Interest)

  private let inner: any Poller
  /// The sockets that are not the reactor's, asked before each wait.
  var strangers: () -> [Stranger] = { [] }
  /// When waiting makes no sense any more, in nanoseconds of the monotonic clock, and what is to be done then.
  var deadline: (time: Int, pass: () -> Void)?
  private var watches: [Int32: Watch] = [:]
  private var masked: Set<Int32> = []

  init(_ inner: any Poller) {
    self.inner = inner
  }

  /// Leaves a descriptor's read interest out of the wait, or takes it in again.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor; it need not be registered yet.
  ///   - isMasked: Whether to leave it out.
  func setMasked(_ descriptor: Int32, _ isMasked: Bool) {
    guard masked.contains(descriptor) != isMasked else { return }
    if isMasked { masked.insert(descriptor) } else { masked.remove(descriptor) }
    guard var watch = watches[descriptor] else { return }
    let old = watch
    watch.isMasked = isMasked
    watch.isHungUp = false
    watches[descriptor] = watch
    // A descriptor that the kernel no longer knows has nothing to be told about: the reactor finds out by itself.
    try? change(descriptor, from: old, to: watch)
  }

  func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    let watch = Watch(interest: interest, registration: registration, isMasked: masked.contains(descriptor))
    try change(descriptor, from: nil, to: watch)
    watches[descriptor] = watch
  }

  func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    guard let old = watches[descriptor] else {
      return try inner.modify(descriptor, interest, registration: registration)
    }
    var watch = old
    watch.interest = interest
    watch.registration = registration
    try change(descriptor, from: old, to: watch)
    watches[descriptor] = watch
  }

  func remove(_ descriptor: Int32) {
    guard let watch = watches.removeValue(forKey: descriptor) else { return inner.remove(descriptor) }
    if watch.effective != nil { inner.remove(descriptor) }
  }

  func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    let strangers = self.strangers()
    for stranger in strangers { try inner.add(stranger.descriptor, stranger.interest, registration: 0) }
    defer { for stranger in strangers { inner.remove(stranger.descriptor) } }
    try inner.wait(timeout: shortened(timeout), into: &events)
    events.removeAll { event in strangers.contains { $0.descriptor == event.descriptor } }
    if let deadline, TraceRecorder.monotonicNanoseconds() >= deadline.time { deadline.pass() }
    guard !masked.isEmpty else { return }
    for index in events.indices where masked.contains(events[index].descriptor) {
      let event = events[index]
      events[index].readiness.formIntersection(.writable)
      guard let old = watches[event.descriptor] else { continue }
      if !event.readiness.isDisjoint(with: [.hangUp, .error]) {
        var watch = old
        watch.isHungUp = true
        watches[event.descriptor] = watch
        try? change(event.descriptor, from: old, to: watch)
      }
    }
    events.removeAll { $0.readiness.isEmpty }
  }

  /// A time-out that ends with the deadline.
  private func shortened(_ timeout: Int32?) -> Int32? {
    guard let deadline else { return timeout }
    let left = max(0, deadline.time - TraceRecorder.monotonicNanoseconds()) / 1_000_000 + 1
    return min(timeout ?? .max, Int32(clamping: left))
  }

  func close() {
    inner.close()
  }

  private func change(_ descriptor: Int32, from old: Watch?, to new: Watch) throws(Errno) {
    switch (old?.effective, new.effective) {
    case (nil, nil): break
    case (nil, let interest?): try inner.add(descriptor, interest, registration: new.registration)
    case (_?, nil): inner.remove(descriptor)
    case (let before?, let interest?):
      if before == interest, old?.registration == new.registration { return }
      try inner.modify(descriptor, interest, registration: new.registration)
    }
  }
}
