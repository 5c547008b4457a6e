import Addresses
import Reactor

/// Plays the application of a recording on a Swift reactor, while the judge watches.
///
/// The reactor runs under the same recorder that records any Swift program. Each event is told to the judge as it happens;
/// the judge says what the application does next, and this makes the call. Its stand-ins are called by the reactor, and do
/// what the recorded objects did.
final class SystemReplay {
  /// How a replay ended, when nothing crashed or hung.
  enum Ending {
    /// It was judged.
    case judged(Judgement)
    /// The trace needs something that is not here.
    case notRun(String)
  }

  let recording: Recording
  /// The run as the judge has heard of it.
  var judged: JudgedRun
  let recorder: TraceRecorder
  let seam: ClampedIO
  let inputs: Inputs
  private(set) lazy var peers = Peers(self)
  private let backEnd: BackEnd
  private var reactors: [String: Reactor] = [:]

  /// The application's own objects, by recorded name, until the recording lets go of them.
  var own: [String: AnyObject] = [:]
  /// The system's objects that the application knows, by the run's own names.
  private(set) var given: [String: AnyObject] = [:]
  /// The errors that recorded events raised: one that comes back is the same.
  private var raised: [Int: RecordedError] = [:]
  private var arrivals: [Int: Judge.Answer] = [:]
  /// The transports whose sockets the application closed under the reactor's hands: for the reactor they stay open.
  var closedByApplication: Set<String> = []
  private var stopped = false
  /// By how much the reactor's clock is behind, in nanoseconds.
  private var lag: Int64 = 0
  private var isStopped: Bool { recorder.locked { stopped } }
  private var hasDiverged: Bool { recorder.locked { judged.judge.divergence != nil } }
  /// Whether the recording has readers that answer something else in the end than in the beginning.
  private let readersChange: Bool
  /// How many calls were passed over because Swift's types exclude them.
  var unexpressibleCount = 0
  /// The recorded event that is being done on each thread, whose spelling of numbers the run's event takes over.
  private var doing: [UInt: Recording.Event] = [:]
  /// What functions were handed to threads with, by the run's names of those calls.
  private var passedToThreads: [String: TraceMapping] = [:]

  /// Prepares one run of one recording.
  ///
  /// - Parameters:
  ///   - recording: The recording.
  ///   - backEnd: The reactor's back end.
  ///   - network: The network that the replay has to itself, if it has one.
  ///   - shuffleSeed: The seed by which what one poll finds is shuffled.
  ///   - sink: Where the run's own events go as they happen.
  init(
    _ recording: Recording, on backEnd: BackEnd, network: NetworkNamespace?, shuffleSeed: UInt64?,
    into sink: any EventSink
  ) {
    self.recording = recording
    self.backEnd = backEnd
    judged = JudgedRun(of: recording)
    readersChange = recording.events.contains { $0.kind == .set && $0.method == "fileno" }
    seam = ClampedIO(
      SystemIO(), shuffleSeed: shuffleSeed,
      buffers: (recording.header.buffers["send"]?.int, recording.header.buffers["receive"]?.int))
    inputs = Inputs(network: network)
    recorder = TraceRecorder(into: sink)
  }

  /// Plays the recording from beginning to end.
  ///
  /// - Returns: What the judge found, or why the trace was not run.
  func run() -> Ending {
    if let reason = Requirements.missing(for: recording, network: inputs.network) { return .notRun(reason) }
    recorder.listener = self
    seam.allowance = { [unowned self] in allowance($0) }
    seam.pace = { [unowned self] in paced($0) }
    defer { tearDown() }
    do {
      try makeReactors()
    } catch {
      return .notRun("a reactor cannot be made: \(error)")
    }
    script(in: Judge.outside)
    return .judged(judged.finish(isStopped ? nil : leftovers()))
  }

  /// One reactor for each that the recording names; they share the seam.
  private func makeReactors() throws {
    var names: Set<String> = ["reactor-1"]
    for event in recording.events where Vocabulary.kind(ofObject: event.target) == "reactor" {
      names.insert(event.target)
    }
    for name in names.sorted() {
      let reactor = try Reactor(backEnd, io: seam, log: .none)
      recorder.attach(to: reactor)
      reactors[name] = reactor
      given[name] = reactor
    }
  }

  // Playing.

  /// Does all that the application does in a frame.
  private func script(in frame: Int) {
    while !isStopped {
      let (event, aside) = recorder.locked {
        let event = judged.nextAction(in: frame)
        return (event, recorder.isMainThread ? judged.judge.nextOfThread(before: event?.n) : nil)
      }
      if let aside {
        inThread(aside)
      } else if let event {
        act(event)
      } else {
        break
      }
      if hasDiverged { stop() }
    }
  }

  /// The application's readers answer from now on what the recording has after an event.
  private func answer(_ n: Int) {
    guard readersChange else { return }
    for other in recording.answersAfter(n) {
      guard let event = recording[other], event.method == "fileno" else { continue }
      guard let reader = object(named: event.target) as? StandInReader else { continue }
      reader.number = (try? descriptor(event.args["to"] ?? .null)) ?? -1
    }
  }

  /// Does one thing, and sees to it that something was seen of it.
  private func act(_ event: Recording.Event) {
    let thread = TraceRecorder.thread
    let before = recorder.locked {
      doing[thread] = event
      return judged.judge.happened
    }
    answer(event.n)
    do {
      try perform(event)
    } catch let reason as Unplayable {
      diverge("not replayable", "", "event \(event.n), \(event.member): \(reason)")
    } catch {
      // What a call throws is its outcome, and the recorder has seen it.
    }
    let after = recorder.locked {
      doing[thread] = nil
      return judged.judge.happened
    }
    if before == after {
      diverge("not replayable", "", "event \(event.n), \(event.member), was done and nothing was seen of it")
    }
  }

  /// What a thread of the application's own did: done in a thread, to its end, at this place.
  private func inThread(_ event: Recording.Event) {
    let shared = SharedReplay(self)
    guard let thread = Thread({ shared.replay.act(event) }) else {
      return diverge("not replayable", "", "event \(event.n), \(event.member): the system has no thread to give")
    }
    thread.join()
  }

  /// Says that something went wrong that only the replay can see.
  func diverge(_ what: String, _ happened: String, _ reason: String) {
    _ = recorder.locked { judged.diverge(.run(what), happened: happened, reason: reason) }
  }

  /// The descriptors of the transports that the application knows.
  var transportDescriptors: [Int32] {
    given.values.compactMap { ($0 as? any Selectable)?.descriptor }.filter { $0 >= 0 }
  }

  /// The connection that has a descriptor.
  func connection(on descriptor: Int32) -> TCPConnection? {
    given.values.lazy.compactMap { $0 as? TCPConnection }.first { $0.descriptor == descriptor }
  }

  /// The application lets go of one of the system's objects.
  func letGo(of name: String) {
    given[name] = nil
  }

  /// A peer's name in the run: the recorded one, because only the replay names peers.
  func peerName(_ name: String) -> String { name }

  /// After a divergence nothing more is played, and the loop ends.
  private func stop() {
    guard !isStopped else { return }
    recorder.locked { stopped = true }
    recorder.isPassive = true
    for reactor in reactors.values {
      reactor.boundary = nil
      reactor.crash()
      reactor.handle.wakeUp()
    }
  }

  /// How many bytes a transport may read now.
  private func allowance(_ descriptor: Int32) -> Int? {
    recorder.locked {
      guard !stopped, let connection = connection(on: descriptor), let name = recorder.name(of: connection) else {
        return nil
      }
      return judged.judge.readLimits[name]
    }
  }

  /// The time for the reactor: it stands still before a timer that must not fire yet.
  ///
  /// A program's timers race its connections, and a replay may be slower than the recording: what came before a timer fired
  /// comes before it fires here. Nothing fires early by this, and the order of the timers stays.
  private func paced(_ time: Int64) -> Int64 {
    recorder.locked {
      guard !stopped else { return time - lag }
      let due = judged.judge.heldTimers.compactMap { name in
        (given[name] as? DelayedCall).flatMap { $0.isWaiting ? $0.due : nil }
      }
      guard let first = due.min(), time - lag >= first else { return time - lag }
      let more = time - lag - first + 1
      lag += more
      for (name, object) in given {
        guard let timer = object as? DelayedCall, timer.isWaiting else { continue }
        judged.putOff(name, by: Double(more) / 1e9)
      }
      return time - lag
    }
  }

  private func leftovers() -> Judge.Leftovers {
    recorder.isPassive = true
    var timers: Set<String> = []
    var opened = closedByApplication
    for (name, object) in given {
      if let timer = object as? DelayedCall {
        if timer.active() { timers.insert(name) }
      } else if let selectable = object as? any Selectable, selectable.descriptor >= 0 {
        opened.insert(name)
      }
    }
    return Judge.Leftovers(timers: timers, open: opened)
  }

  /// Lets go of everything, so that the next case finds the process as this one did.
  private func tearDown() {
    recorder.locked { stopped = true }
    recorder.isPassive = true
    seam.allowance = { _ in nil }
    seam.pace = { $0 }
    for reactor in reactors.values {
      reactor.boundary = nil
      reactor.crash()
      reactor.discard()
    }
    for object in given.values {
      guard let selectable = object as? any Selectable, selectable.descriptor >= 0 else { continue }
      try? selectable.connectionLost(ConnectionClosed.lost)
    }
    own = [:]
    given = [:]
    arrivals = [:]
    reactors = [:]
    peers.close()
    inputs.close()
  }
}

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
    if !isStopped { seam.release() }
  }

  /// Arguments with the recording's spelling of numbers, because a `Duration` does not tell 1 from 1.0, and with what a
  /// function is handed over with, because a Swift closure has that inside.
  private func spelled(_ args: TraceMapping) -> TraceMapping {
    guard let doing = doing[TraceRecorder.thread] else { return args }
    var spelled = args
    for entry in args.entries {
      guard case .double(let number) = entry.value, case .int(let whole)? = doing.args[entry.key],
        Double(whole) == number
      else { continue }
      spelled[entry.key] = .int(whole)
    }
    for key in ["args", "kwargs"] where spelled[key] == nil { spelled[key] = doing.args[key].map(live) }
    return spelled
  }

  /// Gives the firing of a function in a thread what it was handed over with.
  private func addPassed(to event: inout Recording.Event) {
    guard let of = event.of, let passed = passedToThreads[of] else { return }
    for key in ["args", "kwargs"] where event.args[key] == nil { event.args[key] = passed[key].map(live) }
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

// What the stand-ins ask.
extension SystemReplay: Player {
  func play() throws -> TraceValue? {
    guard !isStopped, let frame = recorder.top, frame.kind == .back,
      let answer = recorder.locked({ arrivals.removeValue(forKey: frame.n) })
    else { return nil }
    guard case .matched(let n) = answer else {
      if hasDiverged { stop() }
      return nil
    }
    self.answer(n)
    script(in: frame.n)
    guard !isStopped, let event = recording[n] else { return nil }
    switch event.outcome {
    case .returned(let value): return value
    case .raised(let error): throw raisedError(by: n, .mapping(error))
    case .opened: return nil
    }
  }

  func answered(_ reader: StandInReader, _ number: Int32) {
    guard let name = recorder.name(of: reader) else { return }
    let value = recorder.locked { recorder.encode(descriptor: number, isTold: false) }
    recorder.tell(["set": .word("\(name).fileno"), "to": value])
  }

  private func raisedError(by n: Int, _ value: TraceValue) -> any Error {
    recorder.locked {
      let error = self.error(value)
      if let recorded = error as? RecordedError, raised[n] == nil { raised[n] = recorded }
      return error
    }
  }

  func error(_ value: TraceValue) -> any Error {
    if let event = value["raised"]?.int, let error = recorder.locked({ raised[event] }) { return error }
    return ErrorFamilies.error(value)
  }

  func object(_ value: TraceValue?) -> AnyObject? {
    recorder.locked { object(standingFor: value) }
  }

  private func object(standingFor value: TraceValue?) -> AnyObject? {
    guard let value else { return nil }
    if let name = value["ref"]?.text { return object(named: name) }
    if let name = value["new"]?.text { return object(named: name) ?? introduce(name, value.mapping ?? [:]) }
    if let name = value["deferred"]?.text { return object(named: name) ?? deferred(name, value) }
    if value["opaque"] != nil { return Token() }
    return nil
  }
}

/// A replay in the hands of another thread.
struct SharedReplay: @unchecked Sendable {
  // What a replay's threads share is behind the recorder's lock; the calls themselves are made outside of it, on whichever
  // thread the recording has them.
  let replay: SystemReplay

  init(_ replay: SystemReplay) { self.replay = replay }
}
