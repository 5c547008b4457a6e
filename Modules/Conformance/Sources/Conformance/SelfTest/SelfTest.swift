import Glibc
import Reactor

/// What a self-test is to do.
public struct SelfTestOptions: Sendable {
  /// The back ends, by name.
  ///
  /// Traces of tunnels need none: they are judged once.
  public var backEnds: [String]
  /// How many mutants of each captured trace are replayed as well.
  public var livePerTrace: Int
  /// The seed by which those are chosen.
  public var seed: UInt64
  /// How long one replay may take, in seconds.
  public var timeout: Double
  /// Which mutants to make.
  public var selection: MutantSelection
  /// How many workers there are at a time.
  public var workers: Int
  /// The program to start as a worker, with the argument `worker`.
  public var executable: String

  /// Makes options.
  ///
  /// - Parameters:
  ///   - backEnds: The back ends, by name.
  ///   - livePerTrace: How many mutants of each captured trace are replayed as well.
  ///   - seed: The seed by which those are chosen.
  ///   - timeout: How long one replay may take, in seconds.
  ///   - selection: Which mutants to make.
  ///   - workers: How many workers there are at a time; nil for four a processor: a replay that waits for what never comes
  ///     costs time and no work.
  ///   - executable: The program to start as a worker.
  public init(
    backEnds: [String], livePerTrace: Int = 2, seed: UInt64 = 1, timeout: Double = 1,
    selection: MutantSelection = MutantSelection(), workers: Int? = nil, executable: String
  ) {
    self.backEnds = backEnds
    self.livePerTrace = livePerTrace
    self.seed = seed
    self.timeout = timeout
    self.selection = selection
    self.workers = workers ?? 4 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    self.executable = executable
  }
}

/// Proves that the judge can fail.
///
/// It alters traces, and has each altered one judge what the Swift reactor did with the unaltered one. A few of each are
/// replayed as well.
public struct SelfTest: Sendable {
  /// One trace on its back ends.
  struct Job: Sendable {
    let file: String
    let backEnds: [String]
  }

  private let options: SelfTestOptions
  private let kept: KeptDivergences

  /// Prepares a self-test.
  ///
  /// - Parameters:
  ///   - options: What to do.
  ///   - kept: The divergences that are kept on purpose: of a trace that has one no run is captured.
  public init(options: SelfTestOptions, kept: KeptDivergences = KeptDivergences()) {
    self.options = options
    self.kept = kept
  }

  /// Tests the judge with every trace on every back end.
  ///
  /// - Parameters:
  ///   - files: The traces' paths.
  ///   - isInterrupted: Asked before each trace, on any thread; the rest is then left out.
  ///   - tell: Told of each step, by one thread at a time.
  /// - Returns: What became of all the mutants.
  /// - Throws: ``WorkerError`` when a worker cannot be started.
  public func run(
    _ files: [String], isInterrupted: @escaping @Sendable () -> Bool = { false },
    tell: @escaping @Sendable (CheckProgress) -> Void = { _ in }
  ) throws(WorkerError) -> SelfTestReport {
    let began = TraceRecorder.monotonicNanoseconds()
    let queue = Queue(jobs(files), tell: tell)
    let work: @Sendable () -> Void = { [self] in
      var clients = options.backEnds.map { ReplayClient(executable: options.executable, backEnd: $0) }
      while !isInterrupted(), let (place, job) = queue.next() {
        do throws(WorkerError) {
          queue.done(place, try test(job, with: &clients))
        } catch {
          queue.fail(error)
        }
      }
    }
    let threads = (1..<max(1, options.workers)).compactMap { _ in Thread(work) }
    work()
    for thread in threads { thread.join() }
    if let error = queue.error { throw error }
    var kept = kept
    let cases = queue.cases.map { test in
      var test = test
      test.captured = kept.apply(to: test.captured)
      return test
    }
    return SelfTestReport(
      traces: files.count, cases: cases, seconds: Double(TraceRecorder.monotonicNanoseconds() - began) / 1e9)
  }

  private func jobs(_ files: [String]) -> [Job] {
    files.map { file in
      let isStrict = (try? TraceReader(path: file))?.header.features.contains("pair") ?? false
      return Job(file: file, backEnds: Array(options.backEnds.prefix(isStrict ? 1 : options.backEnds.count)))
    }
  }

  /// Captures runs, has the mutants judged by them, and replays a few.
  private func test(_ job: Job, with clients: inout [ReplayClient]) throws(WorkerError) -> [SelfTestCase] {
    // What is captured may take its time: it is no altered trace that waits for what never comes.
    let (result, answer) = try clients[0].replay(
      job.file, timeout: 20,
      ["mutants": options.selection.json, "reactors": .array(job.backEnds.map { .string($0) })])
    let captures = answer?["captures"]?.array ?? []
    var cases: [SelfTestCase] = []
    for (place, backEnd) in job.backEnds.enumerated() {
      let capture = captures.indices.contains(place) ? captures[place] : .null
      var found = SelfTestCase(
        file: job.file, backEnd: backEnd, captured: capture["result"].flatMap(CaseResult.init(json:)) ?? result,
        verdicts: capture["mutants"].flatMap(MutantVerdicts.init(json:)))
      found.live = try replayed(found, with: &clients[place])
      cases.append(found)
    }
    return cases
  }

  /// Replays a few of the mutants that the captured run told apart.
  private func replayed(
    _ test: SelfTestCase, with client: inout ReplayClient
  ) throws(WorkerError) -> [SelfTestCase.Live] {
    var generator = SeededGenerator(seed: options.seed ^ Self.hash(test.captured.name))
    var found: [SelfTestCase.Live] = []
    for mutant in (test.verdicts?.replayable ?? []).shuffled(using: &generator) {
      guard found.count < options.livePerTrace else { break }
      let (replayed, _) = try client.replay(test.file, timeout: options.timeout, ["mutant": .int(mutant.index)])
      switch replayed.verdict {
      // What refers to something that is gone is no trace, and what asks for another machine is for another machine.
      case .unreadable, .notRun: continue
      default: found.append(SelfTestCase.Live(mutant: mutant, verdict: replayed.verdict))
      }
    }
    return found
  }

  /// FNV-1a: the choice in one trace does not depend on the others.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// The jobs, handed out to threads, and what came of them.
  private final class Queue: @unchecked Sendable {
    // Everything that changes is used inside the lock.
    private let lock = RecursiveLock()
    private let jobs: [Job]
    private let tell: @Sendable (CheckProgress) -> Void
    private var place = 0
    private var found: [Int: [SelfTestCase]] = [:]
    private var failure: WorkerError?

    init(_ jobs: [Job], tell: @escaping @Sendable (CheckProgress) -> Void) {
      self.jobs = jobs
      self.tell = tell
    }

    func next() -> (place: Int, job: Job)? {
      lock.locked {
        guard failure == nil, place < jobs.count else { return nil }
        defer { place += 1 }
        let job = jobs[place]
        let failures = found.values.count { $0.contains(where: \.isFailure) }
        tell(CheckProgress(done: found.count, total: jobs.count, failures: failures, current: job.file))
        return (place, job)
      }
    }

    func done(_ place: Int, _ found: [SelfTestCase]) { lock.locked { self.found[place] = found } }

    func fail(_ error: WorkerError) { lock.locked { failure = failure ?? error } }

    var error: WorkerError? { lock.locked { failure } }

    /// What came of the jobs, in their order.
    var cases: [SelfTestCase] { lock.locked { found.sorted { $0.key < $1.key }.flatMap(\.value) } }
  }
}
