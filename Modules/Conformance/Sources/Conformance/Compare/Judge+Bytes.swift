// Bytes that a protocol receives.

extension Judge {
  /// Takes in received bytes: completes the recorded deliveries that they fill.
  mutating func received(_ arrival: Recording.Event, at moment: Moment, by target: String) -> Answer {
    guard let stream = streams[target] else { return .waits }
    guard let chunk = arrival.args["data"]?.bytes else {
      return .diverged(diverge(.arguments, nil, arrival.invocation, "data: expected bytes"))
    }
    if let folded = againData(stream.strand, chunk) {
      streams[target]?.again(folded)
      let taken = streams[target]?.take(chunk)
      return taken?.completed.isEmpty ?? true ? .waits : consumeData([folded], arrival, at: moment)
    }
    let head = progressOf[stream.strand]?.next
    let first = stream.nextDelivery
    let taken = streams[target]?.take(chunk) ?? Stream.Taken()
    if let offset = taken.differsAt {
      return .diverged(
        diverge(.bytes, first?.n, arrival.invocation, "byte \(offset) of what \(target) receives differs"))
    }
    if taken.excess > 0 {
      if aborted.contains(stream.strand), agreement.freedoms.use(.abortTail) {
        return taken.completed.isEmpty ? .waits : consumeData(taken.completed, arrival, at: moment)
      }
      let total = streams[target]?.received ?? 0
      return .diverged(
        diverge(.bytes, head, arrival.invocation, "\(taken.excess) bytes more than expected, from byte \(total)"))
    }
    if let first, let head, head != first.n {
      return .diverged(
        diverge(
          .strand(stream.strand), head, arrival.invocation, "these bytes come after event \(head) of their strand"))
    }
    let isWhole = taken.completed.count == 1 && first?.data[...].isSame(as: chunk[...]) ?? false
    if !isWhole, !agreement.freedoms.use(.chunks) {
      return .diverged(
        diverge(.chunks, taken.completed.first, arrival.invocation, "\(Freedom.chunks.rawValue) is switched off"))
    }
    return taken.completed.isEmpty ? .waits : consumeData(taken.completed, arrival, at: moment)
  }

  /// The folded delivery that these bytes are once more.
  private mutating func againData(_ strand: String, _ chunk: [UInt8]) -> Int? {
    guard let folded = progressOf[strand]?.folded, let event = recording[folded], event.method == "dataReceived",
      event.args["data"] == .bytes(chunk), agreement.freedoms.use(.repeatCount)
    else { return nil }
    rearm(folded)
    return folded
  }

  private mutating func consumeData(_ completed: [Int], _ arrival: Recording.Event, at moment: Moment) -> Answer {
    for n in completed.dropLast() {
      if let event = recording[n], let problem = outOfOrder(event, arrival) { return .diverged(problem) }
      take(n)
    }
    return consume(completed, arrival, at: moment)
  }

  /// The connection is lost: what an abort kept from being read is not waited for.
  mutating func cutTail(of target: String) {
    guard let strand = streams[target]?.strand else { return }
    while let n = progressOf[strand]?.next, recording[n]?.method == "dataReceived", aborted.contains(strand),
      !cameBeforeReset(n, streams[target]), agreement.freedoms.use(.abortTail)
    {
      streams[target]?.skip(n)
      progressOf[strand]?.head += 1
      for inside in recording.subtree(n) { done[inside] = true }
    }
    advance()
  }

  /// Whether a reset from outside came after a delivery: then it came once these bytes had been read.
  private func cameBeforeReset(_ n: Int, _ stream: Stream?) -> Bool {
    guard let cut = stream?.cutAt, n < cut, let reset = recording[cut] else { return false }
    return recording.comesFromOutside(reset)
  }
}
