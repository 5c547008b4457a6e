/// Results as text for people: a line a trace, the first difference of each that differs, and a summary with every count.
public struct TextReport: Sendable {
  private let palette: Palette
  /// The longest line of context, in characters.
  private static let longestLine = 150

  /// Makes a report writer.
  ///
  /// - Parameter palette: The colours.
  public init(palette: Palette = Palette(isOn: false)) {
    self.palette = palette
  }

  /// One line about one result: its case, its back end, its verdict and its counts.
  ///
  /// - Parameter result: The result.
  /// - Returns: The line, safe to print.
  public func line(_ result: CaseResult) -> String {
    let name = Terminal.escaped(result.name)
    let counts = "\(result.consumed)/\(result.expected) events"
    switch result.verdict {
    case .agrees:
      let used = Self.freedoms(result.freedoms)
      return
        "\(palette.good("✓")) \(name)  [\(place(result))]  \(counts)\(used.isEmpty ? "" : palette.faint("  " + used))"
    case .kept(let reason):
      return "\(palette.good("=")) \(name)  [\(place(result))]  kept: \(Terminal.escaped(reason))"
    case .notRun(let reason):
      return "\(palette.faint("-")) \(name)  [\(place(result))]  not run here: \(Terminal.escaped(reason))"
    case .unreadable(let reason): return "\(palette.bad("!")) \(Terminal.escaped(reason))"
    case .diverged(let divergence):
      let last = divergence.context.last { $0.mark == .same }?.event
      let event = divergence.event.map { "event \($0)" } ?? last.map { "after event \($0)" }
      let at = event.map { "  \($0) of \(result.expected)" } ?? ""
      let edge = divergence.edge.map { " (\(Terminal.escaped($0)))" } ?? ""
      return
        "\(palette.bad("✗")) \(palette.strong(name))  [\(place(result))]\(at)  \(Terminal.escaped(divergence.kind))\(edge)"
    case .crashed(let how, _):
      return "\(palette.bad("✗")) \(palette.strong(name))  [\(place(result))]  crashed: \(Terminal.escaped(how))"
    case .hung:
      return
        "\(palette.bad("✗")) \(palette.strong(name))  [\(place(result))]  hung after \(Self.seconds(result.seconds))"
    }
  }

  /// What stands below the line of a result that is no agreement; empty for the others.
  ///
  /// - Parameters:
  ///   - result: The result.
  ///   - isReplay: Whether it came of a replay, which can be made again.
  /// - Returns: The lines, safe to print.
  public func details(_ result: CaseResult, isReplay: Bool = true) -> [String] {
    let again = isReplay ? self.again(result) : []
    switch result.verdict {
    case .agrees, .kept, .notRun, .unreadable: return []
    case .crashed(_, let open):
      return ["  \(Terminal.escaped(result.file))"] + open.suffix(8).map { "    open: \(clipped($0))" } + again
    case .hung(let open, let awaited):
      return ["  \(Terminal.escaped(result.file))"] + open.suffix(7).map { "    open: \(clipped($0))" }
        + (awaited.map { ["  Never came: \(clipped($0))"] } ?? []) + again
    case .diverged(let divergence):
      var lines = ["  \(Terminal.escaped(result.file))\(divergence.line.map { ":\($0)" } ?? "")"]
      lines += divergence.context.suffix(7).map(line)
      lines.append("  Required: \(clipped(divergence.required))")
      lines.append("  Seen: \(clipped(divergence.seen))")
      if let source = divergence.source { lines.append("  Source: \(clipped(source))") }
      return lines + again
    }
  }

  /// How to see a result again by itself.
  private func again(_ result: CaseResult) -> [String] {
    let shuffle = result.shuffleSeed.map { " --shuffle \($0)" } ?? ""
    return [
      palette.faint(
        "  again: trace-replay check \(Terminal.escaped(result.file)) --reactor \(result.backEnd)\(shuffle)")
    ]
  }

  private func line(_ line: Divergence.Line) -> String {
    let number = line.event.map(String.init) ?? ""
    let padded = String(repeating: " ", count: max(0, 5 - number.count)) + number
    let indent = String(repeating: "  ", count: min(line.depth, 12))
    let text = "  \(line.mark.rawValue) \(padded)  \(indent)\(clipped(line.text))"
    switch line.mark {
    case .same: return palette.faint(text)
    case .expected: return palette.good(text)
    case .seen: return palette.bad(text)
    }
  }

  private func place(_ result: CaseResult) -> String {
    var place = result.backEnd
    if let seed = result.shuffleSeed { place += ", shuffle \(seed)" }
    if result.round > 1 { place += ", round \(result.round)" }
    return place
  }

  private func clipped(_ text: String) -> String {
    let safe = Terminal.escaped(text)
    return safe.count > Self.longestLine ? safe.prefix(Self.longestLine - 1) + "…" : safe
  }

  /// The freedoms used, by name with counts, in order of name.
  static func freedoms(_ freedoms: [String: Int]) -> String {
    freedoms.sorted { $0.key < $1.key }.map { "\(Terminal.escaped($0.key)) \($0.value)" }.joined(separator: ", ")
  }

  /// A time with two decimals.
  static func seconds(_ seconds: Double) -> String {
    let hundredths = Int((seconds * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) s"
  }
}
