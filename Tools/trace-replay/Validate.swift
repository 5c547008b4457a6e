import ArgumentParser
import Conformance

/// `trace-replay validate`: checks traces against the format.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks traces against the format.",
    discussion: """
      Each trace that breaks a rule gets one line with file, line and field, what was expected and what was found.

      Examples:
        trace-replay validate Traces
        trace-replay validate 'recorded/*.yaml' --json
      """)

  @Argument(help: "Traces: files, folders and patterns.", completion: .file(extensions: ["yaml"]))
  var paths: [String]

  @Flag(help: "Print JSON, a result a line and the summary last.")
  var json = false

  func run() throws {
    let files = try Selection.traces(named: paths)
    var events = 0
    var bad = 0
    for file in files {
      do throws(TraceError) {
        let count = try TraceValidator.validate(path: file)
        events += count
        if json { Console.print(JSON(["file": .string(file), "valid": true, "events": .int(count)]).text) }
      } catch {
        bad += 1
        if json {
          Console.print(Self.result(of: file, error).text)
        } else {
          Console.complain(Terminal.escaped("\(error)"))
        }
      }
    }
    if json {
      Console.print(
        JSON(["summary": JSON(["traces": .int(files.count), "invalid": .int(bad), "events": .int(events)])]).text)
    } else {
      Console.print("\(files.count) traces, \(files.count - bad) valid, \(bad) invalid; \(events) events")
    }
    if bad > 0 { throw ExitStatus.unreadable }
  }
  /// What is said of a trace that breaks a rule.
  static func result(of file: String, _ error: TraceError) -> JSON {
    JSON([
      "file": .string(file), "valid": false, "code": .string(error.code.rawValue), "line": .int(error.line),
      "column": .int(error.column), "field": .string(error.field), "expected": .string(error.expected),
      "found": .string(error.found),
    ])
  }
}
