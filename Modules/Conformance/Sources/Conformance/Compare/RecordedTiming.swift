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
  /// The calls that move each timer, in order.
  private(set) var moves: [String: [Int]] = [:]
  /// The timers of methods of the system's own, whose firing is no crossing: the first of the loop's callbacks that may have come
  /// after it, nil for one that was moved or cancelled.
  private(set) var unseen: [String: Int?] = [:]

  init(_ recording: Recording) {
    var timing = Timing()
    var delays: [String: Double] = [:]
    var punctual: Set<String> = []
    var unseen: [String: Int?] = [:]
    var stopsInTurn = true
    var promisesShutdown = false
    let callbacks = LoopTimes(recording)
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
          unseen[name] = callbacks.first(at: Double(event.at) + min(delay * 1e9, 1e30))
        }
      case "cancel" where event.targetKind == "timer":
        timing.cancel(event.target)
        if unseen[event.target] != nil { unseen[event.target] = .some(nil) }
      case "reset" where event.targetKind == "timer", "delay" where event.targetKind == "timer":
        timing.postpone(event.target, delay: 0)
        moves[event.target, default: []].append(event.n)
        if unseen[event.target] != nil { unseen[event.target] = .some(nil) }
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

/// When the loop's callbacks came.
private struct LoopTimes {
  /// How much earlier than an event's time what it asked for may be due, in nanoseconds.
  private static let margin = 1_000_000.0

  private let callbacks: [Int]
  /// The latest time so far, for each of them.
  private var latest: [Int] = []

  init(_ recording: Recording) {
    let events = recording.callbacks.filter { recording.isLoopLevel($0) }
    callbacks = events.map(\.n)
    for event in events { latest.append(max(event.at, latest.last ?? event.at)) }
  }

  /// The first that came when a timer was due, or the end.
  func first(at due: Double) -> Int {
    let place = latest.partition(before: Int(max(0, min(due - Self.margin, 0x1p62))))
    return place < callbacks.count ? callbacks[place] : .max
  }
}

extension Recording.Event {
  /// Whether the firing of the timer that a `callLater` makes is a crossing: that of a method of the system's own is not.
  var firesVisibly: Bool { args["callable"]?["method"] == nil }
}
