/// A trace as a person reads it: the header's facts, then the tree, indented, with readable bytes.
public struct TraceText: Sendable {
  private let palette: Palette

  /// Makes a writer.
  ///
  /// - Parameter palette: The colours.
  public init(palette: Palette = Palette(isOn: false)) {
    self.palette = palette
  }

  /// The lines of the header.
  ///
  /// - Parameter header: The header.
  /// - Returns: The lines, safe to print.
  public func lines(_ header: TraceHeader) -> [String] {
    var lines = [palette.strong(Terminal.escaped(header.title))]
    if let name = header.caseName { lines.append("case      " + Terminal.escaped(name)) }
    if let source = header.source { lines.append("source    " + Terminal.escaped(source)) }
    let producer = ["name", "version", "runtime", "reactor", "platform"].compactMap { header.producer[$0]?.text }
    if !producer.isEmpty { lines.append("producer  " + Terminal.escaped(producer.joined(separator: ", "))) }
    if let started = header.started { lines.append("started   " + Terminal.escaped(started)) }
    return lines
  }

  /// The lines of the tree, in the order of the file.
  ///
  /// - Parameters:
  ///   - tree: The tree.
  ///   - isComplete: Whether the trace says that no crossing was left open.
  ///   - tell: Takes one line.
  public func write(_ tree: TraceTree, isComplete: Bool, to tell: (String) -> Void) {
    var depths: [Int: Int] = [:]
    for crossing in tree.crossings {
      let depth = crossing.parent.flatMap { depths[$0] }.map { $0 + 1 } ?? 0
      depths[crossing.n] = depth
      tell(line(crossing, depth: depth, isOpen: crossing.isOpen && !isComplete))
    }
  }

  private func line(_ crossing: Crossing, depth: Int, isOpen: Bool) -> String {
    let event = crossing.event
    let number = String(crossing.n)
    var line = palette.faint(String(repeating: " ", count: max(0, 6 - number.count)) + number)
    line += " " + time(event.at ?? 0) + "  " + String(repeating: "  ", count: min(depth, 24))
    let text = Terminal.escaped(EventText.line(event))
    switch event.kind {
    case .call: line += palette.name("→ ") + text
    case .back: line += palette.strong("← ") + text
    default: line += "· " + text
    }
    if let phase = event.phase, let turn = event.turn {
      line += palette.faint("  [turn \(turn), \(Terminal.escaped(phase))]")
    }
    if let thread = event.thread { line += palette.faint("  [\(Terminal.escaped(thread))]") }
    if !event.after.isEmpty { line += palette.faint("  after \(event.after.map(String.init).joined(separator: ", "))") }
    if isOpen { line += palette.bad("  never ended") }
    return line
  }

  /// Milliseconds with three decimals, right-aligned.
  private func time(_ nanoseconds: Int) -> String {
    let microseconds = nanoseconds / 1000
    let fraction = String(microseconds % 1000)
    let text = "\(microseconds / 1000).\(String(repeating: "0", count: max(0, 3 - fraction.count)))\(fraction)"
    return palette.faint(String(repeating: " ", count: max(0, 10 - text.count)) + text)
  }
}
