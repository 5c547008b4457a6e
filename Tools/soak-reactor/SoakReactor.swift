import Addresses
import ArgumentParser
import Glibc
import Reactor

/// The tool: the reactor under many connections.
@main
struct SoakReactor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak-reactor",
    abstract: "The reactor under many connections: what Tools/soak runs.",
    discussion: """
      Exit status: 0 all went as it should; 1 it did not, and what did not is said; 64 bad usage.
      """,
    subcommands: [EchoServerCommand.self, EchoClientsCommand.self, SlowReaderCommand.self, LossesCommand.self])
}

extension BackEnd: ExpressibleByArgument {}

/// Says what is wrong, and ends with status 1.
struct Failure: Error, CustomStringConvertible {
  var description: String
}

/// Runs a reactor until it is stopped, and not longer than some time.
private func run(_ reactor: Reactor, atMost limit: Duration) throws {
  var isLate = false
  try reactor.callLater(limit) {
    isLate = true
    try reactor.stop()
  }
  try reactor.run()
  if isLate { throw Failure(description: "not done after \(limit)") }
}

private func say(_ line: String) {
  print(line)
  fflush(nil)
}

struct EchoServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "echo-server",
    abstract: "Prints its port, echoes until as many connections came and went, and prints how many were open at once."
  )

  @Option(help: "What waits for descriptors.") var reactor = BackEnd.epoll
  @Option(help: "How many connections to wait for.") var connections = 10_000

  func run() throws {
    try ThisProcess.needDescriptors(connections + 64)
    let loop = try Reactor(reactor)
    let server = EchoServer()
    server.onLost = { [connections] server in
      if server.open == 0, server.accepted >= connections { try? loop.stop() }
    }
    let port = try loop.listenTCP(port: 0, factory: server, backlog: 1024, interface: "127.0.0.1")
    say("\(try port.getHost().port ?? 0)")
    try soak_reactor.run(loop, atMost: .seconds(300))
    say("server: \(server.accepted) connections, \(server.most) at once, \(server.received) bytes")
    guard server.most == connections else { throw Failure(description: "expected \(connections) at once") }
  }
}

struct EchoClientsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "echo-clients",
    abstract: "Connects many times, sends messages of each connection's own, and checks each byte that comes back.")

  @Argument(help: "The server's port on 127.0.0.1.") var port: Int
  @Option(help: "What waits for descriptors.") var reactor = BackEnd.epoll
  @Option(help: "How many connections.") var connections = 10_000
  @Option(help: "How many messages on each.") var rounds = 5

  func run() throws {
    try ThisProcess.needDescriptors(connections + 64)
    let loop = try Reactor(reactor)
    let clients = EchoClients(loop, connections: connections, rounds: rounds, host: "127.0.0.1", port: port)
    clients.onEnd = { _ in try? loop.stop() }
    try clients.start()
    try soak_reactor.run(loop, atMost: .seconds(300))
    let outcome = clients.outcome
    say(
      "clients: \(outcome.connections) connections, \(outcome.messages) messages echoed, \(outcome.bytes) bytes, "
        + "\(outcome.wrong) wrong, \(outcome.lost) connections lost")
    guard (outcome.wrong, outcome.lost, outcome.messages) == (0, 0, connections * rounds) else {
      throw Failure(description: "expected \(connections * rounds) messages and no loss")
    }
  }
}

struct SlowReaderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slow-reader",
    abstract: "Writers with a producer and readers that take little at a time: how much waits in a writer's buffer.")

  @Option(help: "What waits for descriptors.") var reactor = BackEnd.epoll
  @Option(help: "How many writers.") var connections = 100
  @Option(help: "How much each writes, in bytes.") var total = 4 << 20

  /// What a writer's buffer may hold, in bytes.
  static let limit = 256 << 10

  func run() throws {
    for feed in SlowReaders.Feed.allCases {
      for chunk in [1_000, 16_384, 65_536] {
        let io = SlowReaders.Metered(SystemIO())
        let loop = try Reactor(reactor, io: io)
        let readers = SlowReaders(
          loop, io, feed: feed, connections: connections, chunk: chunk, total: feed == .push ? total : total / 16
        ) {
          try? loop.stop()
        }
        _ = try readers.start(host: "127.0.0.1")
        try soak_reactor.run(loop, atMost: .seconds(300))
        let outcome = readers.outcome
        say(
          "\(reactor.rawValue), \(feed.rawValue) producer, chunks of \(chunk): \(outcome.delivered) bytes delivered, "
            + "\(outcome.wrong) wrong, \(outcome.pauses) pauses, at most \(outcome.mostWaiting) waiting in a buffer")
        let expected = connections * (feed == .push ? total : total / 16)
        guard outcome.delivered == expected, outcome.wrong == 0, outcome.mostWaiting < Self.limit else {
          throw Failure(description: "expected \(expected) bytes, and less than \(Self.limit) waiting")
        }
      }
    }
  }
}

struct LossesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "losses",
    abstract: "Opens connections and loses them in every way; as much is open and alive afterwards as before.")

  @Option(help: "What waits for descriptors.") var reactor = BackEnd.epoll
  @Option(help: "How many connections, about.") var connections = 100_000

  /// How many bytes a process may grow by after the first tenth of the rounds: some pages of the allocator's.
  private static let growth = 1 << 20

  func run() throws {
    let (each, eachStopped) = (20, 5)
    let perRound = Loss.all.map { $0.isLeftToStop ? eachStopped : each }.reduce(0, +)
    let rounds = max(10, (connections + perRound - 1) / perRound)
    try ThisProcess.needDescriptors(2 * perRound + 256)
    let losses = Losses(reactor, makeIO: { SystemIO() }, openDescriptors: { _ in try ThisProcess.descriptors() })
    let before = try ThisProcess.descriptors()
    var settled = 0
    try losses.whileRunning(rounds: rounds, each: each) { round in
      if round + 1 == rounds / 10 { settled = try ThisProcess.memory() }
    }
    let grown = try ThisProcess.memory() - settled
    for _ in 0..<rounds { try losses.byStopping(each: eachStopped) }
    for loss in Loss.all {
      say(
        "\(loss.way.rawValue.padded(to: 34)) \(loss.side.rawValue.padded(to: 7)) "
          + "\(losses.opened[loss] ?? 0): \(losses.tallies[loss] ?? Tally())")
    }
    let after = try ThisProcess.descriptors()
    say(
      "\(reactor.rawValue): \(losses.total) connections and attempts; descriptors \(before) before, \(after) after; "
        + "no object left; memory \(grown / 1024) KiB more than after the first tenth")
    guard after == before else { throw Failure(description: "descriptors were left open") }
    guard grown <= Self.growth else { throw Failure(description: "the memory grew by more than \(Self.growth) bytes") }
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
