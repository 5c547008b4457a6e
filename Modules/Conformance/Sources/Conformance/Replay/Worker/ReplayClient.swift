/// Has workers of one back end replay one case after the other: a worker that cannot be asked again is replaced.
struct ReplayClient {
  private let executable: String
  private let backEnd: String
  private var worker: WorkerProcess?

  /// How long a worker has to say that a replay took too long, in seconds.
  private static let grace = 2.0

  init(executable: String, backEnd: String) {
    self.executable = executable
    self.backEnd = backEnd
  }

  /// One replay.
  ///
  /// - Parameters:
  ///   - file: The trace's path.
  ///   - shuffleSeed: The seed by which what one poll finds is shuffled.
  ///   - timeout: How long it may take, in seconds.
  ///   - details: What else is asked for.
  /// - Returns: The worker's result, or what became of the worker; and the whole answer, where there is one.
  /// - Throws: ``WorkerError`` when no worker can be started.
  mutating func replay(
    _ file: String, shuffleSeed: UInt64? = nil, timeout: Double, _ details: KeyValuePairs<String, JSON?> = [:]
  ) throws(WorkerError) -> (result: CaseResult, answer: JSON?) {
    let members = JSON([
      "file": .string(file), "shuffle": shuffleSeed.map { .string(String($0)) }, "timeout": .double(timeout),
    ])
    let request = JSON.object((members.members ?? []) + (JSON(details).members ?? []))
    let living: WorkerProcess
    if let worker {
      living = worker
    } else {
      living = try WorkerProcess(executable: executable, arguments: ["worker", "--reactor", backEnd])
    }
    worker = nil
    // A worker notices by itself that nothing happens any more; only what blocks it is noticed here.
    let reply = living.ask(request.text, within: timeout + Self.grace)
    var failed = CaseResult(
      file: file, name: Self.caseName(file), backEnd: backEnd, shuffleSeed: shuffleSeed,
      verdict: .hung(open: [], awaited: nil))
    switch reply {
    case .answered(let text):
      guard let answer = try? JSON(parsing: text), var result = answer["result"].flatMap(CaseResult.init(json:)) else {
        failed.verdict = .crashed("the worker's answer makes no sense: \(text.prefix(80))", open: [])
        return (failed, nil)
      }
      if case .hung(_, let awaited) = result.verdict {
        result.verdict = .hung(open: OpenCrossings.lines(living.recorded), awaited: awaited)
      }
      if answer["reusable"] == true { worker = living }
      return (result, answer)
    case .died(let death):
      let complaint = living.complaint
      let how = complaint.isEmpty ? "\(death)" : "\(death): \(complaint)"
      failed.verdict = .crashed(how, open: OpenCrossings.lines(living.recorded))
    case .silent:
      failed.verdict = .hung(open: OpenCrossings.lines(living.recorded), awaited: nil)
      failed.seconds = timeout
    }
    return (failed, nil)
  }

  private static func caseName(_ file: String) -> String {
    guard let reader = try? TraceReader(path: file) else { return file }
    return reader.header.caseName ?? file
  }
}
