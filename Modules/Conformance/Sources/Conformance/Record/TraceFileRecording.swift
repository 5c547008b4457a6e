/// Writes a recording to a trace file, event by event.
///
/// A file that can no longer be written stops the recording, never the recorded program; the reason comes out at the end.
final class TraceFileRecording: EventSink {
  private let writer: TraceWriter
  private var failure: TraceError?

  /// Makes the file and writes its header.
  init(path: String, header: TraceHeader) throws(TraceError) {
    writer = try TraceWriter(header: header, to: FileSink(path: path))
  }

  func take(_ event: TraceEvent) {
    guard failure == nil else { return }
    do throws(TraceError) { try writer.write(event) } catch { failure = error }
  }

  /// Completes the trace.
  func close(open: Int) throws(TraceError) {
    if let failure { throw failure }
    try writer.finish(open: open)
  }
}
