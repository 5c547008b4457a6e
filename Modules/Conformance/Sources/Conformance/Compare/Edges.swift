/// The order that a recording's causes demand across strands; everything else is free only by a named freedom.
struct Edges: Sendable {
  /// Why one event must come after another.
  enum Name: String, Hashable, Sendable {
    /// It is inside it, or after it inside the same callback.
    case tree
    /// It needs an object that the other introduces.
    case create
    /// It is the next callback of the same strand.
    case strand
    /// A connection is accepted after the call that asks for it.
    case accept
    /// Bytes are received after they are written.
    case data
    /// A timer fires after it is set, in the order of due times.
    case timer
    /// The turn of the loop in which something happens.
    case turn
    /// An attempt follows the one before it.
    case lifecycle
    /// Phases of a system event: before, during, after.
    case phase
    /// One thread's calls keep their order.
    case thread
  }

  /// `after` must come after `before`.
  struct Edge: Hashable, Sendable {
    let name: Name
    let before: Int
    let after: Int
  }

  private let recording: Recording
  private var before: [[Edge]]
  private let introducer: [String: Int]

  init(_ recording: Recording, _ strands: Strands) {
    self.recording = recording
    introducer = Self.introducers(recording)
    before = Array(repeating: [], count: recording.events.count + 1)
    link(strands)
    linkData(strands)
  }

  /// The event that makes each object.
  ///
  /// A query may show an object that was there before.
  private static func introducers(_ recording: Recording) -> [String: Int] {
    var found: [String: Int] = [:]
    for event in recording.events where event.kind == .back || !(event.isQuery || event.method == "removeAll") {
      for name in event.introductions where found[name] == nil { found[name] = event.n }
    }
    return found
  }

  /// The edges that end in an event.
  func causes(of n: Int) -> [Edge] { before[n] }

  /// What must come before an event.
  struct Past: Sendable {
    fileprivate var events: Set<Int>
    /// Everything before this one: it is a call outside every callback, made when all before it is over.
    fileprivate var barrier = 0

    func contains(_ n: Int) -> Bool { n < barrier || events.contains(n) }

    /// Whether one of the events for which there is a path is such a one; the barrier's are left aside.
    func contains(where matches: (Int) -> Bool) -> Bool { events.contains(where: matches) }
  }

  /// What must come before an event, as far back as another one.
  func past(of end: Int, downTo least: Int) -> Past {
    var past = Past(events: [end])
    var front = [end]
    while let n = front.popLast() {
      guard n > past.barrier, let event = recording[n] else { continue }
      if isBarrier(event) {
        past.barrier = n
        continue
      }
      for edge in before[n] where edge.before >= least && past.events.insert(edge.before).inserted {
        front.append(edge.before)
      }
    }
    return past
  }

  private func isBarrier(_ event: Recording.Event) -> Bool {
    event.kind != .back && event.parent == nil && event.thread == nil
  }

  /// The edges that lead from one event to a later one; none when there is no path.
  func path(from start: Int, to end: Int) -> [Edge] {
    guard start < end, before.indices.contains(end) else { return [] }
    var seen: Set<Int> = [end]
    var reached: [Int: Edge] = [:]
    var front = [end]
    while let n = front.popLast() {
      guard let event = recording[n] else { continue }
      if n != start, isBarrier(event) {
        // Whatever is recorded before a call outside every callback is over when that call is made.
        reached[start] = Edge(name: .tree, before: start, after: n)
        return Self.spell(reached, from: start, to: end)
      }
      for edge in before[n] where edge.before >= start && !seen.contains(edge.before) {
        seen.insert(edge.before)
        reached[edge.before] = edge
        if edge.before == start { return Self.spell(reached, from: start, to: end) }
        front.append(edge.before)
      }
    }
    return []
  }

  private static func spell(_ reached: [Int: Edge], from start: Int, to end: Int) -> [Edge] {
    var path: [Edge] = []
    var n = start
    while n != end, let edge = reached[n] {
      path.append(edge)
      n = edge.after
    }
    return path
  }

  private mutating func add(_ name: Name, from start: Int?, to end: Int) {
    if let start, start > 0, start < end { before[end].append(Edge(name: name, before: start, after: end)) }
  }

  private mutating func link(_ strands: Strands) {
    var lastInFrame: [Int: Int] = [:]
    var lastInStrand: [String: Int] = [:]
    var timers: [String: Int] = [:]
    for event in recording.events {
      let n = event.n
      add(.tree, from: event.parent, to: n)
      sequence(event, &lastInFrame)
      for name in event.neededNames { add(.create, from: introducer[name], to: n) }
      for cause in event.after { add(Self.causeName(event), from: cause, to: n) }
      if event.kind == .call, event.method == "reset" || event.method == "delay", event.targetKind == "timer" {
        timers[event.target] = n
      }
      guard event.kind == .back else { continue }
      let strand = strands.strand(of: event)
      if lastInStrand[strand] == nil, let previous = strands.previous[strand] {
        add(.lifecycle, from: lastInStrand[previous], to: n)
      }
      add(Self.strandName(strand), from: lastInStrand[strand], to: n)
      lastInStrand[strand] = n
      if let of = event.of {
        let name = Self.firingName(of)
        add(name, from: introducer[of], to: n)
        add(name, from: timers[of], to: n)
      }
    }
  }

  /// Inside one callback, and inside one call that does not turn the loop, everything is in sequence.
  private mutating func sequence(_ event: Recording.Event, _ last: inout [Int: Int]) {
    for outer in recording.around(event) {
      if outer.turnsTheLoop { break }
      add(.tree, from: last[outer.n], to: event.n)
      last[outer.n] = event.n
    }
  }

  private static func causeName(_ event: Recording.Event) -> Name {
    switch event.method {
    case "buildProtocol": .accept
    case "dataReceived", "readConnectionLost": .data
    default: event.of.map(firingName) ?? .create
    }
  }

  private static func firingName(_ of: String) -> Name {
    switch Vocabulary.kind(ofObject: of) {
    case "timer": .timer
    case "threadcall": .thread
    default: .phase
    }
  }

  private static func strandName(_ strand: String) -> Name {
    if strand.hasPrefix("event ") { return .phase }
    return strand.hasPrefix("calls of ") ? .thread : .strand
  }

  /// Byte k is received after the write that holds it, and the end of a stream after the call that ended it.
  private mutating func linkData(_ strands: Strands) {
    for receiving in strands.peers.keys.sorted() {
      guard let sending = strands.peers[receiving], let receiver = strands.protocols[receiving],
        let transport = strands.transports[sending]
      else { continue }
      let own = strands.transports[receiving]
      let numbers = [receiver, transport, own].map { $0.flatMap { recording.onObject[$0] } ?? [] }.reduce([], merged)
      linkData(numbers.compactMap { recording[$0] }, receiver, transport, own)
    }
  }

  private mutating func linkData(_ events: [Recording.Event], _ receiver: String, _ transport: String, _ own: String?) {
    var writes: [(end: Int, call: Int)] = []
    var next = 0
    var written = 0
    var received = 0
    var ended: Int?
    var closesItself = false
    for event in events {
      if event.kind == .call, event.target == transport {
        let size = event.writtenBytes
        if size > 0, ended == nil {
          written += size
          writes.append((written, event.n))
        } else if ended == nil, Self.isClose(event.method) || event.method == "loseWriteConnection" {
          ended = event.n
        }
      } else if event.kind == .call, event.target == own, Self.isClose(event.method) {
        closesItself = true
      } else if event.kind == .back, event.target == receiver {
        if event.method == "dataReceived" {
          received += event.args["data"]?.bytes?.count ?? 0
          while next < writes.count, writes[next].end < received { next += 1 }
          if next < writes.count { add(.data, from: writes[next].call, to: event.n) }
        } else if event.method == "readConnectionLost"
          || (event.method == "connectionLost" && !closesItself && Self.isByTheOtherEnd(event))
        {
          add(.data, from: ended, to: event.n)
        }
      }
    }
  }

  private static func isClose(_ method: String) -> Bool {
    method == "loseConnection" || method == "abortConnection"
  }

  /// Whether a connection that did not close itself was lost because its other end did something.
  private static func isByTheOtherEnd(_ event: Recording.Event) -> Bool {
    let error = event.args["reason"]?["error"]?.text
    return event.phase == "io" && (error == "done" || error == "lost")
  }
}

/// Two arrays of ascending numbers as one.
func merged(_ one: [Int], _ other: [Int]) -> [Int] {
  var all: [Int] = []
  all.reserveCapacity(one.count + other.count)
  var i = 0
  var j = 0
  while i < one.count || j < other.count {
    if j == other.count || (i < one.count && one[i] <= other[j]) {
      if all.last != one[i] { all.append(one[i]) }
      i += 1
    } else {
      if all.last != other[j] { all.append(other[j]) }
      j += 1
    }
  }
  return all
}
