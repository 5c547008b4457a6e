/// Which mutants of a trace to make.
public struct MutantSelection: Hashable, Sendable {
  /// The kinds of alteration.
  public var kinds: Set<Mutant.Kind>
  /// Only those at this event, by its number in the trace; nil for all.
  public var event: Int?

  /// Selects mutants.
  ///
  /// - Parameters:
  ///   - kinds: The kinds of alteration.
  ///   - event: Only those at this event.
  public init(kinds: Set<Mutant.Kind> = Set(Mutant.Kind.allCases), event: Int? = nil) {
    self.kinds = kinds
    self.event = event
  }

  func forEach(of trace: TraceFile, _ body: (Mutant) throws -> Void) throws {
    try Mutant.forEach(of: trace, kinds: kinds) { mutant in
      if event == nil || event == mutant.n { try body(mutant) }
    }
  }
}

/// One mutant, by what it takes to make it again.
public struct MutantName: Hashable, Sendable {
  /// Its place among all mutants of its trace.
  public let index: Int
  /// What was altered.
  public let kind: Mutant.Kind
  /// The event at which it was.
  public let n: Int
  /// What exactly, for people.
  public let what: String
  /// The freedom or the rule by which it changes nothing, where it does not.
  public let reason: String?

  init(_ mutant: Mutant, because reason: String? = nil) {
    (index, kind, n, what) = (mutant.index, mutant.kind, mutant.n, mutant.what)
    self.reason = reason
  }
}

/// What became of the mutants of one trace, judged by one captured run of it.
struct MutantVerdicts {
  /// How many were made of each kind.
  private(set) var made: [Mutant.Kind: Int] = [:]
  /// How many of them alter what the application does.
  private(set) var stimuli: [Mutant.Kind: Int] = [:]
  /// Those that agree and change nothing.
  private(set) var equivalent: [MutantName] = []
  /// Those that agree and should not.
  private(set) var survived: [MutantName] = []
  /// Those that may be replayed as well: noticed, and something else is expected of the system.
  private(set) var replayable: [MutantName] = []

  /// Judges mutants by several runs of one trace.
  ///
  /// - Parameters:
  ///   - trace: The trace.
  ///   - runs: Runs that agree with it.
  ///   - selection: Which mutants.
  ///   - alive: Called again and again, because it takes a while.
  /// - Returns: The verdicts of each run.
  /// - Throws: ``SelfTestFault`` when a run, judged again, does not agree, and `TraceError` where events do not nest.
  static func all(
    of trace: TraceFile, by runs: [CapturedRun], _ selection: MutantSelection, alive: () -> Void = {}
  ) throws -> [MutantVerdicts] {
    let original = try Recording(trace)
    let judge = PreparedJudge(original)
    for run in runs {
      guard let divergence = judge.judgement(of: run).divergence else { continue }
      throw SelfTestFault("the captured run, judged once more, breaks \(divergence.rule): \(divergence.reason)")
    }
    var found = runs.map { _ in MutantVerdicts() }
    try selection.forEach(of: trace) { mutant in
      alive()
      let altered = try Recording(mutant.trace)
      if mutant.kind.altersTheRun {
        let agrees = compare(original, altered).agrees
        for place in found.indices { found[place].count(mutant, agrees: agrees) }
      } else {
        let judge = PreparedJudge(altered)
        for (place, run) in runs.enumerated() {
          found[place].count(mutant, agrees: judge.judgement(of: run).agrees)
        }
      }
    }
    return found
  }

  private mutating func count(_ mutant: Mutant, agrees: Bool) {
    made[mutant.kind, default: 0] += 1
    if mutant.isStimulus { stimuli[mutant.kind, default: 0] += 1 }
    if !agrees {
      if !mutant.isStimulus, !mutant.kind.altersTheRun { replayable.append(MutantName(mutant)) }
    } else if let reason = mutant.equivalent {
      equivalent.append(MutantName(mutant, because: reason.name))
    } else {
      survived.append(MutantName(mutant))
    }
  }
}

/// Why a self-test of a trace makes no sense.
struct SelfTestFault: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

// How a worker tells of them.

extension MutantVerdicts {
  var json: JSON {
    JSON([
      "made": Self.json(made), "stimuli": Self.json(stimuli), "equivalent": .array(equivalent.map(\.json)),
      "survived": .array(survived.map(\.json)), "replayable": .array(replayable.map(\.json)),
    ])
  }

  private static func json(_ counts: [Mutant.Kind: Int]) -> JSON {
    .object(
      Mutant.Kind.allCases.compactMap { kind in
        counts[kind].map { JSONMember(name: kind.rawValue, value: .int($0)) }
      })
  }

  init?(json: JSON) {
    func counts(_ key: String) -> [Mutant.Kind: Int]? {
      guard let members = json[key]?.members else { return nil }
      return Dictionary(
        members.compactMap { member in
          Mutant.Kind(rawValue: member.name).flatMap { kind in member.value.int.map { (kind, $0) } }
        }, uniquingKeysWith: { first, _ in first })
    }
    func names(_ key: String) -> [MutantName]? { json[key]?.array?.compactMap { MutantName(json: $0) } }
    guard let made = counts("made"), let stimuli = counts("stimuli"), let equivalent = names("equivalent"),
      let survived = names("survived"), let replayable = names("replayable")
    else { return nil }
    (self.made, self.stimuli) = (made, stimuli)
    (self.equivalent, self.survived, self.replayable) = (equivalent, survived, replayable)
  }
}

extension MutantName {
  /// The mutant as JSON.
  public var json: JSON {
    JSON([
      "index": .int(index), "kind": .string(kind.rawValue), "event": .int(n), "what": .string(what),
      "equivalent": reason.map { .string($0) },
    ])
  }

  init?(json: JSON) {
    guard let index = json["index"]?.int, let kind = json["kind"]?.string.flatMap(Mutant.Kind.init(rawValue:)),
      let n = json["event"]?.int, let what = json["what"]?.string
    else { return nil }
    (self.index, self.kind, self.n, self.what) = (index, kind, n, what)
    reason = json["equivalent"]?.string
  }
}

extension MutantSelection {
  var json: JSON {
    JSON(["kinds": .array(kinds.map(\.rawValue).sorted().map { .string($0) }), "event": event.map { .int($0) }])
  }

  init?(json: JSON) {
    guard let kinds = json["kinds"]?.array else { return nil }
    self.kinds = Set(kinds.compactMap { $0.string.flatMap(Mutant.Kind.init(rawValue:)) })
    event = json["event"]?.int
  }
}
