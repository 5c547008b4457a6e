import Glibc
import Pair
import Reactor

/// The worker's side of the conversation: replays what it is asked to, one case after the other, in a network of its own.
public struct ReplayWorker {
  private let backEnd: BackEnd
  private let network: NetworkNamespace?
  private let networkRefusal: String?

  /// Prepares this process for replays; call it before there is a second thread.
  ///
  /// It fails where there is no such back end.
  ///
  /// - Parameter backEnd: The back end's name.
  public init?(backEnd: String) {
    guard let backEnd = BackEnd(rawValue: backEnd) else { return nil }
    self.backEnd = backEnd
    do throws(NetworkNamespaceError) {
      network = try NetworkNamespace.enter()
      networkRefusal = nil
    } catch {
      network = nil
      networkRefusal = "\(error)"
    }
  }

  /// Answers requests from the standard input until it ends.
  public func serve() {
    while let line = readLine() {
      let answer: JSON
      if let request = try? JSON(parsing: line), let file = request["file"]?.string {
        let before = Self.openDescriptors()
        let results = replay(file, request)
        let left = Self.openDescriptors().subtracting(before)
        answer = .object(results + (JSON(["reusable": .bool(left.isEmpty)]).members ?? []))
      } else {
        answer = JSON(["fault": "the request is no JSON object with a file"])
      }
      Self.answer(answer.text)
    }
  }

  /// Replays a trace as the request says: once, or on several back ends to have its mutants judged by what happens.
  private func replay(_ file: String, _ request: JSON) -> [JSONMember] {
    guard let selection = request["mutants"].flatMap(MutantSelection.init(json:)) else {
      return JSON(["result": replay(file, request, on: backEnd).json]).members ?? []
    }
    let backEnds = request["reactors"]?.array?.compactMap { $0.string.flatMap(BackEnd.init(rawValue:)) } ?? [backEnd]
    var captured: [(place: Int, trace: TraceFile, run: CapturedRun)] = []
    var results: [CaseResult] = []
    for (place, backEnd) in backEnds.enumerated() {
      results.append(replay(file, request, on: backEnd) { captured.append((place, $0, $1)) })
    }
    var mutants: [Int: JSON] = [:]
    if let trace = captured.first?.trace {
      do {
        let verdicts = try MutantVerdicts.all(of: trace, by: captured.map(\.run), selection) {
          Self.answer(WorkerProcess.ready)
        }
        for (run, verdicts) in zip(captured, verdicts) { mutants[run.place] = verdicts.json }
      } catch {
        for run in captured { results[run.place].verdict = .crashed("\(error)", open: []) }
      }
    }
    let captures = results.enumerated().map { place, result in
      JSON(["result": result.json, "mutants": mutants[place]])
    }
    return JSON(["result": results.first?.json, "captures": .array(captures)]).members ?? []
  }

  private func replay(
    _ file: String, _ request: JSON, on backEnd: BackEnd, captured: ((TraceFile, CapturedRun) -> Void)? = nil
  ) -> CaseResult {
    let start = TraceRecorder.monotonicNanoseconds()
    var result = CaseReplay.run(
      file, on: backEnd, in: request["io"]?.string.flatMap(ReplayWorld.init(rawValue:)) ?? .system, network: network,
      shuffleSeed: request["shuffle"]?.string.flatMap { UInt64($0) },
      part: request["part"]?.string.flatMap(ReplayPart.init(rawValue:)) ?? .whole,
      profile: request["profile"]?.string.flatMap(PairProfile.init(rawValue:)) ?? .twistedCompatible,
      within: request["timeout"]?.double ?? 20, alteration: request["mutant"]?.int,
      into: ScratchSink(WorkerProcess.scratchDescriptor), captured: captured
    ) { Self.answer(WorkerProcess.ready) }
    if case .notRun(let reason) = result.verdict, let networkRefusal, reason.contains("network") {
      result.verdict = .notRun("\(reason) (\(networkRefusal))")
    }
    result.seconds = Double(TraceRecorder.monotonicNanoseconds() - start) / 1e9
    return result
  }

  private static func answer(_ text: String) {
    var rest = Array((text + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno != EINTR { return }
      rest = rest.dropFirst(max(0, count))
    }
  }

  /// The descriptors that the process has open.
  private static func openDescriptors() -> Set<Int32> {
    Set((0..<Int32(1024)).filter { fcntl($0, F_GETFD) >= 0 })
  }
}

/// Appends each event to a descriptor as it happens, so that it is there whatever happens next.
private final class ScratchSink: EventSink {
  private let descriptor: Int32

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  func take(_ event: TraceEvent) {
    guard let line = try? TraceEmitter.line(event) else { return }
    let bytes = line + [UInt8(ascii: "\n")]
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }
}
