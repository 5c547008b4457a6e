/// What one poll found, and what is to be flushed after it.
struct PollBatch {
  var found: [PollEvent]
  var flush: [DescriptorTable.Registration]
}

extension Reactor {
  /// Step 4: takes down what is to be flushed, and polls.
  func poll(timeout: Int32?) throws(Errno) -> PollBatch {
    let poller = try openPoller()
    let isBusy = flush.isWanted || handle.hasCalls
    var batch = PollBatch(found: [], flush: flush.take(&table))
    // The array that the last poll filled; one inside another turn makes its own.
    swap(&batch.found, &found)
    boundary?.observer.pollBegan()
    do throws(Errno) {
      try poller.wait(timeout: isBusy ? 0 : timeout, into: &batch.found)
    } catch {
      // Nothing that was to be flushed is lost: it is flushed in the next turn.
      for registration in batch.flush { flush.add(table.requeue(registration)) }
      throw error
    }
    return batch
  }

  /// Step 5: serves what the poll found, in its order.
  func dispatch(_ batch: inout PollBatch) {
    dispatchDepth += 1
    for event in batch.found {
      let registration = DescriptorTable.Registration(descriptor: event.descriptor, number: event.registration)
      serve(event.readiness, registration, &batch.flush)
    }
    serving = nil
    dispatchDepth -= 1
  }

  /// Step 6: one write of each transport that wanted it when the poll began, or that the poll found writable.
  func flush(_ batch: inout PollBatch) {
    dispatchDepth += 1
    let pass = flush.beginPass()
    for registration in batch.flush {
      guard let selectable = table.takeFlush(registration, pass: pass) else { continue }
      serving = registration
      var reason: (any Error)?
      do {
        reason = try selectable.doWrite()
      } catch {
        log(.critical, "Unhandled error in doWrite", error: error)
        reason = error
      }
      if let reason { disconnect(selectable, reason, whileReading: false) }
      flush.add(table.requeue(registration))
    }
    serving = nil
    dispatchDepth -= 1
  }

  /// Gives the memory back to the next poll, and forgets what was removed during this turn.
  func finish(_ batch: inout PollBatch) {
    releaseParked()
    flush.recycle(&batch.flush)
    swap(&batch.found, &found)
  }

  /// Forgets what was given up during a dispatch, once the outermost has ended.
  func releaseParked() {
    guard dispatchDepth == 0 else { return }
    withExtendedLifetime(table.releaseParked()) {}
  }

  /// Serves one descriptor.
  ///
  /// Mirrors `twisted.internet.posixbase._PollLikeMixin._doReadOrWrite`.
  private func serve(
    _ readiness: Readiness, _ registration: DescriptorTable.Registration,
    _ flushing: inout [DescriptorTable.Registration]
  ) {
    guard let selectable = table.selectable(registration) else { return }
    serving = registration
    var reason: (any Error)?
    var whileReading = false
    if !readiness.isDisjoint(with: .lost), !readiness.contains(.readable) {
      // All input has been read, so for a reader this is a clean end.
      whileReading = table.isReading(registration)
      reason = whileReading ? ConnectionClosed.done : ConnectionClosed.lost
    } else {
      do {
        // As it was found: what the read changes about the wish to write makes no difference.
        let isFlushed = readiness.contains(.writable) && table.isFlushed(registration)
        if try selectable.fileno() == -1 {
          reason = ConnectionClosed.descriptorWentAway
        } else {
          if readiness.contains(.readable) {
            reason = try selectable.doRead()
            whileReading = true
          }
          if isFlushed {
            flushing.append(registration)
          } else if reason == nil, readiness.contains(.writable) {
            reason = try selectable.doWrite()
            whileReading = false
          }
        }
      } catch {
        log(.critical, "Unhandled error in doRead or doWrite", error: error)
        reason = error
      }
    }
    if let reason { disconnect(selectable, reason, whileReading: whileReading) }
  }

  /// Ends a descriptor, or its reading side.
  ///
  /// Mirrors `twisted.internet.posixbase._DisconnectSelectableMixin`.
  private func disconnect(_ selectable: any Selectable, _ reason: any Error, whileReading: Bool) {
    stopReading(selectable)
    do {
      if whileReading, selectable.isHalfCloseable, reason as? ConnectionClosed == .done {
        try selectable.readConnectionLost(reason)
      } else {
        stopWriting(selectable)
        try selectable.connectionLost(reason)
      }
    } catch {
      log(.critical, "Unhandled error in connectionLost", error: error)
    }
  }

  /// Serves the descriptors that epoll refuses to watch, all readers before all writers.
  ///
  /// Mirrors `twisted.internet.posixbase._ContinuousPolling.iterate`.
  func serveContinuously() {
    dispatchDepth += 1
    let outer = serving
    var flushing: [DescriptorTable.Registration] = []
    for readiness in [Readiness.readable, .writable] {
      for registration in continuous.registrations {
        let isWanted =
          readiness == .readable ? table.isReading(registration) : table.isWriting(registration)
        if isWanted { serve(readiness, registration, &flushing) }
      }
    }
    serving = outer
    dispatchDepth -= 1
    releaseParked()
    for registration in flushing { flush.add(table.requeue(registration)) }
  }
}

extension Readiness {
  /// What tells of an end.
  fileprivate static let lost: Readiness = [.hangUp, .error, .invalid]
}
