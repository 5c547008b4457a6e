import Reactor

// What the recorder tells.
extension SystemReplay: RecorderListener {
  func introduced(_ object: AnyObject, as name: String) {
    if object is any StandIn { return }
    given[name] = object
  }

  func began(_ n: Int, _ event: TraceEvent, at: Int) {
    var event = Recording.Event(event, n: n, at: at)
    if event.kind == .back {
      addPassed(to: &event)
    } else {
      event.args = spelled(event.args)
    }
    let answer = judged.began(event)
    if event.kind == .back { arrivals[n] = answer }
  }

  func ended(_ n: Int, _ outcome: (key: String, value: TraceValue)?, at: Int) {
    arrivals[n] = nil
    if let outcome, outcome.key == "raises" {
      _ = judged.ended(n, .raised(outcome.value.mapping ?? [:]), at: at)
    } else {
      _ = judged.ended(n, .returned(outcome?.value ?? .null), at: at)
      watchDeferred(outcome?.value)
      if let name = outcome?.value["new"]?.text, name.hasPrefix("threadcall"), let event = doing[TraceRecorder.thread] {
        passedToThreads[name] = event.args
      }
    }
  }

  func polling() {
    if isStopped { return }
    outside.play()
    seam.release()
    noteIdleness()
  }

  /// Arguments with the recording's spelling of numbers, because a `Duration` does not tell 1 from 1.0, and with what a
  /// function is handed over with, because a Swift closure has that inside, or a trigger's Deferred fired with, because nobody
  /// asks for it.
  private func spelled(_ args: TraceMapping) -> TraceMapping {
    guard let doing = doing[TraceRecorder.thread] else { return args }
    var spelled = args
    for entry in args.entries {
      guard case .double(let number) = entry.value, case .int(let whole)? = doing.args[entry.key],
        Double(whole) == number
      else { continue }
      spelled[entry.key] = .int(whole)
    }
    for key in ["args", "kwargs", "result"] where spelled[key] == nil { spelled[key] = doing.args[key].map(live) }
    return spelled
  }

  /// Gives the firing of a function in a thread what it was handed over with.
  private func addPassed(to event: inout Recording.Event) {
    guard let of = event.of, let passed = passedToThreads[of] else { return }
    // One function may be handed over again, with others, before it is called.
    for key in ["args", "kwargs"] { event.args[key] = passed[key].map(live) ?? event.args[key] }
  }

  /// Has the firing of a Deferred that the system gave played.
  private func watchDeferred(_ value: TraceValue?) {
    guard let name = value?["deferred"]?.text, value?["fired"] == nil, value?["failed"] == nil else { return }
    switch given[name] {
    case let deferred as Deferred<Void> where !deferred.called:
      deferred.addBoth { [weak self] _ in _ = try? self?.play() }
    case let deferred as Deferred<String> where !deferred.called:
      deferred.addBoth { [weak self] _ in _ = try? self?.play() }
    default: break
    }
  }
}
