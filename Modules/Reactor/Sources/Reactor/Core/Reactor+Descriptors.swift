extension Reactor {
  /// Polls a descriptor for reading; does nothing when it is polled already.
  package func startReading(_ selectable: any Selectable) throws(DescriptorError) {
    let descriptor = selectable.descriptor
    guard descriptor >= 0 else { throw .negative }
    guard !table[descriptor].isReading else { return }
    try change(descriptor, to: selectable) { $0.isReading = true }
  }

  /// Polls a descriptor for writing, and has `doWrite` called in the dispatch.
  package func startWriting(_ selectable: any Selectable) throws(DescriptorError) {
    let descriptor = selectable.descriptor
    guard descriptor >= 0 else { throw .negative }
    guard !table[descriptor].isWriting else { return }
    try change(descriptor, to: selectable) { $0.writing = .watched }
  }

  /// Has `doWrite` called in the flush after the poll that begins next; does nothing when it writes already.
  package func wantFlush(_ selectable: any Selectable) throws(DescriptorError) {
    let descriptor = selectable.descriptor
    guard descriptor >= 0 else { throw .negative }
    switch table.want(descriptor, for: selectable) {
    case .unregistered:
      try change(descriptor, to: selectable) { $0.writing = .wanted }
      flush.add(table.requeue(of: descriptor))
    case let wish:
      flush.add(wish)
    }
  }

  /// Has the poller tell when the rest can be written, which the flush then does.
  ///
  /// Where the poller refuses, the flush tries again in the next turn.
  package func armWritable(_ selectable: any Selectable) {
    guard let descriptor = registration(of: selectable), table[descriptor].writing == .wanted else { return }
    do throws(DescriptorError) {
      try change(descriptor, to: selectable) { $0.writing = .armed }
    } catch {
      flush.add(table.requeue(of: descriptor))
    }
  }

  /// Stops polling for reading.
  package func stopReading(_ selectable: any Selectable) {
    guard let descriptor = registration(of: selectable), table[descriptor].isReading else { return }
    table[descriptor].isReading = false
    giveUp(descriptor)
  }

  /// Stops polling for writing, and forgets a flush that was wanted.
  package func stopWriting(_ selectable: any Selectable) {
    let own = selectable.descriptor
    if table.unwant(own, for: selectable) { return }
    guard let descriptor = table.descriptor(of: selectable, at: own), table[descriptor].isWriting else { return }
    table[descriptor].writing = .no
    giveUp(descriptor)
  }

  /// Whether it is polled for reading.
  package func isReading(_ selectable: any Selectable) -> Bool {
    registration(of: selectable).map { table[$0].isReading } ?? false
  }

  /// Whether it is polled for writing, or wants to be flushed.
  package func isWriting(_ selectable: any Selectable) -> Bool {
    registration(of: selectable).map { table[$0].isWriting } ?? false
  }

  /// The descriptor under which an object is registered; one that has closed its own is looked for.
  private func registration(of selectable: any Selectable) -> Int32? {
    // Asked before the table is: the answer may be the application's.
    let descriptor = selectable.descriptor
    return table.descriptor(of: selectable, at: descriptor)
  }

  /// Below this a descriptor gets its place in the table unasked; above, it has to be open.
  private static let surelySmall: Int32 = 1 << 16

  private func isOpen(_ descriptor: Int32) -> Bool {
    do throws(Errno) {
      _ = try io.option(.reuseAddress, of: descriptor)
      return true
    } catch {
      return error != .badDescriptor
    }
  }

  /// Changes an entry once the poller has agreed.
  private func change(
    _ descriptor: Int32, to selectable: any Selectable, _ body: (inout DescriptorTable.Entry) -> Void
  ) throws(DescriptorError) {
    guard descriptor < Self.surelySmall || isOpen(descriptor) else { throw .system(.badDescriptor) }
    let before = (entry: table[descriptor], selectable: table.selectable(at: descriptor))
    withExtendedLifetime(table.claim(descriptor, for: selectable)) {}
    body(&table[descriptor])
    do throws(Errno) {
      try watch(descriptor)
    } catch {
      if error == .operationNotPermitted, table[descriptor].watched == nil {
        pollContinuously(descriptor)
        return
      }
      withExtendedLifetime(table.restore(descriptor, before.entry, before.selectable)) {}
      throw .system(error)
    }
  }

  /// Changes an entry towards less.
  private func giveUp(_ descriptor: Int32) {
    do throws(Errno) {
      try watch(descriptor)
    } catch {
      // Nobody is told what nobody waits for any more. Closed behind the reactor's back, the kernel has forgotten it anyway.
      poller?.base.remove(descriptor)
      table[descriptor].watched = nil
      if error != .badDescriptor, error != .noSuchFile { watchLater(descriptor) }
    }
    guard !table[descriptor].isActive else { return }
    if table[descriptor].isContinuous { stopPollingContinuously(descriptor) }
    withExtendedLifetime(table.release(descriptor, duringDispatch: dispatchDepth > 0)) {}
  }

  /// Tells the poller what the entry wants, from the next turn on, as soon as it agrees.
  private func watchLater(_ descriptor: Int32) {
    let registration = table[descriptor].registration
    callLaterInternally(.zero) { [weak self] in
      guard let self, table[descriptor].registration == registration, table[descriptor].isActive else { return }
      do throws(Errno) {
        try watch(descriptor)
      } catch {
        if error != .badDescriptor, error != .noSuchFile { watchLater(descriptor) }
      }
    }
  }

  /// Tells the poller what the entry wants, if that has changed.
  private func watch(_ descriptor: Int32) throws(Errno) {
    if table[descriptor].interest != nil { try openPoller() }
    // A poller that has just been opened knows the descriptor already.
    let entry = table[descriptor]
    guard !entry.isContinuous, entry.interest != entry.watched else { return }
    guard let interest = entry.interest, let poller = poller?.base else {
      poller?.base.remove(descriptor)
      table[descriptor].watched = nil
      return
    }
    if entry.watched == nil {
      do throws(Errno) {
        try poller.add(descriptor, interest, registration: entry.registration)
      } catch {
        guard error == .fileExists else { throw error }
        try poller.modify(descriptor, interest, registration: entry.registration)
      }
    } else {
      do throws(Errno) {
        try poller.modify(descriptor, interest, registration: entry.registration)
      } catch {
        // Closed behind the reactor's back, and opened again by the same number.
        guard error == .noSuchFile else { throw error }
        try poller.add(descriptor, interest, registration: entry.registration)
      }
    }
    table[descriptor].watched = interest
  }

  /// Opens the poller and the waker, if they are not open, and registers what the table holds.
  @discardableResult
  func openPoller() throws(Errno) -> ActivePoller {
    if let poller { return poller }
    let descriptor = try io.openWaker()
    let opened: ActivePoller
    do throws(Errno) {
      opened = ActivePoller(try io.makePoller(backEnd))
    } catch {
      try? io.close(descriptor)
      throw error
    }
    poller = opened
    let waker = Waker(descriptor, reactor: self)
    self.waker = waker
    handle.open(descriptor)
    let registered = table.active.map(\.descriptor)
    for descriptor in registered { table[descriptor].watched = nil }
    _ = table.claim(descriptor, for: waker)
    table[descriptor].isReading = true
    do throws(Errno) {
      try watch(descriptor)
    } catch {
      // A poller that nothing could end the wait of is none.
      closePoller()
      throw error
    }
    for descriptor in registered {
      do throws(Errno) {
        try watch(descriptor)
      } catch {
        // Closed meanwhile, it stays registered and unwatched, as one that is closed behind a poller's back.
        if error == .operationNotPermitted { pollContinuously(descriptor) }
      }
    }
    return opened
  }

  /// Closes the poller and the waker; what is registered stays so, for a poller that is opened later.
  func closePoller() {
    guard let poller else { return }
    if let waker {
      // First nobody writes to it any more, then it is closed.
      handle.closeWaker()
      signals.silence()
      stopReading(waker)
      try? io.close(waker.descriptor)
    }
    waker = nil
    poller.base.close()
    self.poller = nil
  }
}
