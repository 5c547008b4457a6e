extension TraceFile {
  /// The trace in the canonical form, with an `eof` that counts what is there.
  ///
  /// - Returns: The file.
  /// - Throws: `TraceError` with the code `type` for a value without a form.
  func bytes() throws(TraceError) -> [UInt8] {
    let sink = MemorySink()
    let writer = try TraceWriter(header: header, to: sink)
    for (_, event) in events { try writer.write(event) }
    try writer.finish()
    return sink.bytes
  }

  /// Writes the trace in the canonical form.
  ///
  /// An `end` that follows its own opening line at once is folded into it.
  ///
  /// - Parameter sink: Where the bytes go.
  /// - Throws: `TraceError`: what the sink throws, and `type` for a value without a form.
  public func write(to sink: any TraceSink) throws(TraceError) {
    try sink.write(TraceEmitter.header(header))
    var held: (line: Int, event: TraceEvent)?
    for (line, event) in events {
      if var opened = held {
        let isEnd = event.end != nil && event.end == opened.event.n
        for entry in event.fields.entries where isEnd && Nesting.isOutcome(entry.key) {
          opened.event.fields[entry.key] = entry.value
        }
        try write(opened.event, line: opened.line, to: sink)
        held = isEnd ? nil : (line, event)
      } else {
        held = (line, event)
      }
    }
    if let held { try write(held.event, line: held.line, to: sink) }
    if let end { try write(end, line: (events.last?.line ?? 0) + 1, to: sink) }
  }

  private func write(_ event: TraceEvent, line: Int, to sink: any TraceSink) throws(TraceError) {
    do {
      try sink.write(TraceEmitter.line(event) + [UInt8(ascii: "\n")])
    } catch {
      throw error.at(file: file, line: line)
    }
  }
}
