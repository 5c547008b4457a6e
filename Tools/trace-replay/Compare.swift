import ArgumentParser
import Conformance

/// `trace-replay compare`: judges one recording against another; nothing is run.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Judges a recording against another by the rules of a replay; nothing is run.",
    discussion: """
      The first says what is right, the second is judged: two recordings of one program agree when only what the machine \
      decides differs between them.

      Example:
        trace-replay compare Traces/twisted-26.10.0/test_tcp/TCP4Client/connectEvent.yaml again.yaml
      """)

  @Argument(help: "The recording that says what is right.", completion: .file(extensions: ["yaml"]))
  var expected: String

  @Argument(help: "The recording that is judged.", completion: .file(extensions: ["yaml"]))
  var happened: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let result: CaseResult
    do {
      result = try RecordingComparison.run(expected: expected, happened: happened)
    } catch {
      Console.complain(Terminal.escaped("\(error)"))
      throw ExitStatus.unreadable
    }
    if json {
      Console.print(result.json.text)
    } else {
      let report = TextReport(palette: Console.palette)
      Console.print(report.line(result))
      for line in report.details(result, isReplay: false) { Console.print(line) }
    }
    if result.verdict.isFailure { throw ExitStatus.diverges }
  }
}
