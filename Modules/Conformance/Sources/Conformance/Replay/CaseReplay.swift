import Pair
import Reactor

/// One trace replayed once in this process: from the file to the result.
enum CaseReplay {
  /// Reads a trace, replays it, and judges what happened.
  ///
  /// - Parameters:
  ///   - file: The trace's path.
  ///   - backEnd: The reactor's back end.
  ///   - world: What the reactor runs on.
  ///   - network: The network that the replay has to itself, if it has one.
  ///   - shuffleSeed: The seed by which what one poll finds is shuffled.
  ///   - part: What of a recording of tunnels is under test.
  ///   - profile: How closely the layers of tunnels follow Twisted.
  ///   - seconds: How long the replay may take.
  ///   - alteration: Which of the trace's mutants to replay in its place, by index.
  ///   - sink: Where the run's own events go as they happen.
  ///   - captured: Given the trace and what the run told its judge, when it agrees.
  ///   - ready: Called when the trace is read, before it is replayed.
  /// - Returns: The result.
  static func run(
    _ file: String, on backEnd: BackEnd, in world: ReplayWorld = .system, network: NetworkNamespace?,
    shuffleSeed: UInt64?, part: ReplayPart = .whole,
    profile: PairProfile = .twistedCompatible,
    within seconds: Double = 20, alteration: Int? = nil, into sink: any EventSink,
    captured: ((TraceFile, CapturedRun) -> Void)? = nil, ready: () -> Void = {}
  ) -> CaseResult {
    var result = CaseResult(
      file: file, name: file, backEnd: backEnd.rawValue, shuffleSeed: shuffleSeed, verdict: .notRun("nothing was done"))
    let trace: TraceFile
    let recording: Recording
    do {
      try TraceValidator.validate(path: file, demandsCanonicalForm: false)
      let original = try TraceFile(path: file)
      trace = try alteration.map { try Mutant.trace(at: $0, of: original) } ?? original
      result.name = trace.header.caseName ?? file
      recording = try Recording(trace)
    } catch {
      result.verdict = .unreadable("\(error)")
      return result
    }
    ready()
    let run = play(
      recording, on: backEnd, in: world, network: network, shuffleSeed: shuffleSeed, part: part, profile: profile,
      within: seconds, into: sink, capturing: captured != nil, &result)
    if result.verdict == .agrees, let run { captured?(trace, run) }
    return result
  }

  /// Replays a recording that was read, and judges what happened.
  ///
  /// - Parameters:
  ///   - recording: The recording, whatever it says.
  ///   - backEnd: The reactor's back end.
  ///   - world: What the reactor runs on.
  ///   - network: The network that the replay has to itself, if it has one.
  ///   - shuffleSeed: The seed by which what one poll finds is shuffled.
  ///   - part: What of a recording of tunnels is under test.
  ///   - profile: How closely the layers of tunnels follow Twisted.
  ///   - seconds: How long the replay may take.
  ///   - sink: Where the run's own events go as they happen.
  ///   - isCapturing: Whether to keep what the run told its judge.
  ///   - result: Where the verdict goes, with the counts.
  /// - Returns: What the run told its judge, where that is kept.
  static func play(
    _ recording: Recording, on backEnd: BackEnd, in world: ReplayWorld, network: NetworkNamespace? = nil,
    shuffleSeed: UInt64? = nil, part: ReplayPart = .whole, profile: PairProfile = .twistedCompatible,
    within seconds: Double, into sink: any EventSink, capturing isCapturing: Bool = false, _ result: inout CaseResult
  ) -> CapturedRun? {
    result.expected = recording.events.count
    if recording.header.features.contains("pair") {
      return PairCase.run(
        recording, part: part, profile: profile, network: network, capturing: isCapturing, into: &result)
    }
    let replay = SystemReplay(recording, on: backEnd, in: world, network: network, shuffleSeed: shuffleSeed, into: sink)
    if isCapturing { replay.judged.capture = CapturedRun() }
    let ending = replay.run(within: seconds)
    result.secondsInRun = Double(replay.nanosecondsInRun) / 1e9
    switch ending {
    case .notRun(let reason): result.verdict = .notRun(reason)
    case .judged(let verdict):
      result.consumed = verdict.consumed
      result.expected = verdict.expected
      result.freedoms = verdict.freedomCounts
      if replay.unexpressibleCount > 0 { result.freedoms["unexpressible"] = replay.unexpressibleCount }
      if let found = verdict.divergence, found.rule == .run(SystemReplay.hung) {
        let awaited = found.expected.flatMap { recording[$0] }
        result.verdict = .hung(open: [], awaited: awaited.map { "event \($0.n), \(EventText.line($0.written))" })
      } else {
        result.verdict =
          verdict.divergence.map { .diverged(Divergence($0, in: recording, after: replay.lastDone)) } ?? .agrees
      }
    }
    return replay.judged.capture
  }
}
