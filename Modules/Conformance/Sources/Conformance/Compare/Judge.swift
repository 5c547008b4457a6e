/// Judges one run against one recording: a state machine that is told what happens, and knows what should.
///
/// It is told of every action of the application and of every callback, whether they come from a run that is under way or from
/// another recording. Who plays the application of a run asks it besides what the application does next
/// (``nextAction(in:)``) and how much may be read (``readLimits``). Everything that goes in and out is plain data in the words
/// of the trace; a live object is a name. ``JudgedRun`` tells it the events of a run as a recorder sees them.
public struct Judge: Sendable {
  /// What is to be done about something that happened.
  public enum Answer: Hashable, Sendable {
    /// An action, or an end, as recorded.
    case accepted
    /// The callback is this recorded event: the application's part of it is played in the frame of the callback's number.
    case matched(event: Int)
    /// The callback brought bytes, but not yet all that a recorded delivery needs: nothing is to be done.
    case waits
    /// It is not what was recorded, or something before it was not.
    case diverged(Judgement.Divergence)
  }

  /// A callback under way in the run, and what the application has still to do in it.
  struct Frame: Sendable {
    let events: [Int]
    var script: Script
  }

  /// A call of the run: the recorded event it is, and when it was made.
  struct Call: Sendable {
    let n: Int
    let moment: Moment
  }

  /// The callbacks of one strand, and how far the run has come in them.
  struct Progress: Sendable {
    let callbacks: [Int]
    var head = 0
    /// The folded callback that came last and may come again.
    var folded: Int?

    var next: Int? { head < callbacks.count ? callbacks[head] : nil }
  }

  /// Where a callback is looked up: a firing by what fires, a function by the call it is inside of, anything else by its object.
  enum Place: Hashable, Sendable {
    case of(String)
    case inside(Int?)
    case object(String)
  }

  struct Key: Hashable, Sendable {
    let place: Place
    let method: String
  }

  /// The callback that was judged last: the strand and place of its dispatch.
  struct Dispatch: Sendable {
    let strand: String
    let parent: Int?
    let turn: Int?
    let phase: String?
  }

  /// The frame of what is done outside every callback, on the reactor's thread.
  public static let outside = 0

  /// The recording.
  public let recording: Recording
  /// The first divergence.
  public internal(set) var divergence: Judgement.Divergence?
  /// How many events of the run were judged.
  public internal(set) var happened = 0

  let strands: Strands
  let edges: Edges
  let joins: Joins
  let recordedTiming: RecordedTiming
  let drift: Drift
  var agreement: Agreement
  var timing = Timing()
  var streams: [String: Stream]
  /// The streams that come through each transport, and those of each strand.
  let streamsByTransport: [String: [String]]
  let streamsByStrand: [String: [String]]
  var frames: [Int: Frame]
  /// What the application's own threads have still to do, in the order in which they begin.
  var threads: [Script]
  /// What is still to come from outside while the loop turns, for each who does it.
  var actors: [Script]
  var calls: [Int: Call] = [:]
  /// The rests of scripts, each waiting for what its first event needs.
  var waiting: [Script] = []
  /// Which events came, or were made up for by a freedom; indexed by number.
  var done: [Bool]
  /// The strands whose other end has aborted the connection.
  var aborted: Set<String> = []
  var progressOf: [String: Progress] = [:]
  let listed: [Key: [Int]]
  let callbacks: [Int]
  let loopLevel: [Int]
  /// The recorded firing of each timer, trigger and thread call.
  let firing: [String: Int]
  /// All before these places of `callbacks` and `loopLevel` is done.
  var callbacksHead = 0
  var loopLevelHead = 0
  var lastDispatch: Dispatch?

  /// A judge of one run that has not begun.
  ///
  /// - Parameters:
  ///   - recording: The recording.
  ///   - disabled: Freedoms that may not be used.
  public init(_ recording: Recording, disabled: Set<Freedom> = []) {
    self.recording = recording
    let strands = Strands(recording)
    let streams = Stream.all(recording, strands)
    self.strands = strands
    self.streams = streams
    let edges = Edges(recording, strands)
    self.edges = edges
    let joins = Joins(recording, strands, streams)
    self.joins = joins
    let recordedTiming = RecordedTiming(recording)
    self.recordedTiming = recordedTiming
    drift = Drift(recording, strands, edges, joins, delays: recordedTiming.delays)
    agreement = Agreement(freedoms: Freedoms(disabled: disabled))
    frames = [Self.outside: Frame(events: [], script: Script(recording.script(of: nil), in: recording))]
    threads = Self.threads(recording)
    actors = recording.actors.map { Script($0) }
    done = Array(repeating: false, count: recording.events.count + 1)
    for (strand, callbacks) in strands.callbacks { progressOf[strand] = Progress(callbacks: callbacks) }

    var byTransport: [String: [String]] = [:]
    var byStrand: [String: [String]] = [:]
    for stream in streams.values {
      if let transport = stream.transport { byTransport[transport, default: []].append(stream.protocolName) }
      byStrand[stream.strand, default: []].append(stream.protocolName)
    }
    streamsByTransport = byTransport
    streamsByStrand = byStrand

    var listed: [Key: [Int]] = [:]
    for event in recording.callbacks { listed[Self.key(event), default: []].append(event.n) }
    self.listed = listed
    callbacks = recording.callbacks.map(\.n)
    loopLevel = recording.callbacks.filter { recording.isLoopLevel($0) }.map(\.n)
    let firings = recording.callbacks.compactMap { event in event.of.map { ($0, event.n) } }
    firing = Dictionary(firings, uniquingKeysWith: { first, _ in first })

    // An object that is there from the beginning has the same name in every run.
    for event in recording.events where !event.target.isEmpty && recording.introducer[event.target] == nil {
      switch event.kind {
      case .peer, .io: break
      default: _ = agreement.bindings.bind(object: event.target, to: event.target)
      }
    }
  }

  private static func threads(_ recording: Recording) -> [Script] {
    var names: [String] = []
    var scripts: [String: [Int]] = [:]
    for event in recording.roots.compactMap({ recording[$0] }) where event.isAction {
      guard let thread = event.thread else { continue }
      if scripts[thread] == nil { names.append(thread) }
      scripts[thread, default: []].append(event.n)
    }
    return names.map { Script(scripts[$0] ?? []) }
  }

  private static func key(_ event: Recording.Event) -> Key {
    let place: Place
    if let of = event.of {
      place = .of(of)
    } else if Agreement.isNameless(event.target) {
      place = .inside(event.parent)
    } else {
      place = .object(event.target)
    }
    return Key(place: place, method: event.method)
  }

  // What a run may ask.

  /// The live name of a recorded object, nil where it is not known yet.
  ///
  /// - Parameter recorded: Its name in the recording.
  /// - Returns: Its name in the run.
  public func liveName(of recorded: String) -> String? { agreement.bindings.liveName(of: recorded) }

  /// The recorded name of a live object, nil where it is not known yet.
  ///
  /// - Parameter live: Its name in the run.
  /// - Returns: Its name in the recording.
  public func recordedName(of live: String) -> String? { agreement.bindings.recordedName(of: live) }

  /// The live value of a recorded placeholder, nil where it is not known yet.
  ///
  /// - Parameter placeholder: A value of the form `port`, `host`, `scope` or `fd`.
  /// - Returns: What stands in its place in the run's own events.
  public func liveValue(of placeholder: TraceValue) -> TraceValue? {
    for (form, table) in [("port", Bindings.Table.port), ("host", .host), ("scope", .scope), ("fd", .descriptor)] {
      if let name = placeholder[form] { return agreement.bindings.live(table, name) }
    }
    return nil
  }

  /// How many bytes each live transport may read now: 0 where its reading must wait, nothing where it may read any number.
  public var readLimits: [String: Int] {
    var limits: [String: Int] = [:]
    for stream in streams.values where !aborted.contains(stream.strand) {
      if let limit = stream.limit, let live = stream.transport.flatMap({ liveName(of: $0) }) { limits[live] = limit }
    }
    return limits
  }

  /// Says that something else went wrong with the run: it counts as the divergence when none was found before.
  ///
  /// - Parameters:
  ///   - rule: What was broken.
  ///   - happened: What happened, in one line.
  ///   - reason: Why that is wrong, in one line.
  /// - Returns: The divergence that counts.
  @discardableResult
  public mutating func diverge(_ rule: Judgement.Rule, happened: String, reason: String) -> Judgement.Divergence {
    let next = recording.events.first { ($0.kind == .back || $0.isAction) && !done[$0.n] }
    return diverge(rule, next?.n, happened, reason)
  }

  mutating func diverge(
    _ rule: Judgement.Rule, _ expected: Int?, _ happened: String, _ reason: String
  ) -> Judgement.Divergence {
    if let divergence { return divergence }
    let found = Judgement.Divergence(rule: rule, expected: expected, happened: happened, reason: reason)
    divergence = found
    return found
  }

  /// Whether a recorded event has come, or was made up for by a freedom.
  func isDone(_ n: Int) -> Bool { done.indices.contains(n) && done[n] }
}
