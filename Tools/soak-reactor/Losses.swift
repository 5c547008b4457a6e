import Addresses
import Reactor

/// Opens connections in a reactor and loses them, and compares what is open and alive with what there was before.
final class Losses {
  /// What does not go up again.
  struct Wrong: Error, CustomStringConvertible {
    var description: String
  }

  /// What is open and alive at a time.
  private struct Standing: Hashable, CustomStringConvertible {
    var descriptors: Int
    var objects: Int
    var readers: Int
    var writers: Int
    var delayedCalls: Int

    var description: String {
      "\(descriptors) descriptors, \(objects) objects, \(readers) readers, \(writers) writers, \(delayedCalls) delayed calls"
    }
  }

  private let backEnd: BackEnd
  private let makeIO: () -> any IOSystem
  private let openDescriptors: (any IOSystem) throws -> Int
  private let host: String?
  private let census = Census()
  private var hosts = 0
  /// Called with each batch before it is played.
  var onBatch: (Batch) -> Void = { _ in }
  /// Who was told of what, in all.
  private(set) var tallies: [Loss: Tally] = [:]
  /// How many connections and attempts there were.
  private(set) var opened: [Loss: Int] = [:]

  /// Losses on a kind of poller.
  ///
  /// - Parameters:
  ///   - backEnd: The kind.
  ///   - makeIO: Makes the system of one reactor.
  ///   - openDescriptors: How many descriptors are open there.
  ///   - host: Where they listen and connect; `nil` for all of 127.0.0.0/8 in turn, so that ports do not run out.
  init(
    _ backEnd: BackEnd, makeIO: @escaping () -> any IOSystem, openDescriptors: @escaping (any IOSystem) throws -> Int,
    host: String? = nil
  ) {
    self.backEnd = backEnd
    self.host = host
    self.makeIO = makeIO
    self.openDescriptors = openDescriptors
  }

  /// How many connections and attempts there were in all.
  var total: Int { opened.values.reduce(0, +) }

  // MARK: - Lost while the reactor goes on

  /// Loses connections in each way that needs no stop, round after round in one reactor; after each round as much is open,
  /// registered and alive as there was before the first.
  ///
  /// - Parameters:
  ///   - rounds: How many rounds.
  ///   - each: How many connections of each loss in a round, at most 50.
  ///   - between: Called after each round.
  /// - Throws: ``Wrong``, and what `between` throws.
  func whileRunning(rounds: Int, each: Int, between: (Int) throws -> Void = { _ in }) throws {
    let io = makeIO()
    let reactor = try Reactor(backEnd, io: io, log: .none)
    let losses = Loss.all.filter { !$0.isLeftToStop }
    let before = try standing(reactor, io)
    for round in 0..<rounds {
      try play(losses, each: each, in: reactor, stopping: false)
      let after = try standing(reactor, io)
      guard after == before else {
        throw Wrong(description: "after round \(round + 1) there are \(after); before, \(before)")
      }
      try between(round)
    }
    try stop(reactor)
  }

  /// Opens connections in each way that is left to the reactor's stop, in a reactor for each, and stops it; then as much
  /// is open and alive as there was before it was made.
  ///
  /// - Parameter each: How many connections of each loss, at most 50.
  /// - Throws: ``Wrong``.
  func byStopping(each: Int) throws {
    for loss in Loss.all where loss.isLeftToStop {
      let io = makeIO()
      let before = (try openDescriptors(io), census.alive())
      weak var released: Reactor?
      do {
        let reactor = try Reactor(backEnd, io: io, log: .none)
        released = reactor
        try play([loss], each: each, in: reactor, stopping: true)
        let left = try standing(reactor, io)
        guard (left.readers, left.writers, left.delayedCalls) == (0, 0, 0) else {
          throw Wrong(description: "\(loss.way.rawValue), \(loss.side.rawValue): the stopped reactor has \(left)")
        }
      }
      let after = (try openDescriptors(io), census.alive())
      guard after == before, released == nil else {
        let reactor = released == nil ? "" : ", and the reactor"
        throw Wrong(
          description: "\(loss.way.rawValue), \(loss.side.rawValue): after the stop there are \(after.0) descriptors "
            + "and \(after.1) objects\(reactor); before, \(before.0) and \(before.1)")
      }
    }
  }

  private func standing(_ reactor: Reactor, _ io: any IOSystem) throws -> Standing {
    Standing(
      descriptors: try openDescriptors(io), objects: census.alive(), readers: reactor.getReaders().count,
      writers: reactor.getWriters().count, delayedCalls: reactor.getDelayedCalls().count)
  }

  private func stop(_ reactor: Reactor) throws {
    try reactor.callLater(.zero) { [unowned reactor] in try reactor.stop() }
    try reactor.run(installSignalHandlers: false)
  }

  // MARK: - A round

  /// Plays some losses at once, and leaves the reactor when all have happened or, to be stopped, are open.
  private func play(_ losses: [Loss], each: Int, in reactor: Reactor, stopping: Bool) throws {
    let batches = losses.map { Batch(reactor, $0, count: each, census: census) }
    let round = Round(reactor, batches, stopping: stopping)
    for batch in batches {
      onBatch(batch)
      let server = batch.makeServer()
      let port = try round.listen(batch, server, host)
      census.watch(port)
      let number = Int(try port.getHost().port ?? 0)
      for _ in 0..<each { try dial(batch, number) }
      opened[batch.loss, default: 0] += each
    }
    try round.run()
    for batch in batches {
      tallies[batch.loss, default: Tally()] += batch.tally
      guard batch.loss.isLeftToStop || batch.tally == batch.loss.expected * each else {
        throw Wrong(description: "\(batch.loss.way.rawValue), \(batch.loss.side.rawValue): \(batch.tally)")
      }
    }
  }

  private func dial(_ batch: Batch, _ port: Int) throws {
    let host = nextHost()
    switch batch.loss.way {
    // Nobody listens on port 1, which the system chooses for no one.
    case .refused, .errorInClientConnectionFailed: try batch.dial(host: host, port: 1, timeout: .seconds(60))
    case .connectTimeout: try batch.dial(host: host, port: port, timeout: .milliseconds(1))
    default: try batch.dial(host: host, port: port, timeout: .seconds(60))
    }
  }

  /// One of 62,500 addresses after the other, so that no two connections in a minute want the same pair of ports.
  private func nextHost() -> String {
    if let host { return host }
    hosts = (hosts + 1) % 62_500
    return "127.1.\(hosts / 250 % 250).\(1 + hosts % 250)"
  }
}

/// One round of batches in a reactor.
private final class Round {
  private let reactor: Reactor
  private let batches: [Batch]
  private let stopping: Bool
  private var ports: [TCPPort] = []
  private var deaf: [DeafClient] = []
  private var isEnding = false
  private var isLate = false

  init(_ reactor: Reactor, _ batches: [Batch], stopping: Bool) {
    self.reactor = reactor
    self.batches = batches
    self.stopping = stopping
    for batch in batches { batch.onChange = { [unowned self] in change() } }
  }

  /// Listens for a batch, on one address or on all of IPv4's.
  ///
  /// A port whose clients are not to be let in has its one place taken by a client of its own, and accepts nobody.
  func listen(_ batch: Batch, _ server: ServerFactory, _ host: String?) throws -> TCPPort {
    let isDeaf = batch.loss.way == .connectTimeout || batch.loss.way == .stopWhileConnecting
    let port = try reactor.listenTCP(port: 0, factory: server, backlog: isDeaf ? 0 : 50, interface: host ?? "")
    ports.append(port)
    if isDeaf {
      reactor.stopReading(port)
      let client = DeafClient(batch.census)
      deaf.append(client)
      try reactor.connectTCP(
        host: host ?? "127.0.0.1", port: .number(Int(port.getHost().port ?? 0)), factory: client, timeout: nil)
    }
    return port
  }

  /// Runs the reactor until the round is over.
  func run() throws {
    let guardian = try reactor.callLater(.seconds(20)) { [unowned self] in
      isLate = true
      reactor.crash()
    }
    change()
    try reactor.run(installSignalHandlers: false)
    for batch in batches { batch.onChange = {} }
    ports = []
    deaf = []
    guard !isLate else {
      let missing = batches.filter { !$0.isReady }.map {
        "\($0.loss.way.rawValue), \($0.loss.side.rawValue): \($0.made) made, \($0.tally)"
      }
      throw Losses.Wrong(description: "nothing more happened; not ended:\n" + missing.joined(separator: "\n"))
    }
    try guardian.cancel()
  }

  /// Ends the round when all is as it should be at its end.
  private func change() {
    guard !isEnding, batches.allSatisfy(\.isReady) else { return }
    isEnding = true
    reactor.callLaterInternally(.zero) { [self] in try end() }
  }

  private func end() throws {
    if stopping {
      // Some turns later, so that output has come to a stand.
      try after(turns: 3) { [unowned reactor] in try reactor.stop() }
      return
    }
    var open = ports.count
    for port in ports {
      port.stopListening()?.addBoth { [self] _ in
        open -= 1
        // What a dispatch has given up is released at its end, and the port's last client hears of it by a poll.
        if open == 0 { try after(turns: 3) { [unowned reactor] in reactor.crash() } }
      }
    }
  }

  private func after(turns: Int, _ body: @escaping () throws -> Void) throws {
    guard turns > 0 else { return try body() }
    reactor.callLaterInternally(.zero) { [self] in try after(turns: turns - 1, body) }
  }

  /// Takes the one place in a port that accepts nobody, until the port closes.
  private final class DeafClient: ClientFactory {
    private let census: Census

    init(_ census: Census) {
      self.census = census
      super.init { Protocol() }
      census.born()
    }

    deinit { census.died() }
  }
}
