import Conformance

/// A trace with its captures, as a command that writes them needs it.
struct CapturedTrace {
  /// The trace's crossings.
  let tree: TraceTree
  /// Its captures that have packets.
  let captures: [SyntheticCapture]
  private let trace: TraceFile

  /// Reads a trace, cut off or not, and makes its captures; complains and leaves when that fails.
  ///
  /// - Parameter path: The trace.
  /// - Throws: How to leave, after a complaint.
  init(_ path: String) throws(ExitStatus) {
    do {
      trace = try TraceFile(path: path, allowsTruncated: true)
      if !trace.isTruncated { _ = try TraceValidator.validate(path: path) }
      tree = try trace.tree()
    } catch {
      Console.complain(Terminal.escaped("\(error)"))
      throw .unreadable
    }
    do {
      captures = try SyntheticCapture.captures(of: tree, header: trace.header)
    } catch {
      Console.complain(Terminal.escaped("\(path): \(error)"))
      throw .unreadable
    }
  }

  /// Writes the captures, each whole or not at all; complains and leaves when that fails.
  ///
  /// - Parameter stem: What stands before `.pcap`, or before a device's name, in the names of the files.
  /// - Returns: The files.
  /// - Throws: How to leave, after a complaint.
  func writeCaptures(to stem: String) throws(ExitStatus) -> [(path: String, capture: SyntheticCapture)] {
    var files: [(path: String, capture: SyntheticCapture)] = []
    for capture in captures {
      let path = stem + capture.suffix
      try Self.saved(path) { (path) throws(CaptureError) in try capture.write(path: path) }
      files.append((path, capture))
    }
    return files
  }

  /// Writes a file whole or not at all; complains and leaves when that fails.
  ///
  /// - Parameters:
  ///   - path: Where the file goes.
  ///   - body: Writes the file at the path that it is given.
  /// - Throws: How to leave, after a complaint.
  static func saved(
    _ path: String, _ body: (_ path: String) throws(CaptureError) -> Void
  ) throws(ExitStatus) {
    do throws(CaptureError) {
      try SavedFile.write(path, body)
    } catch {
      Console.complain("trace-replay: \(Terminal.escaped("\(error)"))")
      throw .couldNotRun
    }
  }

  /// Says so when the trace is cut off.
  ///
  /// - Throws: How to leave then.
  func finish() throws(ExitStatus) {
    guard trace.isTruncated else { return }
    Console.complain("\(Terminal.escaped(trace.file)): the trace is cut off: there is no eof event")
    throw .unreadable
  }
}
