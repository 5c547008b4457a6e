import ArgumentParser
import Conformance

/// `trace-replay corpus`: what there is to say about many traces at once.
struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus", abstract: "Says what a corpus of traces holds.", subcommands: [Cover.self])

  /// `trace-replay corpus cover`: what traces cover of the interface and of the rules.
  struct Cover: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Says what traces cover of the interface, and which rules of behaviour they show.",
      discussion: """
        For each member of the interface: each outcome, what it happened inside of, and in how many traces. Then, with a \
        rules.yaml beside the traces, each rule with the traces that show it. A witness that is not what the catalogue says is \
        named with file, rule and field, and the exit status is 1.

        Examples:
          trace-replay corpus cover Traces
          trace-replay corpus cover Traces --json
          trace-replay corpus cover Traces --markdown > docs/coverage.md
        """)

    @Argument(help: "Traces: files, folders and patterns.", completion: .file(extensions: ["yaml"]))
    var paths: [String] = ["Traces"]

    @Option(help: "The catalogue of rules. Default: the rules.yaml nearest above the first trace.")
    var rules: String?

    @Flag(help: "Print JSON, with the names of the traces.")
    var json = false

    @Flag(help: "Print the page docs/coverage.md.")
    var markdown = false

    func validate() throws {
      if json, markdown { throw ValidationError("--json and --markdown exclude each other") }
    }

    func run() throws {
      let files = try Selection.traces(named: paths)
      var coverage = Coverage()
      let catalogue: RuleCatalogue?
      do throws(TraceError) {
        for file in files {
          let trace = try Recording(TraceFile(path: file))
          coverage.add(trace, named: trace.title)
        }
        catalogue = if let rules { try RuleCatalogue(path: rules) } else { try RuleCatalogue.above(files) }
      } catch {
        Console.complain(Terminal.escaped("\(error)"))
        throw ExitStatus.unreadable
      }
      let report = CoverageReport(coverage, catalogue)
      if json {
        Console.print(report.json.text)
      } else if markdown {
        Console.print(String(report.markdown.dropLast()))
      } else {
        for line in report.text { Console.print(line) }
      }
      let faults = catalogue?.faults() ?? []
      for fault in faults { Console.complain(Terminal.escaped("\(fault)")) }
      if !faults.isEmpty { throw ExitStatus.diverges }
    }
  }
}
