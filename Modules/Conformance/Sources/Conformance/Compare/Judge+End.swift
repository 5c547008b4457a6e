// The end of a run.

extension Judge {
  /// What a run left: the live names of timers still to fire, and of transports and ports still open.
  public struct Leftovers: Hashable, Sendable {
    /// The timers that will still fire.
    public var timers: Set<String>
    /// The transports and ports that are still open.
    public var open: Set<String>
    /// Whether the reactor has stopped, and so has closed what the shutdown forgot and Twisted leaves open.
    public var isStopped: Bool

    /// What a run left.
    ///
    /// - Parameters:
    ///   - timers: The timers that will still fire.
    ///   - open: The transports and ports that are still open.
    ///   - isStopped: Whether the reactor has stopped, and so has closed what the shutdown forgot and Twisted leaves open.
    public init(timers: Set<String>, open: Set<String>, isStopped: Bool = false) {
      self.timers = timers
      self.open = open
      self.isStopped = isStopped
    }
  }

  /// The run is over: everything expected must have come.
  ///
  /// - Parameter leftovers: What the run left, compared with what the recording leaves; nil where the caller cannot tell.
  /// - Returns: The judgement.
  public mutating func finish(_ leftovers: Leftovers? = nil) -> Judgement {
    if divergence == nil, let n = waiting.lazy.compactMap(\.next).first {
      _ = diverge(.join, n, "", "this still waits for what it needs when the run ends")
    }
    if divergence == nil, let event = recording.events.first(where: { isExpected($0) && !isDone($0.n) }) {
      let reason = event.kind == .back ? "this callback never came" : "this was never done"
      _ = diverge(.missing, event.n, "the run ended", reason)
    }
    if divergence == nil, let leftovers {
      compare(leftovers.timers, with: recordedTiming.left, "timers")
      let recorded = openAtEnd
      compare(leftovers.open, with: recorded, "transports and ports", mayBeFewer: leftovers.isStopped)
    }
    let expected = recording.events.filter(isExpected)
    return Judgement(
      title: recording.title, divergence: divergence, consumed: expected.count { isDone($0.n) },
      expected: expected.count, happened: happened, freedoms: agreement.freedoms.used)
  }

  private func isExpected(_ event: Recording.Event) -> Bool { event.kind == .back || event.isAction }

  private mutating func compare(
    _ live: Set<String>, with recorded: Set<String>, _ what: String, mayBeFewer: Bool = false
  ) {
    let known = Set(live.map { recordedName(of: $0) ?? $0 }).subtracting(recordedTiming.unseen.keys)
    guard divergence == nil, known != recorded, !(mayBeFewer && known.isSubset(of: recorded)) else { return }
    let spell = { (names: Set<String>) in names.isEmpty ? "none" : names.sorted().joined(separator: ", ") }
    _ = diverge(.end, nil, "\(what) left: \(spell(known))", "expected \(spell(recorded))")
  }

  /// The transports and ports that the recording leaves open.
  private var openAtEnd: Set<String> {
    var open = Set(strands.transports.values)
    for event in recording.events {
      if event.kind == .call, event.method == "listenTCP" || event.method == "adoptStreamPort" {
        if let port = event.returnedObject { open.insert(port) }
      } else if event.kind == .back {
        let strand = strand(of: event.n)
        if event.method == "connectionLost", let transport = strands.transports[strand] {
          open.remove(transport)
        } else if event.method == "doStop", Vocabulary.kind(ofObject: strand) == "port" {
          open.remove(strand)
        }
      }
    }
    return open
  }
}
