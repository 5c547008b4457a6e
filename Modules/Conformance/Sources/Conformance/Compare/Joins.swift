/// What must have come before an action, when other strands may come in another order than they were recorded in.
///
/// A recording hangs a call on the callback that came last. When two strands end in the other order, the call belongs inside
/// the other callback: it waits for what it needs.
struct Joins: Sendable {
  private let recording: Recording
  private let strands: Strands
  /// The callbacks of each strand on the reactor's thread that are no data, in order.
  private var marks: [String: [Int]] = [:]
  /// Where each strand lost its connection.
  private var lost: [String: Int] = [:]
  /// The protocols whose bytes come through a transport and are not cut by an abort, with their strands.
  private var receivers: [String: [(name: String, strand: String)]] = [:]
  /// For each protocol its deliveries and how many bytes it had received with each.
  private var received: [String: (deliveries: [Int], totals: [Int])] = [:]

  init(_ recording: Recording, _ strands: Strands, _ streams: [String: Stream]) {
    self.recording = recording
    self.strands = strands
    for event in recording.events where event.kind == .back {
      let strand = strands.strand(of: event)
      if event.method == "dataReceived" {
        let size = event.args["data"]?.bytes?.count ?? 0
        let total = (received[event.target]?.totals.last ?? 0) + size
        received[event.target, default: ([], [])].deliveries.append(event.n)
        received[event.target, default: ([], [])].totals.append(total)
      } else if event.thread == nil {
        // What other threads do reaches the reactor's by calls, not by having been recorded before.
        marks[strand, default: []].append(event.n)
      }
      if event.method == "connectionLost", lost[strand] == nil { lost[strand] = event.n }
    }
    for stream in streams.values.sorted(by: { $0.protocolName < $1.protocolName }) where !stream.endsInAbort {
      if let transport = stream.transport {
        receivers[transport, default: []].append((stream.protocolName, stream.strand))
      }
    }
  }

  /// The objects that must be known.
  func names(_ event: Recording.Event) -> [String] {
    guard event.kind == .call || event.kind == .get else { return [] }
    return event.neededNames.filter { !Agreement.isNameless($0) }
  }

  /// What an action needs besides the objects that it names.
  enum Need: Hashable, Sendable {
    /// Nothing: it only schedules, or acts on its own callback's strand.
    case nothing
    /// What one strand has come to: it only asks, or acts on a timer, or on a connection that is lost.
    case strand(String)
    /// What every other strand has come to.
    case others
  }

  func need(_ event: Recording.Event) -> Need {
    switch event.kind {
    case .set, .drop, .check: return .nothing
    default: break
    }
    if Self.isSoon(event.method) || event.thread != nil || recording.comesFromOutside(event) { return .nothing }
    let target = strands.ofTarget[event.n]
    if let target, ownStrands(event).contains(target) { return .nothing }
    let isLate = target.map { (lost[$0] ?? .max) < event.n } ?? false
    if event.kind == .get || event.isQuery || isLate || event.targetKind == "timer" {
      return target.map(Need.strand) ?? .nothing
    }
    return .others
  }

  /// Whether it is a call by which a function is called: what that does waits for what it needs itself.
  private static func isSoon(_ method: String) -> Bool {
    switch method {
    case "callLater", "callFromThread", "callInThread", "callWhenRunning": true
    default: false
    }
  }

  /// The last callback of a strand, data left aside, before an event.
  func last(_ strand: String, before event: Recording.Event) -> Int? {
    guard let marks = marks[strand] else { return nil }
    let next = marks.partition(before: event.n)
    return next > 0 ? marks[next - 1] : nil
  }

  /// The strands of the callbacks around an event.
  func ownStrands(_ event: Recording.Event) -> Set<String> {
    Set(recording.around(event).filter { $0.kind == .back }.map { strands.strand(of: $0) })
  }

  /// Whether a callback is the last of its strand, data left aside, before an action in another strand.
  func needs(_ event: Recording.Event, callback: Recording.Event, own: Set<String>) -> Bool {
    guard callback.n < event.n, callback.method != "dataReceived" else { return false }
    let strand = strands.strand(of: callback)
    return !own.contains(strand) && last(strand, before: event) == callback.n
  }

  /// The bytes that must have been received: only where an action is an anchor of that stream, and no abort decides how long
  /// it is.
  func bytes(_ event: Recording.Event, own: Set<String>) -> [(protocolName: String, count: Int)] {
    (receivers[event.target] ?? []).compactMap { receiver in
      guard !own.contains(receiver.strand), let (deliveries, totals) = received[receiver.name] else {
        return nil
      }
      let next = deliveries.partition(before: event.n)
      guard next > 0, totals[next - 1] > 0 else { return nil }
      return (receiver.name, totals[next - 1])
    }
  }
}
