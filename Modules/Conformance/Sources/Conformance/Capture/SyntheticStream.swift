import Pair

/// One connection as a TCP stream: the packets that its acts amount to.
///
/// A trace sees sockets, not packets. The packets here are the plainest that say the same: a handshake, the bytes that the
/// other end received where both ends are in the trace, the bytes written where only one is, an ACK behind every segment,
/// and the end as the sockets saw it.
struct SyntheticStream {
  /// A packet, and the event at whose place it stands in the capture.
  struct Placed {
    var n: Int
    var packet: SyntheticCapture.Packet
  }

  /// One end as a sender.
  private struct Sender {
    var place: SyntheticPlace.End
    var next: UInt32
    /// Writes as parts of the stream: where each ends, and its event.
    var writes: [(end: Int, n: Int)] = []
    /// How far the stream has been sent, and the first write that still has bytes to go.
    var sent = 0
    var write = 0
    /// How many bytes are still going to arrive at the other end.
    var remaining = 0
    var isFinished = false
    /// A FIN or RST that has to wait, by its event.
    var waiting: (flag: TCPFlags, n: Int)?
  }

  private enum Phase {
    case idle
    case open
    case over
  }

  private let connection: SyntheticConnection
  private let object: (name: String, role: SyntheticRole)
  private var client: Sender
  private var server: Sender
  private var phase = Phase.idle
  private var current: SyntheticAct
  private var placed: [Placed] = []

  /// A stream that has sent nothing yet.
  ///
  /// - Parameters:
  ///   - connection: The connection, which has begun.
  ///   - ordinal: Its number among those of the trace, from 1.
  init(_ connection: SyntheticConnection, ordinal: Int) {
    self.connection = connection
    object = connection.object
    let (from, to) = SyntheticPlace.complete(connection.client, connection.server, ordinal: ordinal)
    let first = UInt32(truncatingIfNeeded: ordinal) << 24
    client = Sender(place: from, next: first)
    server = Sender(place: to, next: first)
    current = SyntheticAct(n: connection.n, at: 0, what: .connect, role: .client)
  }

  /// The packets of the connection.
  ///
  /// - Returns: The packets, each with its place.
  /// - Throws: ``SyntheticCaptureError`` when one end received what the other did not write.
  mutating func run() throws(SyntheticCaptureError) -> [Placed] {
    for role in SyntheticRole.allCases { try prepare(role) }
    for act in connection.acts {
      current = act
      try take(act)
    }
    return placed
  }

  private subscript(role: SyntheticRole) -> Sender {
    get { role == .client ? client : server }
    _modify {
      switch role {
      case .client: yield &client
      case .server: yield &server
      }
    }
  }

  /// What `role` sends: told by what the other end received, if that is in the trace, and by what it wrote.
  private mutating func prepare(_ role: SyntheticRole) throws(SyntheticCaptureError) {
    var received: [UInt8] = []
    for act in connection.acts where act.role == role.other {
      if case .received(let data) = act.what { received += data }
    }
    self[role].remaining = received.count
    let isInside = connection.ends[role.other] != nil
    var end = 0
    for act in connection.acts where act.role == role {
      guard case .written(let data) = act.what else { continue }
      if isInside {
        let expected = received.dropFirst(end).prefix(data.count)
        if let differs = zip(expected, data).enumerated().first(where: { $0.element.0 != $0.element.1 })?.offset {
          throw .differs(event: act.n, byte: end + differs)
        }
      }
      end += data.count
      self[role].writes.append((end, act.n))
    }
  }

  private mutating func take(_ act: SyntheticAct) throws(SyntheticCaptureError) {
    switch (act.what, phase) {
    case (.established, .idle): try establish()
    case (.refused, .idle): try refuse()
    case (_, .idle), (_, .over): return
    case (let what, .open):
      let isOutside = connection.ends[act.role.other] == nil
      switch what {
      case .received(let data):
        try send(data, from: act.role.other)
        try settle()
      case .written(let data): if isOutside, !self[act.role].isFinished { try send(data, from: act.role) }
      case .end: if isOutside { try finish(act.role.other, .fin) }
      case .shutdown, .close: try finish(act.role, .fin)
      case .abort: try finish(act.role, .rst)
      case .reset: try finish(act.role.other, .rst)
      case .connect, .refused, .established: return
      }
    }
  }
}

// Segments.
extension SyntheticStream {
  private mutating func segment(
    _ role: SyntheticRole, _ flags: TCPFlags, _ data: ArraySlice<UInt8> = [], events: [Int]? = nil
  ) throws(SyntheticCaptureError) {
    let other = self[role.other]
    let bytes: [UInt8]
    do throws(PacketError) {
      bytes = try SyntheticSegment.packet(
        from: self[role].place, to: other.place, sequenceNumber: self[role].next,
        acknowledgmentNumber: flags.contains(.ack) ? other.next : 0, flags: flags, payload: data)
    } catch {
      throw .packet(event: current.n, error)
    }
    let isCounted = flags.contains(.syn) || flags.contains(.fin)
    self[role].next &+= UInt32(truncatingIfNeeded: data.count) &+ (isCounted ? 1 : 0)
    placed.append(
      Placed(
        n: current.n,
        packet: SyntheticCapture.Packet(
          at: current.at, bytes: bytes, events: events ?? [current.n], object: object.name,
          isOutbound: role == object.role)))
  }

  /// The SYN, where the connection began.
  private mutating func first() throws(SyntheticCaptureError) {
    let now = current
    if let attempt = connection.acts.first { current = attempt }
    try segment(.client, .syn)
    current = now
  }

  private mutating func establish() throws(SyntheticCaptureError) {
    try first()
    try segment(.server, [.syn, .ack])
    try segment(.client, .ack)
    phase = .open
  }

  private mutating func refuse() throws(SyntheticCaptureError) {
    try first()
    server.next = 0
    try segment(.server, [.rst, .ack])
    phase = .over
  }

  private mutating func send(_ data: [UInt8], from role: SyntheticRole) throws(SyntheticCaptureError) {
    let most = SyntheticSegment.maximumPayload(self[role].place)
    var start = 0
    while start < data.count {
      let piece = data[start..<min(start + most, data.count)]
      try segment(role, [.psh, .ack], piece, events: events(role, piece.count))
      try segment(role.other, .ack)
      start = piece.endIndex
    }
    // Of an end outside the trace nothing is known to remain.
    self[role].remaining = max(self[role].remaining - data.count, 0)
  }

  /// The event that the segment stands at, and the writes whose bytes it carries.
  private mutating func events(_ role: SyntheticRole, _ count: Int) -> [Int] {
    self[role].sent += count
    var events = [current.n]
    while self[role].write < self[role].writes.count {
      let (end, n) = self[role].writes[self[role].write]
      if !events.contains(n) { events.append(n) }
      if end > self[role].sent { break }
      self[role].write += 1
      if end == self[role].sent { break }
    }
    return events
  }
}

// Ends.
extension SyntheticStream {
  private mutating func finish(_ role: SyntheticRole, _ flag: TCPFlags) throws(SyntheticCaptureError) {
    if self[role].isFinished, flag == .fin { return }
    self[role].isFinished = true
    if self[role].waiting == nil || flag == .rst { self[role].waiting = (flag, current.n) }
    try settle()
  }

  /// Sends what waited: a FIN until all that its sender sent has arrived, an RST until nothing more arrives at all.
  private mutating func settle() throws(SyntheticCaptureError) {
    for role in SyntheticRole.allCases {
      guard phase == .open, self[role].remaining == 0, let (flag, n) = self[role].waiting else { continue }
      if flag == .rst {
        if self[role.other].remaining > 0 { continue }
        phase = .over
      }
      self[role].waiting = nil
      try segment(role, [flag, .ack], events: [n])
      if flag == .fin { try segment(role.other, .ack, events: [n]) }
    }
  }
}
