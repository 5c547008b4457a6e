import Glibc
import Pair

/// What a check is to do.
public struct CheckOptions: Sendable {
  /// The back ends, by name.
  public var backEnds: [String]
  /// How often to replay each trace.
  public var rounds: Int
  /// The seeds by which what one poll finds is shuffled, a replay each; empty for one replay without.
  public var shuffleSeeds: [UInt64]
  /// How long one replay may take, in seconds.
  public var timeout: Double
  /// Whether to keep every core loaded meanwhile.
  public var isBusy: Bool
  /// What replays of reactors run on.
  public var world: ReplayWorld
  /// What of a recording of tunnels is under test.
  public var part: ReplayPart
  /// How closely the layers of tunnels follow Twisted.
  public var profile: PairProfile
  /// The program to start as a worker, with the argument `worker`.
  public var executable: String

  /// Makes options.
  ///
  /// - Parameters:
  ///   - backEnds: The back ends, by name.
  ///   - rounds: How often to replay each trace.
  ///   - shuffleSeeds: The seeds of the shuffles.
  ///   - timeout: How long one replay may take, in seconds.
  ///   - isBusy: Whether to keep every core loaded.
  ///   - world: What replays of reactors run on.
  ///   - part: What of a recording of tunnels is under test.
  ///   - profile: How closely the layers of tunnels follow Twisted.
  ///   - executable: The program to start as a worker.
  public init(
    backEnds: [String], rounds: Int = 1, shuffleSeeds: [UInt64] = [], timeout: Double = 20, isBusy: Bool = false,
    world: ReplayWorld = .system, part: ReplayPart = .whole, profile: PairProfile = .twistedCompatible,
    executable: String
  ) {
    self.backEnds = backEnds
    self.rounds = rounds
    self.shuffleSeeds = shuffleSeeds
    self.timeout = timeout
    self.isBusy = isBusy
    self.world = world
    self.part = part
    self.profile = profile
    self.executable = executable
  }
}

/// How far a check is.
public struct CheckProgress: Hashable, Sendable {
  /// How many replays are done.
  public var done: Int
  /// How many there are.
  public var total: Int
  /// How many of them failed.
  public var failures: Int
  /// The file that is replayed now.
  public var current: String
}

/// What a check tells while it runs.
public enum CheckEvent: Sendable {
  /// It goes on.
  case progress(CheckProgress)
  /// A trace is done on one back end: its first failure, or its last agreement of as many replays as there were.
  case result(CaseResult)
}

/// Replays traces in worker processes and judges what happens.
public struct Checker {
  private let options: CheckOptions
  private var kept: KeptDivergences

  /// Prepares a check.
  ///
  /// - Parameters:
  ///   - options: What to do.
  ///   - kept: The divergences that are kept on purpose.
  public init(options: CheckOptions, kept: KeptDivergences = KeptDivergences()) {
    self.options = options
    self.kept = kept
  }

  /// Replays every trace on every back end, as often as the options say.
  ///
  /// - Parameters:
  ///   - files: The traces' paths.
  ///   - isInterrupted: Asked before each replay; the rest is then left out.
  ///   - tell: Told of each step.
  /// - Returns: The counts of all replays that were made.
  /// - Throws: ``WorkerError`` when a worker cannot be started.
  public mutating func run(
    _ files: [String], isInterrupted: () -> Bool = { false }, tell: (CheckEvent) -> Void
  ) throws(WorkerError) -> CheckSummary {
    let began = TraceRecorder.monotonicNanoseconds()
    var spinners: [WorkerProcess] = []
    if options.isBusy {
      for _ in 0..<max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
        spinners.append(try WorkerProcess(executable: options.executable, arguments: ["spin"]))
      }
    }
    let seeds: [UInt64?] = options.shuffleSeeds.isEmpty ? [nil] : options.shuffleSeeds
    var summary = CheckSummary()
    summary.traces = files.count
    var progress = CheckProgress(
      done: 0, total: files.count * options.backEnds.count * options.rounds * seeds.count, failures: 0, current: "")
    var names: Set<String> = []
    for backEnd in options.backEnds {
      var client = ReplayClient(executable: options.executable, backEnd: backEnd)
      for file in files {
        var shown: CaseResult?
        var failures = 0
        replays: for round in 1...options.rounds {
          for seed in seeds {
            if isInterrupted() { break replays }
            progress.current = "\(file) [\(backEnd)]"
            tell(.progress(progress))
            var result = try client.replay(
              file, shuffleSeed: seed, timeout: options.timeout,
              [
                "io": .string(options.world.rawValue), "part": .string(options.part.rawValue),
                "profile": .string(options.profile.rawValue),
              ]
            ).result
            result.round = round
            result.profile = options.profile
            result = kept.apply(to: result)
            names.insert(result.name)
            summary.add(result)
            progress.done += 1
            if result.verdict.isFailure {
              failures += 1
              progress.failures += 1
            }
            if shown?.verdict.isFailure != true { shown = result }
            // What cannot be read or run here is no different the next time.
            switch result.verdict {
            case .unreadable, .notRun: break replays
            default: break
            }
          }
        }
        if let shown { tell(.result(shown)) }
      }
    }
    withExtendedLifetime(spinners) {}
    summary.keptFaults = isInterrupted() ? [] : kept.faults(afterRunning: files, names: names)
    summary.seconds = Double(TraceRecorder.monotonicNanoseconds() - began) / 1e9
    return summary
  }
}
