/// The counts of a whole run.
public struct CheckSummary: Hashable, Sendable {
  /// How many traces were judged.
  public var traces = 0
  /// How many results there are by verdict, by the words of ``Verdict/word``.
  public var verdicts: [String: Int] = [:]
  /// How many recorded events were met.
  public var consumed = 0
  /// How many there are.
  public var expected = 0
  /// The freedoms that agreement needed, by name, with how often each was used.
  public var freedoms: [String: Int] = [:]
  /// What is wrong with the list of kept divergences, a sentence each.
  public var keptFaults: [String] = []
  /// How long it took, in seconds of the clock on the wall.
  public var seconds: Double = 0
  /// How long all replays were inside the reactor's `run`, in seconds.
  public var secondsInRun: Double = 0

  /// The verdicts in the order in which reports give them.
  private static let order = ["agrees", "kept", "diverged", "crashed", "hung", "not run here", "unreadable"]

  /// Makes an empty summary.
  public init() {}

  /// Counts a result in.
  ///
  /// - Parameter result: The result.
  public mutating func add(_ result: CaseResult) {
    verdicts[result.verdict.word, default: 0] += 1
    consumed += result.consumed
    expected += result.expected
    secondsInRun += result.secondsInRun
    for (freedom, count) in result.freedoms { freedoms[freedom, default: 0] += count }
  }

  /// How many results there are.
  public var results: Int { verdicts.values.reduce(0, +) }

  /// Whether the run fails: something differs, crashed or hung, or the list of kept divergences is wrong.
  public var isFailure: Bool {
    !keptFaults.isEmpty || ["diverged", "crashed", "hung"].contains { verdicts[$0, default: 0] > 0 }
  }

  /// Whether nothing was judged at all, because nothing could be run here.
  public var judgedNothing: Bool { verdicts["not run here", default: 0] == results }

  /// Whether a trace could not be read.
  public var hasUnreadable: Bool { verdicts["unreadable", default: 0] > 0 }

  /// The summary for people: one line with every count, and one for each fault of the list of kept divergences.
  public var lines: [String] {
    let counts = Self.order.map { "\(verdicts[$0, default: 0]) \($0)" }.joined(separator: ", ")
    let used = freedoms.isEmpty ? "none" : TextReport.freedoms(freedoms)
    return keptFaults.map { "kept.yaml: \(Terminal.escaped($0))" } + [
      "\(traces) traces, \(results) runs: \(counts); events \(consumed)/\(expected); freedoms used: \(used); "
        + "\(TextReport.seconds(seconds)), \(TextReport.seconds(secondsInRun)) of it inside run"
    ]
  }

  /// The summary as JSON.
  public var json: JSON {
    JSON([
      "summary": JSON([
        "traces": .int(traces), "runs": .int(results),
        "verdicts": .object(Self.order.map { JSONMember(name: $0, value: .int(verdicts[$0, default: 0])) }),
        "consumed": .int(consumed), "expected": .int(expected),
        "freedoms": .object(
          freedoms.sorted { $0.key < $1.key }.map { JSONMember(name: $0.key, value: .int($0.value)) }),
        "keptFaults": .array(keptFaults.map { .string($0) }), "seconds": .double(seconds),
        "secondsInRun": .double(secondsInRun),
      ])
    ])
  }
}
