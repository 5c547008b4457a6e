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
        let result = replay(
          file, in: request["io"]?.string.flatMap(ReplayWorld.init(rawValue:)) ?? .system,
          shuffleSeed: request["shuffle"]?.string.flatMap { UInt64($0) },
          part: request["part"]?.string.flatMap(ReplayPart.init(rawValue:)) ?? .whole,
          profile: request["profile"]?.string.flatMap(PairProfile.init(rawValue:)) ?? .twistedCompatible,
          within: request["timeout"]?.double ?? 20)
        let left = Self.openDescriptors().subtracting(before)
        answer = JSON(["result": result.json, "reusable": .bool(left.isEmpty)])
      } else {
        answer = JSON(["fault": "the request is no JSON object with a file"])
      }
      Self.answer(answer.text)
    }
  }

  private func replay(
    _ file: String, in world: ReplayWorld, shuffleSeed: UInt64?, part: ReplayPart, profile: PairProfile,
    within seconds: Double
  ) -> CaseResult {
    let start = TraceRecorder.monotonicNanoseconds()
    var result = CaseReplay.run(
      file, on: backEnd, in: world, network: network, shuffleSeed: shuffleSeed, part: part, profile: profile,
      within: seconds,
      into: ScratchSink(WorkerProcess.scratchDescriptor)
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
