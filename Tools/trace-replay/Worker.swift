import ArgumentParser
import Conformance

/// `trace-replay worker`: replays the cases that its parent asks for, a line each; for `check`.
struct Worker: ParsableCommand {
  static let configuration = CommandConfiguration(shouldDisplay: false)

  @Option(help: "The back end.")
  var reactor: String

  func run() throws {
    guard let worker = ReplayWorker(backEnd: reactor) else { throw ExitStatus.usage }
    worker.serve()
  }
}
