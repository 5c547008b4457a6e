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
  ///   - result: Where the verdict goes, with the counts.
  static func run(
    _ recording: Recording, part: ReplayPart, profile: PairProfile, network: NetworkNamespace?,
    into result: inout CaseResult
  ) {
    let isReal = recording.events.contains { $0.target == "pair" && $0.method == "RealSystem" }
    let opensByItself = recording.events.contains { (event) in
      event.target == "pair" && event.method == "TuntapPort" && event.args["system"] == nil
    }
    if opensByItself, recording.events.contains(where: { $0.method == "startListening" }) {
      result.verdict = .notRun("a port opens the machine's own devices, and nothing of that is in the recording")
      return
    }
    let isFed = recording.events.contains { $0.args["system"]?["is"]?["system"] == "fed" }
    if isFed, part == .io {
      result.verdict = .notRun("its I/O system is the application's own")
      return
    }
    var device: TunnelDevice?
    if isReal {
      guard part == .whole else {
        result.verdict = .notRun("a real device is judged as a whole only")
        return
      }
      guard network != nil else {
        result.verdict = .notRun("it uses real devices, and there is no network namespace to have them in")
        return
      }
      if let needs = recording.header.fields["needs"]?.mapping {
        do throws(Unplayable) {
          let senders = recording.events.filter { $0.method == "sendUDP" }
            .compactMap { $0.outcome.value["udp"]?.list?.first?.text }
          device = try TunnelDevice(needs, senders: Set(senders))
        } catch {
          result.verdict = .notRun("\(error)")
          return
        }
      }
    }
    let replay = PairReplay(recording, part: part, profile: profile)
    guard replay.judge.expected > 0 else {
      result.verdict = .notRun(
        replay.judge.notApplicable > 0
          ? "nothing in it has a meaning outside Python" : "it has nothing of the part \(part.rawValue)")
      device?.remove()
      return
    }
    let divergence = replay.run()
    device?.remove()
    result.consumed = replay.judge.consumed
    result.expected = replay.judge.expected
    result.freedoms = replay.relaxations
    if replay.judge.notApplicable > 0 { result.freedoms[StrictJudge.notApplicableName] = replay.judge.notApplicable }
    result.verdict =
      divergence.map { .diverged(Divergence($0, in: recording, after: replay.lastDone)) } ?? .agrees
  }
}
