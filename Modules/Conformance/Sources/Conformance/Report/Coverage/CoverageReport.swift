/// What traces cover, as text for people, as a page and as JSON.
public struct CoverageReport: Sendable {
  private let coverage: Coverage
  private let catalogue: RuleCatalogue?

  /// A report.
  ///
  /// - Parameters:
  ///   - coverage: What the traces cover of the interface.
  ///   - catalogue: The rules, if there is a catalogue.
  public init(_ coverage: Coverage, _ catalogue: RuleCatalogue?) {
    self.coverage = coverage
    self.catalogue = catalogue
  }

  /// The lines for people: a cell of the interface a line, then a rule a line, then the counts.
  public var text: [String] {
    var lines: [String] = []
    for (member, outcomes) in members {
      lines.append(member)
      for (outcome, places) in outcomes {
        for (place, names) in places { lines.append("  \(outcome), \(place): \(traces(names.count))") }
      }
    }
    lines += coverage.uncovered(isBuilt: true).map { "\($0): no trace" }
    for rule in catalogue?.rules ?? [] {
      switch rule.evidence {
      case .traces(let witnesses): lines.append("\(rule.id): " + witnesses.map(Self.place).joined(separator: ", "))
      case .none(let cause, let why): lines.append("\(rule.id): no trace, \(cause.words): \(why)")
      }
    }
    return (lines + [interfaceCount] + ruleCounts).map { Terminal.escaped($0) }
  }

  /// The page, in Markdown.
  public var markdown: String {
    var lines = [
      "# What the corpus covers", "",
      "Made by `trace-replay corpus cover Traces --markdown`; a test compares this page with what the command makes.",
      "",
      "- \(interfaceCount)",
    ]
    lines += ruleCounts.map { "- \($0)" }
    if let catalogue { lines += [""] + Self.rules(catalogue) }
    lines += ["", "## The interface", ""]
    lines += ["A number is how many traces have the crossing with that outcome at that place.", ""]
    lines += ["| member | outcome | where |", "| --- | --- | --- |"]
    for (member, outcomes) in members {
      for (outcome, places) in outcomes {
        let cells = places.map { "\($0.place) \($0.names.count)" }.joined(separator: ", ")
        lines.append("| `\(member)` | \(outcome) | \(cells) |")
      }
    }
    lines += ["", "No trace has these members, which Swift has:", ""]
    lines += Self.list(coverage.uncovered(isBuilt: true))
    lines += ["", "Nor these, which Swift does not have:", ""]
    lines += Self.list(coverage.uncovered(isBuilt: false))
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same with the names of the traces, an object.
  public var json: JSON {
    let cells = coverage.cells.sorted { $0.key < $1.key }.map { cell, names in
      JSON([
        "member": .string(cell.member), "outcome": .string("\(cell.outcome)"), "place": .string(cell.place),
        "traces": .array(names.map { .string($0) }),
      ])
    }
    let uncovered = [true, false].map { JSON.array(coverage.uncovered(isBuilt: $0).map { .string($0) }) }
    return JSON([
      "traces": .int(coverage.traceCount), "cells": .array(cells), "uncovered": uncovered[0], "notBuilt": uncovered[1],
      "rules": catalogue.map { JSON.array($0.rules.map(Self.json)) },
    ])
  }

  // MARK: - The interface

  private typealias Places = [(place: String, names: [String])]

  private var members: [(String, [(Coverage.Outcome, Places)])] {
    var members: [(String, [(Coverage.Outcome, Places)])] = []
    for (cell, names) in coverage.cells.sorted(by: { $0.key < $1.key }) {
      if members.last?.0 != cell.member { members.append((cell.member, [])) }
      let last = members.count - 1
      if members[last].1.last?.0 != cell.outcome { members[last].1.append((cell.outcome, [])) }
      members[last].1[members[last].1.count - 1].1.append((cell.place, names))
    }
    return members
  }

  private func traces(_ count: Int) -> String { count == 1 ? "1 trace" : "\(count) traces" }

  private var interfaceCount: String {
    let missing = coverage.uncovered(isBuilt: true).count
    return
      "\(coverage.traceCount) traces cover \(coverage.memberCount) members of the interface in \(coverage.cells.count) ways; "
      + "of the members that Swift has \(missing) have no trace."
  }

  // MARK: - The rules

  private var ruleCounts: [String] {
    guard let rules = catalogue?.rules else { return [] }
    let shown = rules.filter { !$0.witnesses.isEmpty }
    let causes = RuleCatalogue.Cause.allCases.compactMap { cause -> String? in
      let count = rules.count { if case .none(cause, _) = $0.evidence { true } else { false } }
      return count == 0 ? nil : "\(count): \(cause.words)"
    }
    return [
      "\(rules.count) rules: \(shown.count) have a trace that shows them, \(rules.count - shown.count) have none.",
      "Of those without: " + causes.joined(separator: "; ") + ".",
    ]
  }

  private static func rules(_ catalogue: RuleCatalogue) -> [String] {
    var lines = ["## Rules that a trace shows", "", "| rule | says | traces, event |", "| --- | --- | --- |"]
    for rule in catalogue.rules where !rule.witnesses.isEmpty {
      lines.append("| \(rule.id) | \(cell(rule.says)) | \(rule.witnesses.map(place).joined(separator: ", ")) |")
    }
    lines += ["", "## Rules without a trace", "", "| rule | says | why none |", "| --- | --- | --- |"]
    for rule in catalogue.rules {
      guard case .none(let cause, let why) = rule.evidence else { continue }
      lines.append("| \(rule.id) | \(cell(rule.says)) | \(cause.words): \(cell(why)) |")
    }
    return lines
  }

  private static func place(_ witness: RuleCatalogue.Witness) -> String {
    let name = witness.trace.hasSuffix(".yaml") ? String(witness.trace.dropLast(5)) : witness.trace
    return "`\(name)` \(witness.event)"
  }

  private static func cell(_ text: String) -> String {
    String(text.flatMap { $0 == "|" ? ["\\", "|"] : [$0] })
  }

  private static func list(_ members: [String]) -> [String] {
    members.isEmpty ? ["none"] : [members.map { "`\($0)`" }.joined(separator: ", ")]
  }

  private static func json(_ rule: RuleCatalogue.Rule) -> JSON {
    switch rule.evidence {
    case .traces(let witnesses):
      JSON([
        "rule": .string(rule.id), "says": .string(rule.says),
        "traces": .array(
          witnesses.map {
            JSON(["trace": .string($0.trace), "event": .int($0.event), "shows": .string($0.shows)])
          }),
      ])
    case .none(let cause, let why):
      JSON([
        "rule": .string(rule.id), "says": .string(rule.says), "cause": .string(cause.rawValue), "why": .string(why),
      ])
    }
  }
}
