extension CaseResult {
  /// The result as JSON: a stable shape for other programs, and what a worker answers.
  public var json: JSON {
    var verdictMembers = verdict.jsonMembers
    verdictMembers.insert(JSONMember(name: "verdict", value: .string(verdict.word)), at: 0)
    let before = JSON([
      "file": .string(file), "case": .string(name), "reactor": .string(backEnd),
      "shuffle": shuffleSeed.map { .string(String($0)) }, "round": .int(round),
    ])
    let after = JSON([
      "consumed": .int(consumed), "expected": .int(expected),
      "freedoms": .object(
        freedoms.sorted { $0.key < $1.key }.map { JSONMember(name: $0.key, value: .int($0.value)) }),
      "seconds": .double(seconds), "secondsInRun": .double(secondsInRun),
    ])
    return .object((before.members ?? []) + verdictMembers + (after.members ?? []))
  }

  /// Reads a result from JSON; fails where it is something else.
  ///
  /// - Parameter json: What ``json`` gives.
  public init?(json: JSON) {
    guard let file = json["file"]?.string, let name = json["case"]?.string, let backEnd = json["reactor"]?.string,
      let round = json["round"]?.int, let verdict = Verdict(json: json), let consumed = json["consumed"]?.int,
      let expected = json["expected"]?.int, let seconds = json["seconds"]?.double,
      let freedoms = json["freedoms"]?.members
    else { return nil }
    self.init(
      file: file, name: name, backEnd: backEnd, shuffleSeed: json["shuffle"]?.string.flatMap { UInt64($0) },
      round: round, verdict: verdict, consumed: consumed, expected: expected,
      freedoms: Dictionary(freedoms.compactMap { member in member.value.int.map { (member.name, $0) } }) { $1 },
      seconds: seconds)
    secondsInRun = json["secondsInRun"]?.double ?? 0
  }
}

extension Verdict {
  fileprivate var jsonMembers: [JSONMember] {
    func strings(_ lines: [String]) -> JSON { .array(lines.map { .string($0) }) }
    let members: JSON =
      switch self {
      case .agrees: .object([])
      case .kept(let reason): JSON(["reason": .string(reason)])
      case .diverged(let divergence): JSON(["divergence": divergence.json])
      case .crashed(let how, let open): JSON(["how": .string(how), "open": strings(open)])
      case .hung(let open, let awaited):
        JSON(["open": strings(open), "awaited": awaited.map { .string($0) }])
      case .notRun(let reason), .unreadable(let reason): JSON(["reason": .string(reason)])
      }
    return members.members ?? []
  }

  fileprivate init?(json: JSON) {
    let reason = json["reason"]?.string
    let open = json["open"]?.array?.compactMap(\.string) ?? []
    switch json["verdict"]?.string {
    case "agrees": self = .agrees
    case "kept": self = .kept(reason ?? "")
    case "diverged":
      guard let divergence = json["divergence"].flatMap(Divergence.init(json:)) else { return nil }
      self = .diverged(divergence)
    case "crashed": self = .crashed(json["how"]?.string ?? "", open: open)
    case "hung": self = .hung(open: open, awaited: json["awaited"]?.string)
    case "not run here": self = .notRun(reason ?? "")
    case "unreadable": self = .unreadable(reason ?? "")
    default: return nil
    }
  }
}

extension Divergence {
  /// The divergence as JSON.
  public var json: JSON {
    JSON([
      "kind": .string(kind), "event": event.map { .int($0) }, "line": line.map { .int($0) },
      "edge": edge.map { .string($0) }, "required": .string(required), "seen": .string(seen),
      "context": .array(
        context.map { line in
          JSON([
            "mark": .string(line.mark.rawValue), "event": line.event.map { .int($0) }, "depth": .int(line.depth),
            "text": .string(line.text),
          ])
        }),
      "source": source.map { .string($0) },
    ])
  }

  /// Reads a divergence from JSON; fails where it is something else.
  ///
  /// - Parameter json: What ``json`` gives.
  public init?(json: JSON) {
    guard let kind = json["kind"]?.string, let required = json["required"]?.string, let seen = json["seen"]?.string
    else { return nil }
    let context = (json["context"]?.array ?? []).compactMap { line -> Line? in
      guard let mark = line["mark"]?.string.flatMap(Line.Mark.init(rawValue:)), let text = line["text"]?.string
      else { return nil }
      return Line(mark, event: line["event"]?.int, depth: line["depth"]?.int ?? 0, text: text)
    }
    self.init(
      kind: kind, event: json["event"]?.int, line: json["line"]?.int, edge: json["edge"]?.string, required: required,
      seen: seen, context: context, source: json["source"]?.string)
  }
}
