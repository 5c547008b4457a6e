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
  /// The faults below the boundary that the recording has.
  private let faults: ReplayIO
  let inputs: Inputs
  private(set) lazy var peers = Peers(self)
  private(set) lazy var outside = Outside(self)
  private let backEnd: BackEnd
  private let world: ReplayWorld
  private let io: any IOSystem
  private var reactors: [String: Reactor] = [:]

  // These three are reached from the pool's threads too: under the recorder's lock.

  /// The application's own objects, by recorded name, until the recording lets go of them.
  var own: [String: AnyObject] = [:]
  /// The system's objects that the application knows, by the run's own names.
  var given: [String: AnyObject] = [:]
  /// The errors that recorded events raised: one that comes back is the same.
  var raised: [Int: RecordedError] = [:]
  var arrivals: [Int: Judge.Answer] = [:]
  /// The transports whose sockets the application closed under the reactor's hands: for the reactor they stay open.
  var closedByApplication: Set<String> = []
  private var stopped = false
  /// How many polls in a row have brought nothing, and what had happened by then.
  private var idlePolls = 0
  private var happenedBefore = 0
  var isStopped: Bool { recorder.locked { stopped } }
  var hasDiverged: Bool { recorder.locked { judged.judge.divergence != nil } }
  /// How long the loop was turned by what the application does outside every callback.
  private(set) var nanosecondsInRun = 0
  /// How many calls were passed over because Swift's types exclude them.
  var unexpressibleCount = 0
  /// The recorded event that is being done on each thread, whose spelling of numbers the run's event takes over.
  var doing: [UInt: Recording.Event] = [:]
  /// What functions were handed to threads with, by the run's names of those calls.
  var passedToThreads: [String: TraceMapping] = [:]

  /// Prepares one run of one recording.
  ///
  /// - Parameters:
  ///   - recording: The recording.
  ///   - backEnd: The reactor's back end.
  ///   - world: What the reactor runs on.
  ///   - network: The network that the replay has to itself, if it has one.
  ///   - shuffleSeed: The seed by which what one poll finds is shuffled.
  ///   - sink: Where the run's own events go as they happen.
  init(
    _ recording: Recording, on backEnd: BackEnd, in world: ReplayWorld, network: NetworkNamespace?,
    shuffleSeed: UInt64?,
    into sink: any EventSink
  ) {
    self.recording = recording
    self.backEnd = backEnd
    self.world = world
    judged = JudgedRun(of: recording)
    let io = world.makeIO(network: network)
    self.io = io
    faults = ReplayIO(io, faults: recording.events.compactMap(InjectedFault.init))
    seam = ClampedIO(
      faults, shuffleSeed: shuffleSeed,
      buffers: (recording.header.buffers["send"]?.int, recording.header.buffers["receive"]?.int))
    seam.isConfined = network == nil
    inputs = Inputs(network: network)
    recorder = TraceRecorder(into: sink, clock: { Int(io.monotonicTime()) })
    recorder.watch(faults)
  }

  /// Plays the recording from beginning to end.
  ///
  /// - Parameter seconds: How long it may take, as far as the loop notices: what blocks inside a callback is the parent's to
  ///   end.
  /// - Returns: What the judge found, or why the trace was not run.
  func run(within seconds: Double = 20) -> Ending {
    if let reason = Requirements.missing(for: recording, in: world, network: inputs.network) { return .notRun(reason) }
    recorder.listener = self
    seam.allowance = { [unowned self] in allowance($0) }
    seam.pace = { [unowned self] in keepPace(at: $0) }
    seam.strangers = { [unowned self] in outside.waiting }
    let end = Double(TraceRecorder.monotonicNanoseconds()) + min(seconds, 1e6) * 1e9
    seam.deadline = (Int(end), { [unowned self] in giveUp() })
    defer { tearDown() }
    do {
      try makeReactors()
    } catch {
      return .notRun("a reactor cannot be made: \(error)")
    }
    script(in: Judge.outside)
    if !isStopped, let fault = faults.awaited.first {
      diverge("fault", "", "\(fault.place) never came, and so \(fault.effect) did not happen")
    }
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
  func script(in frame: Int) {
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

  /// Does one thing, and sees to it that something was seen of it.
  func act(_ event: Recording.Event) {
    let thread = TraceRecorder.thread
    let before = recorder.locked {
      doing[thread] = event
      return judged.judge.happened
    }
    let start = TraceRecorder.monotonicNanoseconds()
    do {
      try perform(event)
    } catch let reason as Unplayable {
      diverge("not replayable", "", "event \(event.n), \(event.member): \(reason)")
    } catch {
      // What a call throws is its outcome, and the recorder has seen it.
    }
    if event.parent == nil, event.turnsTheLoop { nanosecondsInRun += TraceRecorder.monotonicNanoseconds() - start }
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

  /// The last recorded event that came.
  var lastDone: Int? { recording.events.last { judged.judge.isDone($0.n) }?.n }

  /// Says that something went wrong that only the replay can see.
  func diverge(_ what: String, _ happened: String, _ reason: String) {
    _ = recorder.locked { judged.diverge(.run(what), happened: happened, reason: reason) }
  }

  /// The descriptors of the transports that the application knows.
  var transportDescriptors: [Int32] {
    recorder.locked { given.values.compactMap { ($0 as? any Selectable)?.descriptor }.filter { $0 >= 0 } }
  }

  /// The connection that has a descriptor.
  func connection(on descriptor: Int32) -> TCPConnection? {
    recorder.locked { given.values.lazy.compactMap { $0 as? TCPConnection }.first { $0.descriptor == descriptor } }
  }

  /// The application lets go of one of the system's objects.
  func letGo(of name: String) {
    recorder.locked { given[name] = nil }
  }

  /// A peer's name in the run: the recorded one, because only the replay names peers.
  func peerName(_ name: String) -> String { name }

  /// Notes a poll; where too many in a row brought nothing, what is expected next will not come.
  ///
  /// In memory no time passes that would end the run, and nothing happens there but what the loop does.
  func noteIdleness() {
    guard world == .memory else { return }
    let happened = recorder.locked { judged.judge.happened }
    idlePolls = happened == happenedBefore ? idlePolls + 1 : 0
    happenedBefore = happened
    if idlePolls > Self.mostIdlePolls { giveUp() }
  }

  /// The run took too long: what was expected next never came.
  private func giveUp() {
    diverge(Self.hung, "", "nothing more happened")
    stop()
  }

  /// How many polls may bring nothing, one after the other: a timer that is put off takes one for each millisecond.
  private static let mostIdlePolls = 2_000

  /// The rule that a run breaks that takes too long.
  static let hung = "hung"

  /// After a divergence nothing more is played, and the loop ends.
  func stop() {
    guard !isStopped else { return }
    recorder.locked { stopped = true }
    recorder.locked { recorder.isPassive = true }
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

  /// How far apart timers may be due that are waited for together, in nanoseconds: no recording's loop was busy longer.
  private static let longestWait: Int64 = 1_000_000_000
  /// How much later than now a timer is put that must not fire yet, in nanoseconds.
  private static let again: Int64 = 1_000_000

  /// Keeps the loop's timers at the pace of the recording.
  ///
  /// A program's timers race its connections, and a replay may be slower than the recording or faster. Nothing fires early by this.
  ///
  /// - Parameter time: What the clock says, in nanoseconds.
  /// - Returns: What the loop is told: the same, or a later reading when it had to wait.
  private func keepPace(at time: Int64) -> Int64 {
    var time = time
    while true {
      let late = recorder.locked {
        guard !stopped else { return Int64(0) }
        putOffHeldTimers(at: time)
        return untilBatchIsDue(at: time)
      }
      guard late > 0 else { return time }
      world.wait(late, on: io)
      time = io.monotonicTime()
    }
  }

  private func waiting(_ names: Set<String>) -> [(name: String, timer: DelayedCall)] {
    names.compactMap { name in (given[name] as? DelayedCall).flatMap { $0.isWaiting ? (name, $0) : nil } }
  }

  /// For how many nanoseconds the loop has to be kept from looking at its timers, for those to be due that it took together.
  private func untilBatchIsDue(at time: Int64) -> Int64 {
    var end = time
    var batch = judged.judge.batch()
    while let next = batch {
      let due = waiting(next.timers).map(\.timer.due)
      guard let first = due.min(), let last = due.max(), next.isNext || first <= end else { break }
      end = max(end, last)
      batch = judged.judge.batch(after: next)
    }
    let late = end.subtractingReportingOverflow(time).partialValue
    return late <= Self.longestWait ? late : 0
  }

  /// Puts off timers that would overtake what the recording has before them: all by the same time, which leaves their order
  /// as it is.
  private func putOffHeldTimers(at time: Int64) {
    let held = waiting(judged.judge.heldTimers)
    guard let first = held.map(\.timer.due).min() else { return }
    let late = time.addingReportingOverflow(Self.again).partialValue.subtractingReportingOverflow(first).partialValue
    guard late > 0 else { return }
    for (name, timer) in held {
      timer.putOff(by: late)
      judged.putOff(name, by: Double(late) / 1e9)
    }
  }

  private func leftovers() -> Judge.Leftovers {
    recorder.locked { recorder.isPassive = true }
    var timers: Set<String> = []
    var opened = closedByApplication
    for (name, object) in given {
      if let timer = object as? DelayedCall {
        if timer.active() { timers.insert(name) }
      } else if let selectable = object as? any Selectable, selectable.descriptor >= 0 {
        opened.insert(name)
      }
    }
    return Judge.Leftovers(timers: timers, open: opened, isStopped: reactors.values.allSatisfy(\.isShutDown))
  }

  /// Lets go of everything, so that the next case finds the process as this one did.
  private func tearDown() {
    recorder.locked { stopped = true }
    recorder.locked {
      recorder.isPassive = true
      // The recorder holds who listens, who holds the recorder.
      recorder.listener = nil
    }
    seam.allowance = { _ in nil }
    seam.pace = { $0 }
    seam.strangers = { [] }
    seam.deadline = nil
    for reactor in reactors.values {
      reactor.boundary = nil
      reactor.crash()
      reactor.discard()
    }
    for object in given.values {
      (object as? Connector)?.abandon()
      guard let selectable = object as? any Selectable, selectable.descriptor >= 0 else { continue }
      try? selectable.connectionLost(ConnectionClosed.lost)
    }
    own = [:]
    given = [:]
    arrivals = [:]
    reactors = [:]
    peers.close()
    outside.close()
    inputs.close()
  }
}

/// A replay in the hands of another thread.
struct SharedReplay: @unchecked Sendable {
  // What a replay's threads share is behind the recorder's lock; the calls themselves are made outside of it, on whichever
  // thread the recording has them.
  let replay: SystemReplay

  init(_ replay: SystemReplay) { self.replay = replay }
}
