/// Judges a run in which nothing is left to chance: every event in its recorded place, and no freedom.
struct StrictJudge {
  /// What a report calls the events that have no meaning outside Python.
  static let notApplicableName = "not-applicable"

  let recording: Recording
  /// How values are compared, and what has one name here and another there.
  var agreement = Agreement(freedoms: Freedoms(disabled: Set(Freedom.allCases)))
  private(set) var divergence: Judgement.Divergence?
  /// How many recorded events came and ended as they should.
  private(set) var consumed = 0
  /// How many of the recorded events are judged.
  let expected: Int
  /// How many have no meaning outside Python.
  let notApplicable: Int

  /// What it is told, where that is kept.
  var capture: CapturedRun?

  private let steps: [Recording.Step]
  private var position = 0

  /// Begins to judge.
  ///
  /// - Parameters:
  ///   - recording: What is expected.
  ///   - pythonToo: Whether what has no meaning outside Python is judged with the rest.
  ///   - isJudged: Whether an event is under test.
  init(_ recording: Recording, pythonToo: Bool = false, where isJudged: (Recording.Event) -> Bool = { _ in true }) {
    self.recording = recording
    var judged: Set<Int> = []
    var left = 0
    for event in recording.events where isJudged(event) {
      if event.isPythonOnly, !pythonToo { left += 1 } else { judged.insert(event.n) }
    }
    steps = recording.steps.filter { judged.contains($0.n) }
    expected = judged.count
    notApplicable = left
  }

  /// The last recorded event that began, nil before the first.
  var last: Int? { position > 0 ? steps[..<position].last { $0.opens }?.n : nil }

  /// The recorded event that begins next, nil where one ends next or all is done.
  var next: Recording.Event? {
    guard position < steps.count, steps[position].opens else { return nil }
    return recording[steps[position].n]
  }

  /// Takes the next recorded event as begun: the application does it.
  mutating func begin() {
    if let event = next { capture?.append(.strictlyBegan(event.n, event.kind, event.member, event.args)) }
    position += 1
  }

  /// An event of the system's begins.
  ///
  /// - Parameters:
  ///   - kind: What kind of event it is.
  ///   - member: What is crossed: `protocol-1.doStop`.
  ///   - args: The arguments.
  /// - Returns: The recorded event that it is, nil where it is none and the run has diverged.
  mutating func began(_ kind: TraceEvent.Kind, _ member: String, _ args: TraceMapping) -> Recording.Event? {
    guard divergence == nil else { return nil }
    let happened = EventText.line(["\(kind)": .word(member), "args": .mapping(args)])
    guard let event = next else {
      diverge(.extra, position < steps.count ? steps[position].n : nil, happened, "nothing more happens here")
      return nil
    }
    guard event.kind == kind, event.member == member || isRenamed(event.member, member) else {
      diverge(.order, event.n, happened, "\(event.kind) \(event.member) comes next")
      return nil
    }
    if let difference = agreement.arguments(event.args, args) {
      diverge(.arguments, event.n, happened, "\(difference)")
      return nil
    }
    capture?.append(.strictlyBegan(event.n, kind, member, args))
    position += 1
    return event
  }

  /// Whether two members are the same one of objects that are the same by another name.
  private func isRenamed(_ recorded: String, _ live: String) -> Bool {
    let (a, b) = (recorded.split(separator: ".", maxSplits: 1), live.split(separator: ".", maxSplits: 1))
    guard a.count == 2, b.count == 2, a[1] == b[1] else { return false }
    return agreement.bindings.liveName(of: String(a[0])).map { $0 == b[0] } ?? false
  }

  /// A line of the log is written, which is an event of one moment.
  mutating func logged(_ line: TraceMapping) {
    guard divergence == nil else { return }
    let happened = EventText.line(["log": .mapping(line)])
    guard let event = next, event.kind == .log else {
      diverge(.extra, next?.n, happened, "nothing is logged here")
      return
    }
    if let difference = agreement.arguments(event.args, line) {
      diverge(.arguments, event.n, happened, "\(difference)")
      return
    }
    capture?.append(.logged(line))
    take(event)
  }

  /// Takes an event of one moment as begun and ended.
  private mutating func take(_ event: Recording.Event) {
    position += 1
    close(event, .returned(.null))
  }

  /// An event ends.
  mutating func ended(_ event: Recording.Event, _ outcome: Recording.Outcome) {
    guard divergence == nil else { return }
    capture?.append(.strictlyEnded(outcome))
    close(event, outcome)
  }

  private mutating func close(_ event: Recording.Event, _ outcome: Recording.Outcome) {
    guard position < steps.count, steps[position] == Recording.Step(n: event.n, opens: false) else {
      let missing = position < steps.count ? steps[position].n : nil
      let reason =
        missing.flatMap { recording[$0] }.map { "\($0.kind) \($0.member) comes before it ends" } ?? "it ended"
      diverge(.missing, missing, "\(event.member) ended", reason)
      return
    }
    if let difference = agreement.outcomes(event.outcome, outcome, of: event.method) {
      diverge(.outcome, event.n, EventText.brief(outcome.value), "\(difference)")
      return
    }
    position += 1
    consumed += 1
  }

  /// Everything is done: nothing may be left.
  mutating func finish() {
    guard divergence == nil, position < steps.count else { return }
    diverge(.missing, steps[position].n, "", "it never came")
  }

  /// Says where the run is not its recording; the first place counts.
  mutating func diverge(_ rule: Judgement.Rule, _ expected: Int?, _ happened: String, _ reason: String) {
    guard divergence == nil else { return }
    divergence = Judgement.Divergence(rule: rule, expected: expected, happened: happened, reason: reason)
  }
}

extension StrictJudge {
  /// Judges one recording as a run of another.
  ///
  /// - Parameters:
  ///   - expected: The recording that says what is right.
  ///   - happened: The one that is judged.
  /// - Returns: The verdict.
  static func compare(_ expected: Recording, _ happened: Recording) -> Judgement {
    var judge = StrictJudge(expected, pythonToo: true)
    var open: [Int: Recording.Event] = [:]
    for step in happened.steps {
      guard judge.divergence == nil, let event = happened[step.n] else { break }
      if step.opens {
        guard let matched = judge.began(event.kind, event.member, event.args) else { break }
        judge.agreement.bindings.events[event.n] = matched.n
        open[event.n] = matched
      } else if let matched = open.removeValue(forKey: event.n) {
        judge.ended(matched, event.outcome)
      }
    }
    judge.finish()
    return judge.judgement(happened: happened.events.count)
  }

  /// What it found.
  func judgement(happened: Int) -> Judgement {
    Judgement(
      title: recording.title, divergence: divergence, consumed: consumed, expected: expected, happened: happened,
      freedoms: [:])
  }
}

extension Recording.Event {
  /// Whether it has no meaning outside Python: the spelling of a `repr`, an interface that a compiler checks, a call that a
  /// compiler calls deprecated.
  var isPythonOnly: Bool {
    switch kind {
    case .check: return method == "provides"
    case .call: return method == "repr" || (method == "item" && Vocabulary.kind(ofObject: target) == "address")
    case .log: return args["what"]?.text == "deprecated"
    default: return false
    }
  }
}
