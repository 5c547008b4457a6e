/// Which callbacks have no fixed place beside others: those that wait for a clock or another thread, and all that comes of them.
///
/// A loop that is given the same input does the same in each turn, so two callbacks without a path between them still keep their
/// order, as long as neither depends on when something happened outside the loop. What a delay or another thread has set going
/// comes in whatever turn the machine's pace makes it.
struct Drift: Sendable {
  /// What an event waited for, itself or by what led to it.
  struct Waited: OptionSet, Sendable {
    let rawValue: UInt8

    /// A delay above 0.
    static let clock = Waited(rawValue: 1)
    /// Another thread.
    static let thread = Waited(rawValue: 2)
  }

  private var waited: [Waited]
  /// What has been done to a strand's object from elsewhere.
  private var ofStrand: [String: Waited] = [:]
  /// What the last callback of each strand on the reactor's thread waited for, data left aside.
  private var latest: [String: Waited] = [:]

  init(_ recording: Recording, _ strands: Strands, _ edges: Edges, _ joins: Joins, delays: [String: Double]) {
    waited = Array(repeating: [], count: recording.events.count + 1)
    for event in recording.events {
      var found = found(for: event, strands, edges, delays)
      if event.kind == .call { found.formUnion(needed(by: event, joins)) }
      waited[event.n] = found
      if event.kind == .back, event.thread == nil, event.method != "dataReceived" {
        latest[strands.strand(of: event)] = found.isEmpty ? nil : found
      }
      guard !found.isEmpty, let strand = strands.ofTarget[event.n] else { continue }
      // A call on a connection's object changes when that connection goes on, and its other end with it.
      ofStrand[strand, default: []].formUnion(found)
      if let peer = strands.peers[strand] { ofStrand[peer, default: []].formUnion(found) }
    }
  }

  /// What an event waited for.
  func of(_ n: Int) -> Waited { waited.indices.contains(n) ? waited[n] : [] }

  /// What that waited for which a call needs: a replay makes it when all of it has come.
  private func needed(by event: Recording.Event, _ joins: Joins) -> Waited {
    guard !latest.isEmpty else { return [] }
    switch joins.need(event) {
    case .nothing: return []
    case .strand(let strand): return latest[strand] ?? []
    case .others:
      let own = joins.ownStrands(event)
      return latest.reduce(into: []) { found, entry in
        if !own.contains(entry.key) { found.formUnion(entry.value) }
      }
    }
  }

  private func found(
    for event: Recording.Event, _ strands: Strands, _ edges: Edges, _ delays: [String: Double]
  ) -> Waited {
    var found = edges.causes(of: event.n).reduce(into: Waited()) { $0.formUnion(waited[$1.before]) }
    if event.thread != nil { found.insert(.thread) }
    if event.kind == .back {
      found.formUnion(ofStrand[strands.strand(of: event)] ?? [])
      if let of = event.of, Vocabulary.kind(ofObject: of) == "timer", let delay = delays[of], delay > 0 {
        found.insert(.clock)
      }
    }
    return found
  }
}
