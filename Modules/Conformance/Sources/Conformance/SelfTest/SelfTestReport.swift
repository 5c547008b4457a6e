/// What became of one trace on one back end.
struct SelfTestCase: Sendable {
  /// A mutant that was replayed.
  struct Live: Sendable {
    let mutant: MutantName
    let verdict: Verdict

    /// Whether the replay was told apart from the original.
    var isKilled: Bool {
      switch verdict {
      case .diverged, .hung: true
      case .agrees, .kept, .crashed, .notRun, .unreadable: false
      }
    }
  }

  let file: String
  let backEnd: String
  /// The run that was captured.
  var captured: CaseResult
  /// What became of the mutants that were judged by it.
  let verdicts: MutantVerdicts?
  /// The mutants that were replayed.
  var live: [Live] = []

  var isFailure: Bool {
    switch captured.verdict {
    case .notRun, .kept: return false
    default: break
    }
    return verdicts?.survived.isEmpty != true || live.contains { !$0.isKilled }
  }
}

/// What became of the mutants of many traces.
public struct SelfTestReport: Sendable {
  /// The counts of one kind of alteration.
  public struct Counts: Hashable, Sendable {
    /// How many mutants were made.
    public var made = 0
    /// How many change nothing, by the name of the freedom or rule.
    public var equivalent: [String: Int] = [:]
    /// How many agree and should not.
    public var survived = 0
    /// How many alter what the application does, and are not replayed.
    public var stimuli = 0
    /// How many were replayed.
    public var tried = 0
    /// How many of those failed, as they should.
    public var triedKilled = 0

    /// How many were noticed.
    public var killed: Int { made - survived - equivalent.values.reduce(0, +) }

    static func += (sum: inout Counts, other: Counts) {
      sum.made += other.made
      sum.equivalent.merge(other.equivalent, uniquingKeysWith: +)
      sum.survived += other.survived
      sum.stimuli += other.stimuli
      sum.tried += other.tried
      sum.triedKilled += other.triedKilled
    }
  }

  /// How many traces there were.
  public let traces: Int
  /// How long it took, in seconds.
  public let seconds: Double
  let cases: [SelfTestCase]

  init(traces: Int, cases: [SelfTestCase], seconds: Double) {
    (self.traces, self.cases, self.seconds) = (traces, cases, seconds)
  }

  /// The counts by kind, of kinds of which there are mutants.
  public var counts: [(kind: Mutant.Kind, counts: Counts)] {
    var found: [Mutant.Kind: Counts] = [:]
    for test in cases {
      guard let verdicts = test.verdicts else { continue }
      for (kind, made) in verdicts.made { found[kind, default: Counts()].made += made }
      for (kind, stimuli) in verdicts.stimuli { found[kind, default: Counts()].stimuli += stimuli }
      for mutant in verdicts.survived { found[mutant.kind, default: Counts()].survived += 1 }
      for mutant in verdicts.equivalent {
        found[mutant.kind, default: Counts()].equivalent[mutant.reason ?? "", default: 0] += 1
      }
      for live in test.live {
        found[live.mutant.kind, default: Counts()].tried += 1
        if live.isKilled { found[live.mutant.kind, default: Counts()].triedKilled += 1 }
      }
    }
    return Mutant.Kind.allCases.compactMap { kind in found[kind].map { (kind, $0) } }
  }

  /// The counts of all kinds together.
  public var total: Counts { counts.reduce(into: Counts()) { $0 += $1.counts } }

  /// How many runs were captured.
  public var captures: Int { cases.count { $0.verdicts != nil } }

  /// How many traces cannot be run here, on one back end each.
  public var notRun: Int {
    cases.count { if case .notRun = $0.captured.verdict { true } else { false } }
  }

  /// How many traces differ on purpose, on one back end each: no run of them is captured.
  public var kept: Int {
    cases.count { if case .kept = $0.captured.verdict { true } else { false } }
  }

  /// Whether an altered trace went unnoticed, or one could not be tested.
  public var isFailure: Bool { cases.contains(where: \.isFailure) }

  /// Whether a trace could not be read.
  public var hasUnreadable: Bool {
    cases.contains { if case .unreadable = $0.captured.verdict { true } else { false } }
  }

  /// What failed, a line each, with the command that shows it again.
  public var failures: [String] {
    cases.filter(\.isFailure).flatMap { test -> [String] in
      let file = Terminal.escaped(test.file)
      guard let verdicts = test.verdicts else {
        return ["\(file) [\(test.backEnd)]: no run could be captured: \(Self.spelled(test.captured.verdict))"]
      }
      let again = { (mutant: MutantName, live: String) in
        "trace-replay selftest \(file) --reactor \(test.backEnd) --kind \(mutant.kind.rawValue) --event \(mutant.n) \(live)"
      }
      return verdicts.survived.map { mutant in
        "survived: \(Self.line(mutant, file, test.backEnd))\n    \(again(mutant, "--live 0"))"
      }
        + test.live.filter { !$0.isKilled }.map { live in
          "replayed, \(Self.spelled(live.verdict)): \(Self.line(live.mutant, file, test.backEnd))\n"
            + "    \(again(live.mutant, "--live 99"))"
        }
    }
  }

  /// Those that change nothing, a line each.
  public var equivalents: [String] {
    cases.flatMap { test in
      (test.verdicts?.equivalent ?? []).map { mutant in
        "equivalent: \(Self.line(mutant, Terminal.escaped(test.file), test.backEnd)): \(mutant.reason ?? "")"
      }
    }
  }

  private static func line(_ mutant: MutantName, _ file: String, _ backEnd: String) -> String {
    "\(mutant.kind.rawValue) at event \(mutant.n), \(Terminal.escaped(mutant.what)), of \(file) [\(backEnd)]"
  }

  private static func spelled(_ verdict: Verdict) -> String {
    switch verdict {
    case .diverged(let divergence): "diverged: \(Terminal.escaped(divergence.seen))"
    case .crashed(let how, _): "crashed: \(Terminal.escaped(how))"
    case .notRun(let reason), .unreadable(let reason), .kept(let reason): "\(verdict.word): \(Terminal.escaped(reason))"
    case .agrees, .hung: verdict.word
    }
  }
}
