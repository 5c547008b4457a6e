// What the application does in a run.

extension Judge {
  /// What the application does next in a frame, nil when it has done all that it can there.
  ///
  /// The action stays next until it was told to have happened.
  ///
  /// - Parameter frame: The number of a callback under way in the run, or ``outside``.
  /// - Returns: The recorded action.
  public mutating func nextAction(in frame: Int) -> Recording.Event? {
    guard divergence == nil, let found = frames[frame] else { return nil }
    if let n = found.script.next, let event = recording[n] {
      guard let missing = missing(event) else { return event }
      putOff(frame, event, missing)
    }
    // What waits belongs to the reactor's thread.
    if let n = found.events.last, recording[n]?.thread != nil { return nil }
    for script in waiting {
      if let n = script.next, let event = recording[n], missing(event) == nil { return event }
    }
    return nil
  }

  /// What a thread of the application's own does next, once its causes have happened; nil when none has anything to do.
  ///
  /// - Parameter limit: Only what was recorded before this event; nil for all.
  /// - Returns: The recorded action, whose `thread` says which.
  public func nextOfThread(before limit: Int?) -> Recording.Event? {
    guard divergence == nil else { return nil }
    for script in threads {
      guard let n = script.next, n < limit ?? .max, let event = recording[n] else { continue }
      if event.after.allSatisfy(isDone), missing(event) == nil { return event }
    }
    return nil
  }

  /// Where an action may come from: its frame's own script, one that waits, a thread's, or from outside.
  private enum Offer {
    case own
    case waiting(Int)
    case thread(Int)
    case actor(Int)
  }

  /// What may be done next in a frame: its own script first, then what waits and has all it needs.
  ///
  /// Inside the loop something may come from outside: then the frame is the call that turns it.
  private func offers(_ action: Recording.Event, in frame: Int) -> [(offer: Offer, event: Recording.Event)] {
    var found: [(Offer, Recording.Event)] = []
    if action.thread != nil, action.parent == nil {
      for (index, script) in threads.enumerated() {
        if let event = script.next.flatMap({ recording[$0] }) { found.append((.thread(index), event)) }
      }
      return found
    }
    if let call = calls[frame] {
      for (index, script) in actors.enumerated() {
        if let event = script.next.flatMap({ recording[$0] }), event.parent == call.n {
          found.append((.actor(index), event))
        }
      }
      return found.sorted { $0.1.n < $1.1.n }
    }
    if let event = frames[frame]?.script.next.flatMap({ recording[$0] }) { found.append((.own, event)) }
    for (index, script) in waiting.enumerated() {
      if let event = script.next.flatMap({ recording[$0] }), missing(event) == nil {
        found.append((.waiting(index), event))
      }
    }
    return found
  }

  /// The application did something in a frame of the run: finds the recorded event that it is.
  mutating func acted(_ action: Recording.Event, at moment: Moment, in number: Int) -> Answer {
    if let divergence { return .diverged(divergence) }
    happened += 1
    var nearest: Int?
    var difference: Difference?
    for (offer, event) in offers(action, in: number) {
      if nearest == nil { nearest = event.n }
      guard event.kind == action.kind, event.method == action.method else { continue }
      let mark = agreement.bindings.mark
      guard let found = targets(event, action.target) ?? agreement.arguments(event.args, action.args) else {
        switch offer {
        case .own: frames[number]?.script.advance()
        case .waiting(let index): waiting[index].advance()
        case .thread(let index): threads[index].advance()
        case .actor(let index): actors[index].advance()
        }
        if isDone(event.n) { rearm(below: event.n) }
        began(action.n, event, at: moment)
        return .accepted
      }
      agreement.bindings.undo(to: mark)
      if difference == nil {
        difference = found
        nearest = event.n
      }
    }
    if let difference { return .diverged(diverge(.arguments, nearest, spell(action), difference.description)) }
    if nearest != nil {
      return .diverged(diverge(.call, nearest, spell(action), "the application did something else here"))
    }
    return .diverged(
      diverge(.extra, nil, spell(action), "nothing more was expected of the application here"))
  }

  /// A call of the run stands for several equal ones, in a recording that was folded.
  mutating func repeated(_ live: Int, times: Int, in frame: Int) -> Answer {
    if let divergence { return .diverged(divergence) }
    guard let n = calls[live]?.n, times > 1 else { return .accepted }
    let isNext = frames[frame]?.script.next == n
    let done = isNext ? frames[frame]?.script.advance(by: times - 1) ?? 0 : 0
    if done < times - 1 || frames[frame]?.script.next == n {
      let expected = recording[n]?.fold?.times ?? 1
      return .diverged(diverge(.call, n, "\(times) times", "expected \(expected) times in a row"))
    }
    return .accepted
  }

  /// An action of the run has ended: compares its outcome, and that all that belongs inside it came.
  mutating func ended(_ live: Int, _ outcome: Recording.Outcome, at: Int) -> Answer {
    if let divergence { return .diverged(divergence) }
    guard let call = calls[live], let event = recording[call.n] else { return .accepted }
    for n in event.children where recording[n]?.kind == .back && !isDone(n) {
      return .diverged(
        diverge(.missing, n, "\(event.member) ended", "this callback did not come inside event \(event.n)"))
    }
    if let difference = agreement.outcomes(event.outcome, outcome, of: event.method) {
      return .diverged(diverge(.outcome, event.n, spell(event, outcome), difference.description))
    }
    time(event, asked: call.moment, returned: at)
    return .accepted
  }

  /// A callback of the run has returned or raised: compares its outcome, and that the application did its part.
  mutating func left(_ live: Int, _ outcome: Recording.Outcome) -> Answer {
    if let divergence { return .diverged(divergence) }
    guard let frame = frames[live] else { return .accepted }
    if let n = frame.script.next, let event = recording[n] {
      guard let missing = missing(event) else {
        return .diverged(diverge(.missing, n, "", "the application did not do this"))
      }
      putOff(live, event, missing)
    }
    guard let event = frame.events.last.flatMap({ recording[$0] }) else { return .accepted }
    if live != Self.outside { frames[live] = nil }
    if let name = waitedFor(event) {
      return .diverged(
        diverge(.joinUnsatisfiable, event.n, "", "its outcome needs \(name), which is not there yet"))
    }
    if let difference = agreement.outcomes(event.outcome, outcome) {
      return .diverged(diverge(.outcome, event.n, spell(event, outcome), difference.description))
    }
    return .accepted
  }

  // Inside.

  private mutating func began(_ live: Int, _ event: Recording.Event, at moment: Moment) {
    done[event.n] = true
    calls[live] = Call(n: event.n, moment: moment)
    agreement.bindings.events[live] = event.n
    for name in streamsByTransport[event.target] ?? [] { streams[name]?.happened(event.n) }
    switch (event.kind, event.method) {
    case (.call, "abortConnection"):
      if let other = strands.ofTarget[event.n].flatMap({ strands.peers[$0] }) { aborted.insert(other) }
    case (.peer, "reset"):
      if let other = strands.peers[event.target] { aborted.insert(other) }
    case (.call, "stop") where event.target.hasPrefix("reactor"):
      timing.stopped(moment)
    case (.call, "callFromThread") where event.thread == nil:
      if let name = event.outcome.value.object { timing.queued(name) }
    default:
      break
    }
  }

  private mutating func time(_ event: Recording.Event, asked: Moment, returned: Int) {
    guard event.kind == .call else { return }
    if case .raised = event.outcome { return }
    let seconds = event.seconds
    if event.method == "callLater" {
      guard let name = event.outcome.value.object, event.firesVisibly else { return }
      timing.schedule(name, delay: seconds, asked: asked, returned: returned)
    } else if event.targetKind == "timer" {
      switch event.method {
      case "cancel": timing.cancel(event.target)
      case "reset": timing.reset(event.target, delay: seconds, asked: asked, returned: returned)
      case "delay": timing.postpone(event.target, delay: seconds)
      default: break
      }
    }
  }

  /// What an action still needs, in words; nil when it can be done.
  func missing(_ event: Recording.Event) -> String? {
    for name in joins.names(event) where liveName(of: name) == nil { return name }
    switch joins.need(event) {
    case .nothing:
      return nil
    case .strand(let strand):
      return joins.last(strand, before: event).flatMap { isDone($0) ? nil : "event \($0)" }
    case .others:
      return missingOthers(event)
    }
  }

  /// What an action still needs of other strands than its own, in words.
  private func missingOthers(_ event: Recording.Event) -> String? {
    let own = joins.ownStrands(event)
    for n in callbacks[callbacksHead...] {
      if n >= event.n { break }
      guard !isDone(n), let callback = recording[n] else { continue }
      if joins.needs(event, callback: callback, own: own) { return "event \(n)" }
    }
    for (name, count) in joins.bytes(event, own: own) where (streams[name]?.received ?? 0) < count {
      return "byte \(count) at \(name)"
    }
    return nil
  }

  private mutating func putOff(_ frame: Int, _ event: Recording.Event, _ missing: String) {
    guard let script = frames[frame]?.script else { return }
    if frames[frame]?.events.isEmpty ?? true {
      _ = diverge(.missing, event.n, "", "this needs \(missing), which has not come")
    } else if !agreement.freedoms.use(.join) {
      _ = diverge(.join, event.n, "", "this needs \(missing), and \(Freedom.join.rawValue) is switched off")
    } else {
      waiting.append(script)
      frames[frame]?.script.clear()
    }
  }

  /// The object that a callback returns and that only a waiting call gives.
  private func waitedFor(_ event: Recording.Event) -> String? {
    guard let name = event.outcome.value["ref"]?.text, liveName(of: name) == nil else { return nil }
    return name
  }

  private mutating func targets(_ event: Recording.Event, _ live: String) -> Difference? {
    let problem: String?
    switch event.kind {
    case .peer:
      problem = agreement.bindings.bind(object: event.target, to: live)
    case .io:
      problem = agreement.bindings.bind(.descriptor, .word(event.target), to: .word(live))
    default:
      let recorded = recordedName(of: live)
      problem = recorded == event.target ? nil : "\(live) is \(recorded ?? "not known"), not \(event.target)"
    }
    return problem.map { Difference(path: "object", expected: .word(event.target), happened: .word(live), why: $0) }
  }

  private func spell(_ action: Recording.Event) -> String { "\(action.kind) \(action.invocation)" }

  private func spell(_ event: Recording.Event, _ outcome: Recording.Outcome) -> String {
    switch outcome {
    case .returned(let value): "\(event.member) gave \(EventText.brief(value))"
    case .raised(let error): "\(event.member) raised \(EventText.brief(.mapping(error)))"
    case .opened: "\(event.member) never ended"
    }
  }
}
