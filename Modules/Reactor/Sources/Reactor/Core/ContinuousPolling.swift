/// The descriptors that epoll refuses to watch because they are always ready, such as regular files.
struct ContinuousPolling {
  /// The descriptors, in the order in which they were added.
  var registrations: [DescriptorTable.Registration] = []
  /// What brings them their turn: they are served among the delayed calls, as Twisted serves them.
  var tick: DelayedCall?
}

extension Reactor {
  /// So short that it is due in the next turn, so long that it is not due in this one.
  ///
  /// Mirrors `twisted.internet.task._EPSILON`.
  private static var pause: Duration { .nanoseconds(10) }

  func pollContinuously(_ descriptor: Int32) {
    table[descriptor].isContinuous = true
    continuous.registrations.append(
      DescriptorTable.Registration(descriptor: descriptor, number: table[descriptor].registration))
    if continuous.tick == nil { scheduleContinuousPolling() }
  }

  func stopPollingContinuously(_ descriptor: Int32) {
    table[descriptor].isContinuous = false
    continuous.registrations.removeAll { $0.descriptor == descriptor }
    if continuous.registrations.isEmpty {
      try? continuous.tick?.cancel()
      continuous.tick = nil
    }
  }

  private func scheduleContinuousPolling() {
    continuous.tick = callLaterInternally(Self.pause) { [weak self] in
      guard let self else { return }
      continuous.tick = nil
      serveContinuously()
      if !continuous.registrations.isEmpty, continuous.tick == nil { scheduleContinuousPolling() }
    }
  }
}
