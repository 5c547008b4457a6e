import ArgumentParser
import Conformance
import Synchronization

/// `trace-replay selftest`: proves that the judge can fail.
struct SelfTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest",
    abstract: "Proves that the judge can fail: no altered trace may agree.",
    discussion: """
      Each trace is replayed once a back end, and what happened is kept. Then the trace is altered in every place, one \
      alteration at a time, and each mutant is judged by what happened: it must diverge. The exceptions are proved by rule, and \
      named by the freedom or the rule that makes them equal. Some mutants of each trace are really replayed, of those that expect \
      something else of the system; what alters only the application's own doing makes another run, of which the trace may \
      be right.

      Exit status 1 when a mutant agrees and should not; each is told with a command that shows it again.

      Examples:
        trace-replay selftest Traces --reactor all
        trace-replay selftest a.yaml --kind dropped --event 12 --live 9
      """)

  @Argument(help: "Traces: files, folders and patterns.", completion: .file(extensions: ["yaml"]))
  var paths: [String]

  @Option(help: ArgumentHelp("The back end: epoll, poll or all.", valueName: "name"))
  var reactor: ReactorChoice = .epoll

  @Option(help: ArgumentHelp("How many mutants of each trace to replay as well.", valueName: "count"))
  var live: Int = 2

  @Option(help: ArgumentHelp("The seed by which those are chosen.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Only alterations of this kind; may be given several times.", valueName: "kind"))
  var kind: [Mutant.Kind] = []

  @Option(help: ArgumentHelp("Only alterations at this event.", valueName: "number"))
  var event: Int?

  @Option(help: ArgumentHelp("The list of kept divergences, if not kept.yaml.", valueName: "file"))
  var kept: String?

  @Option(help: ArgumentHelp("How long a replay of a mutant may take, in seconds.", valueName: "seconds"))
  var timeout: Double = 1

  @Flag(help: "List the mutants that change nothing.")
  var listEquivalent = false

  @Flag(help: "Print the table in Markdown.")
  var markdown = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    if live < 0 { throw ValidationError("--live: expected 0 or more, found \(live)") }
    if !(timeout > 0 && timeout <= 86_400) {
      throw ValidationError("--timeout: expected more than 0 and at most 86400 seconds, found \(timeout)")
    }
    if markdown, json { throw ValidationError("--markdown and --json exclude one another") }
  }

  func run() throws {
    guard let executable = Console.executable else {
      Console.complain("trace-replay: cannot find its own program to start workers with")
      throw ExitStatus.couldNotRun
    }
    let files = try Selection.traces(named: paths)
    let options = SelfTestOptions(
      backEnds: reactor.backEnds, livePerTrace: live, seed: seed, timeout: timeout,
      selection: MutantSelection(kinds: Set(kind.isEmpty ? Mutant.Kind.allCases : kind), event: event),
      executable: executable)
    let list = try Selection.kept(for: files, named: kept)
    let progress = SharedProgressLine()
    let report: SelfTestReport
    do {
      Interrupt.catchNext()
      report = try SelfTest(options: options, kept: list).run(files, isInterrupted: { Interrupt.isRequested }) {
        progress.show($0)
      }
    } catch {
      progress.clear()
      Console.complain(Terminal.escaped("\(error)"))
      throw ExitStatus.couldNotRun
    }
    progress.clear()
    show(report)
    if Interrupt.isRequested { throw ExitStatus.interrupted }
    if report.hasUnreadable { throw ExitStatus.unreadable }
    if report.isFailure { throw ExitStatus.diverges }
    if report.total.made == 0 { throw ExitStatus.couldNotRun }
  }

  private func show(_ report: SelfTestReport) {
    if json { return Console.print(report.json.text) }
    if listEquivalent { for line in report.equivalents { Console.print(line) } }
    if markdown { Console.print(report.markdown) } else { for line in report.lines { Console.print(line) } }
    for line in report.failures { Console.complain(line) }
  }
}

extension Mutant.Kind: ExpressibleByArgument {}

/// A line of progress that several threads show.
private final class SharedProgressLine: Sendable {
  private let line = Mutex(ProgressLine())

  func show(_ progress: CheckProgress) { line.withLock { $0.show(progress) } }

  func clear() { line.withLock { $0.clear() } }
}
