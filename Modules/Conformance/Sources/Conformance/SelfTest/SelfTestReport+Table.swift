// The counts as a table: for people, for a page, for other programs.

extension SelfTestReport {
  private static let columns = [
    "alteration", "made", "noticed", "equivalent", "survived", "of these stimuli", "replayed", "failed",
  ]

  private var table: [[String]] {
    let row = { (name: String, counts: Counts) in
      [
        name, counts.made, counts.killed, counts.equivalent.values.reduce(0, +), counts.survived, counts.stimuli,
        counts.tried, counts.triedKilled,
      ].map { "\($0)" }
    }
    return counts.map { row($0.kind.rawValue, $0.counts) } + [row("all", total)]
  }

  /// The freedoms and rules by which mutants change nothing, with how many each.
  private var reasons: String {
    let counted = total.equivalent.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return counted.isEmpty ? "none" : counted.joined(separator: ", ")
  }

  /// The table and a line that counts everything, as text.
  public var lines: [String] {
    let rows = [Self.columns] + table
    let widths = Self.columns.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let text = rows.map { row in
      zip(row, widths).enumerated().map { place, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return place == 0 ? cell.0 + padding : padding + cell.0
      }.joined(separator: "  ")
    }
    return text + ["equivalent by: \(reasons)", summary]
  }

  private var summary: String {
    "\(traces) traces, \(captures) captured runs, \(kept) kept, \(notRun) not run here: \(total.made) mutants, \(total.survived) survived; "
      + "\(total.tried) replayed, \(total.tried - total.triedKilled) agreed; \(TextReport.seconds(seconds))"
  }

  /// The table and the counts, in Markdown.
  public var markdown: String {
    let lines = [Self.columns, Self.columns.map { _ in "---" }] + table
    return lines.map { "| \($0.joined(separator: " | ")) |\n" }.joined()
      + "\nEquivalent by freedom or rule: \(reasons). \(traces) traces, \(captures) captured runs, \(kept) kept, \(notRun) not run here.\n"
  }

  /// The counts and what failed, as JSON.
  public var json: JSON {
    let shape = { (counts: Counts) in
      JSON([
        "made": .int(counts.made), "killed": .int(counts.killed),
        "equivalent": .object(
          counts.equivalent.sorted { $0.key < $1.key }.map { JSONMember(name: $0.key, value: .int($0.value)) }),
        "survived": .int(counts.survived), "stimuli": .int(counts.stimuli),
        "live": JSON(["tried": .int(counts.tried), "killed": .int(counts.triedKilled)]),
      ])
    }
    return JSON([
      "traces": .int(traces), "captures": .int(captures), "kept": .int(kept), "notRun": .int(notRun),
      "seconds": .double(seconds),
      "total": shape(total),
      "kinds": .object(counts.map { JSONMember(name: $0.kind.rawValue, value: shape($0.counts)) }),
      "failures": .array(failures.map { .string($0) }),
      "replayed": .array(
        cases.flatMap { test in
          test.live.map { live in
            JSON([
              "file": .string(test.file), "reactor": .string(test.backEnd), "verdict": .string(live.verdict.word),
              "mutant": live.mutant.json,
            ])
          }
        }),
      "equivalent": .array(
        cases.flatMap { test in
          (test.verdicts?.equivalent ?? []).map { mutant in
            JSON(["file": .string(test.file), "reactor": .string(test.backEnd), "mutant": mutant.json])
          }
        }),
    ])
  }
}
