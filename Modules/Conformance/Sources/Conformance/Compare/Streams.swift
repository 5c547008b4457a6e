/// The bytes that one protocol receives, as one string, and the places in it where something else happened first.
///
/// How a stream is cut into deliveries belongs to the kernel. What the application did after byte k must still be after byte k:
/// such a place is an anchor, and until its event has happened no byte beyond it may be read.
struct Stream: Sendable {
  /// One place of the stream.
  enum Item: Sendable {
    /// A recorded `dataReceived`: its bytes, and how many of them the run has delivered.
    case delivery(n: Int, data: [UInt8], delivered: Int)
    /// An event that the recording has at this place.
    case anchor(n: Int, hasHappened: Bool)

    var n: Int {
      switch self {
      case .delivery(let n, _, _), .anchor(let n, _): n
      }
    }

    /// Whether the run is past it.
    var isPassed: Bool {
      switch self {
      case .delivery(_, let data, let delivered): delivered >= data.count
      case .anchor(_, let hasHappened): hasHappened
      }
    }
  }

  /// What one live chunk did.
  struct Taken: Sendable {
    /// The deliveries that it completed.
    var completed: [Int] = []
    /// The offset of the first byte that differs, in the whole stream.
    var differsAt: Int?
    /// How many bytes there were that no recorded delivery has room for.
    var excess = 0
  }

  let strand: String
  let protocolName: String
  let transport: String?
  /// Whether an abort at either end decides how much of it arrives.
  let endsInAbort: Bool
  /// The call by which the other end aborts, if it does: how much is read from there on, and when, is the kernel's affair.
  let cutAt: Int?
  /// How many bytes the run has delivered.
  private(set) var received = 0

  private var items: [Item]
  private let places: [Int: Int]
  /// Everything before this item is passed.
  private var head = 0

  init(strand: String, protocolName: String, transport: String?, items: [Item], endsInAbort: Bool, cutAt: Int?) {
    self.strand = strand
    self.protocolName = protocolName
    self.transport = transport
    self.items = items
    self.endsInAbort = endsInAbort
    self.cutAt = cutAt
    places = Dictionary(items.enumerated().map { ($1.n, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// All the bytes that the recording has.
  var content: [UInt8] {
    var content: [UInt8] = []
    for case .delivery(_, let data, _) in items { content += data }
    return content
  }

  /// The first recorded delivery that is not complete.
  var nextDelivery: (n: Int, data: [UInt8])? {
    for item in items[head...] {
      if case .delivery(let n, let data, _) = item, !item.isPassed { return (n, data) }
    }
    return nil
  }

  /// Takes in a live chunk.
  mutating func take(_ chunk: [UInt8]) -> Taken {
    var taken = Taken()
    var left = chunk[...]
    var index = head
    while index < items.count, !left.isEmpty {
      if case .delivery(let n, let data, let delivered) = items[index], delivered < data.count {
        let want = data[delivered...].prefix(left.count)
        if !want.isSame(as: left.prefix(want.count)),
          let offset = zip(want, left).enumerated().first(where: { $1.0 != $1.1 })?.offset
        {
          taken.differsAt = received + offset
          return taken
        }
        items[index] = .delivery(n: n, data: data, delivered: delivered + want.count)
        received += want.count
        left = left.dropFirst(want.count)
        if delivered + want.count == data.count { taken.completed.append(n) }
      }
      index += 1
    }
    taken.excess = left.count
    advance()
    return taken
  }

  /// An anchor's event has happened.
  mutating func happened(_ n: Int) {
    guard let place = places[n], case .anchor = items[place] else { return }
    items[place] = .anchor(n: n, hasHappened: true)
    advance()
  }

  /// A recorded delivery will not come: its stream was cut by an abort.
  mutating func skip(_ n: Int) {
    guard let place = places[n], case .delivery(_, let data, _) = items[place] else { return }
    items[place] = .delivery(n: n, data: data, delivered: data.count)
    advance()
  }

  /// A folded delivery comes once more.
  mutating func again(_ n: Int) {
    guard let place = places[n], case .delivery(_, let data, _) = items[place] else { return }
    items[place] = .delivery(n: n, data: data, delivered: 0)
    head = min(head, place)
  }

  private mutating func advance() {
    while head < items.count, items[head].isPassed { head += 1 }
  }

  /// How many bytes may be read now: nil for any number, 0 when reading must wait for an anchor.
  ///
  /// Never more than the recording has: what comes after that came of another read, if it was read at all.
  var limit: Int? {
    var room = 0
    for item in items[head...] {
      switch item {
      case .delivery(_, let data, let delivered): room += data.count - delivered
      case .anchor(_, let hasHappened): if !hasHappened { return room }
      }
    }
    return room > 0 ? room : nil
  }
}

extension Stream {
  /// The byte streams of a recording, by the protocol that receives them.
  static func all(_ recording: Recording, _ strands: Strands) -> [String: Stream] {
    var found: [String: Stream] = [:]
    for strand in strands.connections {
      guard let protocolName = strands.protocols[strand] else { continue }
      let transport = strands.transports[strand]
      let (items, cutAt) = items(recording, strands, strand, protocolName, transport)
      found[protocolName] = Stream(
        strand: strand, protocolName: protocolName, transport: transport, items: items,
        endsInAbort: cutAt != nil || aborts(recording, transport)
          || (strands.callbacks[strand] ?? []).contains { recording[$0].map(isReset) ?? false },
        cutAt: cutAt)
    }
    return found
  }

  private static func items(
    _ recording: Recording, _ strands: Strands, _ strand: String, _ protocolName: String, _ transport: String?
  ) -> (items: [Item], cutAt: Int?) {
    var items: [Item] = []
    var hasStarted = false
    var cutAt: Int?
    let peer = strands.peers[strand]
    let other = peer.flatMap { strands.transports[$0] }
    let onObjects = [transport, peer, other].map { $0.flatMap { recording.onObject[$0] } ?? [] }.reduce([], merged)
    for event in merged(strands.callbacks[strand] ?? [], onObjects).compactMap({ recording[$0] }) {
      switch event.kind {
      case .back where strands.strand(of: event) == strand:
        switch event.method {
        case "makeConnection":
          hasStarted = true
        case "dataReceived" where event.target == protocolName:
          items.append(.delivery(n: event.n, data: event.args["data"]?.bytes ?? [], delivered: 0))
        case "connectionLost" where event.target == protocolName,
          "readConnectionLost" where event.target == protocolName:
          return (items, cutAt)
        default:
          if hasStarted, cutAt == nil, !isEnding(event.method) {
            items.append(.anchor(n: event.n, hasHappened: false))
          }
        }
      case .call where hasStarted && event.target == transport && !event.isQuery:
        if cutAt == nil { items.append(.anchor(n: event.n, hasHappened: false)) }
      case .call where event.method == "abortConnection" && event.target == other,
        .peer where event.method == "reset" && event.target == peer:
        cutAt = cutAt ?? event.n
      default:
        break
      }
    }
    return (items, cutAt)
  }

  /// Callbacks that come of a connection's end: reading brings them about, so they cannot hold reading back.
  private static func isEnding(_ method: String) -> Bool {
    switch method {
    case "readConnectionLost", "connectionLost", "clientConnectionLost", "clientConnectionFailed", "doStop",
      "stopProducing":
      true
    default: false
    }
  }

  /// Whether a connection's own end aborts it.
  private static func aborts(_ recording: Recording, _ transport: String?) -> Bool {
    (transport.flatMap { recording.onObject[$0] } ?? []).contains { n in
      recording[n].map { $0.kind == .call && $0.method == "abortConnection" } ?? false
    }
  }

  private static func isReset(_ event: Recording.Event) -> Bool {
    guard event.method == "connectionLost", event.phase == "io" else { return false }
    let error = event.args["reason"]?["error"]?.text
    return error == "lost" || error == "aborted"
  }
}

extension Recording.Event {
  /// Whether it only asks: it anchors nothing, and needs nothing but what it names.
  var isQuery: Bool {
    switch method {
    case "getHost", "getPeer", "getDestination", "getDelayedCalls", "getReaders", "getWriters", "getTcpNoDelay",
      "getTcpKeepAlive", "getHandle", "getPeerCertificate", "getTime", "active", "fileno", "logPrefix", "seconds":
      true
    default: false
    }
  }
}
