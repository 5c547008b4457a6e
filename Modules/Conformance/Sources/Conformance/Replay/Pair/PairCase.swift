import Pair

/// One recording of tunnels replayed once: from the recording to the result.
enum PairCase {
  /// Replays and judges.
  ///
  /// - Parameters:
  ///   - recording: The recording.
  ///   - part: What of it is under test.
  ///   - profile: How closely the layers follow Twisted.
  ///   - network: The network that the replay has to itself; without one nothing real is touched.
  ///   - isCapturing: Whether to keep what the judge is told.
  ///   - result: Where the verdict goes, with the counts.
  /// - Returns: What the judge was told, where that is kept.
  static func run(
    _ recording: Recording, part: ReplayPart, profile: PairProfile, network: NetworkNamespace?,
    capturing isCapturing: Bool = false, into result: inout CaseResult
  ) -> CapturedRun? {
    let isReal = recording.events.contains { $0.target == "pair" && $0.method == "RealSystem" }
    let opensByItself = recording.events.contains { (event) in
      event.target == "pair" && event.method == "TuntapPort" && event.args["system"] == nil
    }
    if opensByItself, recording.events.contains(where: { $0.method == "startListening" }) {
      result.verdict = .notRun("a port opens the machine's own devices, and nothing of that is in the recording")
      return nil
    }
    let isFed = recording.events.contains { $0.args["system"]?["is"]?["system"] == "fed" }
    if isFed, part == .io {
      result.verdict = .notRun("its I/O system is the application's own")
      return nil
    }
    var device: TunnelDevice?
    if isReal {
      guard part == .whole else {
        result.verdict = .notRun("a real device is judged as a whole only")
        return nil
      }
      guard network != nil else {
        result.verdict = .notRun("it uses real devices, and there is no network namespace to have them in")
        return nil
      }
      if let needs = recording.header.fields["needs"]?.mapping {
        do throws(Unplayable) {
          let senders = recording.events.filter { $0.method == "sendUDP" }
            .compactMap { $0.outcome.value["udp"]?.list?.first?.text }
          device = try TunnelDevice(needs, senders: Set(senders))
        } catch {
          result.verdict = .notRun("\(error)")
          return nil
        }
      }
    }
    let replay = PairReplay(recording, part: part, profile: profile)
    guard replay.judge.expected > 0 else {
      result.verdict = .notRun(
        replay.judge.notApplicable > 0
          ? "nothing in it has a meaning outside Python" : "it has nothing of the part \(part.rawValue)")
      device?.remove()
      return nil
    }
    if isCapturing { replay.judge.capture = CapturedRun() }
    let divergence = replay.run()
    device?.remove()
    result.consumed = replay.judge.consumed
    result.expected = replay.judge.expected
    result.freedoms = replay.relaxations
    if replay.judge.notApplicable > 0 { result.freedoms[StrictJudge.notApplicableName] = replay.judge.notApplicable }
    result.verdict =
      divergence.map { .diverged(Divergence($0, in: recording, after: replay.lastDone)) } ?? .agrees
    return replay.judge.capture
  }
}
