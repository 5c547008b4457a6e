import ArgumentParser
import Conformance
import Pair

/// `trace-replay check`: replays traces on the Swift reactor and judges what happens.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replays traces on the Swift reactor and judges what happens.",
    discussion: """
      Each trace is replayed in a process of its own kind, in a network namespace where the system allows one. What happens \
      is recorded and compared with the trace; a divergence is told with the events around it. Divergences that \
      kept.yaml allows, looked for beside the traces and above them, are counted as kept.

      Examples:
        trace-replay check Traces
        trace-replay check Traces --reactor all --repeat 20 --busy
        trace-replay check a.yaml b.yaml --shuffle 3,5 --json
      """)

  @Argument(help: "Traces: files, folders and patterns.", completion: .file(extensions: ["yaml"]))
  var paths: [String]

  @Option(help: ArgumentHelp("The back end: epoll, poll or all.", valueName: "name"))
  var reactor: ReactorChoice = .epoll

  @Option(name: .customLong("repeat"), help: ArgumentHelp("How often to replay each trace.", valueName: "times"))
  var rounds: Int = 1

  @Flag(help: "Keep every core loaded meanwhile.")
  var busy = false

  @Option(help: ArgumentHelp("Shuffle what one poll reports: seeds such as 1..20 or 3,5.", valueName: "seeds"))
  var shuffle: ShuffleSeeds?

  @Option(help: ArgumentHelp("How long one replay may take, in seconds.", valueName: "seconds"))
  var timeout: Double = 20

  @Option(
    help: ArgumentHelp(
      "What reactors run on: the system's sockets, or sockets in memory, where waiting takes no time.",
      valueName: "name"))
  var io: ReplayWorld = .system

  @Option(
    help: ArgumentHelp(
      "Of traces of tunnels: whole, the port alone with recorded I/O results, or the I/O system alone.",
      valueName: "part"))
  var part: ReplayPart = .whole

  @Option(
    help: ArgumentHelp(
      "How the layers of tunnels behave: twisted-compatible, or correct, whose every difference is in kept.yaml.",
      valueName: "profile"))
  var profile: PairProfile = .twistedCompatible

  @Option(help: ArgumentHelp("The list of kept divergences, if not kept.yaml.", valueName: "file"))
  var kept: String?

  @Flag(help: "Print JSON, one result a line and the summary last.")
  var json = false

  func validate() throws {
    if rounds < 1 || rounds > 1_000_000 { throw ValidationError("--repeat: expected 1 to 1000000, found \(rounds)") }
    if !(timeout > 0 && timeout <= 86_400) {
      throw ValidationError("--timeout: expected more than 0 and at most 86400 seconds, found \(timeout)")
    }
  }

  func run() throws {
    guard let executable = Console.executable else {
      Console.complain("trace-replay: cannot find its own program to start workers with")
      throw ExitStatus.couldNotRun
    }
    let files = try Selection.traces(named: paths)
    let options = CheckOptions(
      backEnds: reactor.backEnds, rounds: rounds, shuffleSeeds: shuffle?.seeds ?? [], timeout: timeout, isBusy: busy,
      world: io, part: part, profile: profile, executable: executable)
    let list = try Selection.kept(for: files, named: kept)

    let report = TextReport(palette: Console.palette)
    var progress = ProgressLine()
    var checker = Checker(options: options, kept: list)
    let summary: CheckSummary
    do {
      Interrupt.catchNext()
      summary = try checker.run(files, isInterrupted: { Interrupt.isRequested }) { event in
        switch event {
        case .progress(let state): progress.show(state)
        case .result(let result):
          progress.clear()
          if json {
            Console.print(result.json.text)
          } else {
            Console.print(report.line(result))
            for line in report.details(result) { Console.print(line) }
          }
        }
      }
    } catch {
      progress.clear()
      Console.complain(Terminal.escaped("\(error)"))
      throw ExitStatus.couldNotRun
    }
    progress.clear()
    if json { Console.print(summary.json.text) } else { for line in summary.lines { Console.print(line) } }
    if Interrupt.isRequested { throw ExitStatus.interrupted }
    if summary.hasUnreadable { throw ExitStatus.unreadable }
    if summary.isFailure { throw ExitStatus.diverges }
    if summary.judgedNothing { throw ExitStatus.couldNotRun }
  }
}

/// The back ends that `--reactor` names.
enum ReactorChoice: String, ExpressibleByArgument, CaseIterable {
  case epoll
  case poll
  case all

  var backEnds: [String] {
    self == .all ? ["epoll", "poll"] : [rawValue]
  }
}

extension ReplayWorld: ExpressibleByArgument {}

extension ReplayPart: ExpressibleByArgument {}

extension PairProfile: ExpressibleByArgument {}

/// The seeds that `--shuffle` names: `7`, `3,5` or `1..20`.
struct ShuffleSeeds: ExpressibleByArgument {
  let seeds: [UInt64]

  init?(argument: String) {
    var seeds: [UInt64] = []
    for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
      if let range = part.firstRange(of: "..") {
        guard let first = UInt64(part[..<range.lowerBound]), let last = UInt64(part[range.upperBound...]),
          first <= last, last - first < 1_000_000
        else { return nil }
        seeds += Array(first...last)
      } else {
        guard let seed = UInt64(part) else { return nil }
        seeds.append(seed)
      }
    }
    self.seeds = seeds
  }
}

/// What the arguments of a command select.
enum Selection {
  /// The trace files that the arguments name; complains and leaves when there are none.
  static func traces(named paths: [String]) throws(ExitStatus) -> [String] {
    do {
      return try Corpus.traces(named: paths)
    } catch {
      Console.complain("trace-replay: \(Terminal.escaped("\(error)"))")
      if case .noSuchFile = error { throw .unreadable }
      throw .usage
    }
  }

  /// The list of kept divergences, that which is named or that of the traces; complains and leaves when it cannot be read.
  static func kept(for files: [String], named path: String?) throws(ExitStatus) -> KeptDivergences {
    do {
      return try KeptDivergences.forTraces(files, named: path)
    } catch {
      Console.complain(Terminal.escaped("\(error)"))
      throw .unreadable
    }
  }
}
