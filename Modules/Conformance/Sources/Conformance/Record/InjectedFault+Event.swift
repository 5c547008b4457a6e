import Reactor

// A fault below the boundary as a trace has it: `fault: system.inject`.

extension TraceRecorder {
  /// Writes each fault that happens below the boundary into the trace, so that it replays without what injected it.
  ///
  /// Call it before the reactor is made: its first operations count.
  ///
  /// - Parameter io: The system whose faults are written; it is told to tell this recorder, and nobody else.
  public func watch(_ io: InjectingIO) {
    io.onFault = { [weak self] (fault) in self?.tell(fault.event) }
  }
}

extension InjectedFault {
  /// The target of its events.
  static let target = "system"

  /// The fault as an event.
  var event: TraceEvent {
    var args: TraceMapping = ["operation": .string(call.rawValue)]
    if let descriptor = place.descriptor { args["descriptor"] = .int(descriptor) }
    if place.after != 0 { args["after"] = .int(place.after) }
    if place.skipping != 0 { args["skipping"] = .int(place.skipping) }
    switch effect {
    case .fail(let errno): (args["effect"], args["errno"]) = (.string("fail"), .string(errno.name))
    case .pending(let errno): (args["effect"], args["errno"]) = (.string("pending"), .string(errno.name))
    case .short(let count): (args["effect"], args["count"]) = (.string("short"), .int(count))
    case .wouldBlock: args["effect"] = .string("would-block")
    case .interrupted: args["effect"] = .string("interrupted")
    }
    return ["fault": .word("\(Self.target).inject"), "args": .mapping(args)]
  }

  /// The fault of an event, if it is of one that is known.
  init?(_ event: Recording.Event) {
    guard event.isBelow, let call = event.args["operation"]?.text.flatMap(IOCall.init) else { return nil }
    let errno = event.args["errno"]?.text.flatMap { Errno(name: $0) }
    let effect: FaultyIO.Effect
    switch (event.args["effect"]?.text, errno, event.args["count"]?.int) {
    case ("fail", let errno?, nil): effect = .fail(errno)
    case ("pending", let errno?, nil): effect = .pending(errno)
    case ("short", nil, let count?): effect = .short(count)
    case ("would-block", nil, nil): effect = .wouldBlock
    case ("interrupted", nil, nil): effect = .interrupted
    default: return nil
    }
    let place = FaultPlace(
      call, descriptor: event.args["descriptor"]?.int, after: event.args["after"]?.int ?? 0,
      skipping: event.args["skipping"]?.int ?? 0)
    self.init(at: place, effect)
  }
}
