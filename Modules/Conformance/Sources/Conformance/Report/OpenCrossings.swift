/// The crossings that were open when a run ended against its will, from the events that it had written.
enum OpenCrossings {
  /// One line an open crossing, the outermost first.
  ///
  /// - Parameter events: Event lines as they were written; the last may be cut off.
  /// - Returns: The lines.
  static func lines(_ events: [UInt8]) -> [String] {
    let header = TraceHeader([
      "features": ["reactor"], "title": "a run", "producer": ["name": "skein", "version": "0"], "started": "",
    ])
    guard let start = try? TraceEmitter.header(header),
      let trace = try? TraceFile(bytes: start + events, name: "a run", allowsTruncated: true),
      let tree = try? trace.tree()
    else { return [] }
    return tree.crossings.filter(\.isOpen).map { crossing in
      EventText.line(crossing.event)
    }
  }
}
