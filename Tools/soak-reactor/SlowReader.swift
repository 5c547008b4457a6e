import Addresses
import Reactor

/// Writers with a producer, whose peers read little at a time, or nothing until the writers have all come to a stand.
final class SlowReaders {
  /// What feeds the writers.
  enum Feed: String, CaseIterable {
    case push
    case pull
  }

  /// How it went.
  struct Outcome: Equatable {
    var delivered = 0
    /// Runs of bytes that arrived other than they were written.
    var wrong = 0
    /// The most that waited in one writer's buffer, in bytes: written, and not taken by the operating system.
    var mostWaiting = 0
    /// How often writers were paused.
    var pauses = 0
  }

  /// An operating system that gives accepted sockets a small buffer, and counts what it takes of each.
  final class Metered: ForwardingIO {
    private(set) var taken: [Int32: Int] = [:]

    override func accept(_ descriptor: Int32) -> IOResult<(descriptor: Int32, peer: Address)> {
      let result = super.accept(descriptor)
      if case .done(let accepted) = result {
        taken[accepted.descriptor] = 0
        try? super.setOption(.sendBuffer, of: accepted.descriptor, to: 16_384)
      }
      return result
    }

    override func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> IOResult<Int> {
      let result = unsafe super.send(descriptor, bytes)
      if case .done(let count) = result { taken[descriptor, default: 0] += count }
      return result
    }
  }

  private let reactor: Reactor
  private let io: Metered
  private let feed: Feed
  private let chunk: Int
  private let total: Int
  private var readers: [Reader] = []
  private var isReading = false
  /// How it went so far.
  private(set) var outcome = Outcome()
  private var left: Int
  /// Called when each reader has had everything.
  private let onEnd: () -> Void

  /// Writers that write chunks of so many bytes, until each has written the total.
  init(
    _ reactor: Reactor, _ io: Metered, feed: Feed, connections: Int, chunk: Int, total: Int,
    onEnd: @escaping () -> Void
  ) {
    self.reactor = reactor
    self.io = io
    self.feed = feed
    self.chunk = chunk
    self.total = total
    left = connections
    self.onEnd = onEnd
  }

  /// Listens, and connects the readers.
  func start(host: String) throws -> TCPPort {
    let port = try reactor.listenTCP(port: 0, factory: Factory { Writer(self) }, interface: host)
    let number = Int(try port.getHost().port ?? 0)
    for _ in 0..<left {
      let client = ClientFactory { Reader(self) }
      try reactor.connectTCP(host: host, port: .number(number), factory: client)
    }
    try watch(before: -1)
    return port
  }

  /// Has the readers begin once the writers have come to a stand.
  private func watch(before: Int) throws {
    let now = io.taken.values.reduce(0, +)
    guard readers.count < left || now != before else {
      isReading = true
      for reader in readers { try reader.transport?.resumeProducing() }
      return
    }
    try reactor.callLater(.milliseconds(5)) { [self] in try watch(before: now) }
  }

  private func wrote(_ total: Int, _ descriptor: Int32) {
    outcome.mostWaiting = max(outcome.mostWaiting, total - (io.taken[descriptor] ?? 0))
  }

  private func finish() {
    left -= 1
    guard left == 0 else { return }
    readers = []
    onEnd()
  }

  private final class Writer: Protocol, PushProducer {
    private let owner: SlowReaders
    private var written = 0
    private var isPaused = false
    private var descriptor: Int32 = -1

    init(_ owner: SlowReaders) { self.owner = owner }

    override func connectionMade() throws {
      descriptor = (transport as? TCPConnection)?.fileno() ?? -1
      try transport?.registerProducer(self, streaming: owner.feed == .push)
      if owner.feed == .push { try resumeProducing() }
    }

    func pauseProducing() {
      isPaused = true
      owner.outcome.pauses += 1
    }

    func resumeProducing() throws {
      isPaused = false
      repeat {
        let bytes = Pattern.bytes(at: written, count: min(owner.chunk, owner.total - written))
        written += bytes.count
        try transport?.write(Array(bytes))
        owner.wrote(written, descriptor)
      } while owner.feed == .push && !isPaused && written < owner.total
      if written == owner.total { try transport?.unregisterProducer() }
    }

    func stopProducing() {}
  }

  private final class Reader: Protocol {
    private let owner: SlowReaders
    private var place = 0

    init(_ owner: SlowReaders) { self.owner = owner }

    override func connectionMade() throws {
      owner.readers.append(self)
      if !owner.isReading { try transport?.pauseProducing() }
    }

    override func dataReceived(_ data: RawSpan) throws {
      if !Pattern.matches(data, at: place) { owner.outcome.wrong += 1 }
      place += data.byteCount
      owner.outcome.delivered += data.byteCount
      if place == owner.total {
        try transport?.loseConnection()
      } else {
        // Slowly: the next portion in a millisecond.
        try transport?.pauseProducing()
        try owner.reactor.callLater(.milliseconds(1)) { [weak self] in try self?.transport?.resumeProducing() }
      }
    }

    override func connectionLost(_ reason: any Error) throws { owner.finish() }
  }
}
