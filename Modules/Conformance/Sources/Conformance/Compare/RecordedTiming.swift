/// What a recording itself shows about its timers and its stop: the rules that its replay is held to.
struct RecordedTiming: Sendable {
  /// The delay of each timer, in seconds.
  private(set) var delays: [String: Double] = [:]
  /// The timers that fired in the turn that the reactor promises.
  private(set) var punctual: Set<String> = []
  /// Whether shutdown began in the turn that the reactor promises.
  private(set) var stopsInTurn = true
  /// Whether a shutdown began of which the reactor promises the turn.
  private(set) var promisesShutdown = false
  /// The timers that had neither fired nor been cancelled at the end.
  let left: Set<String>
  /// The timers of methods of the system's own, whose firing is no crossing.
  private(set) var unseen: Set<String> = []

  init(_ recording: Recording) {
    var timing = Timing()
    var delays: [String: Double] = [:]
    var punctual: Set<String> = []
    var unseen: Set<String> = []
    var stopsInTurn = true
    var promisesShutdown = false
    for event in recording.events {
      if event.kind == .back {
        if event.turn != nil { timing.hasTurned = true }
        if let of = event.of {
          if timing.dueTurn(of) == event.turn { punctual.insert(of) }
          timing.cancel(of)
        }
        if event.phase == "shutdown", recording.isLoopLevel(event) {
          if let turn = timing.shutdownTurn {
            promisesShutdown = true
            if turn != event.turn { stopsInTurn = false }
          }
          timing.shutDown()
        }
        continue
      }
      guard event.kind == .call else { continue }
      if case .raised = event.outcome { continue }
      let outer = recording.dispatch(of: event)
      let moment = Moment(at: event.at, turn: outer.turn, phase: outer.phase)
      switch event.method {
      case "callLater":
        guard let name = event.outcome.value.object else { break }
        let delay = event.seconds
        delays[name] = delay
        if event.firesVisibly {
          timing.schedule(name, delay: delay, asked: moment, returned: event.at)
        } else {
          unseen.insert(name)
        }
      case "cancel" where event.targetKind == "timer":
        timing.cancel(event.target)
      case "reset" where event.targetKind == "timer", "delay" where event.targetKind == "timer":
        timing.postpone(event.target, delay: 0)
        delays[event.target] = max(delays[event.target] ?? 0, 1e-9)
      case "stop" where event.target.hasPrefix("reactor"):
        timing.stopped(moment)
      default:
        break
      }
    }
    left = Set(timing.pending.keys)
    self.delays = delays
    self.punctual = punctual
    self.stopsInTurn = stopsInTurn
    self.promisesShutdown = promisesShutdown
    self.unseen = unseen
  }
}

extension Recording.Event {
  /// Whether the firing of the timer that a `callLater` makes is a crossing: that of a method of the system's own is not.
  var firesVisibly: Bool { args["callable"]?["method"] == nil }
}
