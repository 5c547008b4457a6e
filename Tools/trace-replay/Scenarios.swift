import ArgumentParser
import Conformance
import Foundation
import Reactor

/// `trace-replay scenarios`: runs the suite of Twisted's TCP clients as Swift programs, and records it.
struct Scenarios: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs Twisted's TCP client suite as Swift programs, and records each.",
    discussion: """
      The scenarios make the same calls in the same order as the original tests, so that a recording of one compares equal \
      with the trace of the other. They run in a network namespace, which takes the privilege to make one.

      Example:
        trace-replay scenarios --reactor all --output recorded
        trace-replay compare Traces/twisted-26.10.0/test_tcp/TCP4Client/connectEvent.yaml \
      recorded/epoll/TCP4Client/connectEvent.yaml
      """)

  @Option(help: ArgumentHelp("The back end: epoll, poll or all.", valueName: "name"))
  var reactor: ReactorChoice = .all

  @Option(name: .shortAndLong, help: ArgumentHelp("Record into this folder.", valueName: "folder"))
  var output: String?

  @Flag(help: "Write what crossed the connections beside each recording, as packet captures.")
  var pcap = false

  func validate() throws {
    guard !pcap || output != nil else { throw ValidationError("--pcap needs --output.") }
  }

  func run() throws {
    let cases: [ReactorCase]
    do {
      cases = try ReactorCase.suiteInOwnNetwork(on: reactor.backEnds.compactMap(BackEnd.init(rawValue:)))
    } catch {
      Console.complain("trace-replay: there is no network namespace to run in: \(error)")
      throw ExitStatus.couldNotRun
    }
    var failures = 0
    for reactorCase in cases {
      do {
        try run(reactorCase)
        Console.print("✓ \(reactorCase)")
      } catch {
        failures += 1
        Console.print("✗ \(reactorCase): \(Terminal.escaped("\(error)"))")
      }
    }
    Console.print("\(cases.count) scenarios: \(cases.count - failures) passed, \(failures) failed")
    if failures > 0 { throw ExitStatus.diverges }
  }

  private func run(_ reactorCase: ReactorCase) throws {
    guard let output else { return try reactorCase.run() }
    let file = URL(filePath: output).appending(path: "\(reactorCase.backEnd)/\(reactorCase.corpusName).yaml")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try reactorCase.record(to: file.path, started: Date().formatted(.iso8601))
    if pcap { _ = try CapturedTrace(file.path).writeCaptures(to: file.deletingPathExtension().path) }
  }
}
