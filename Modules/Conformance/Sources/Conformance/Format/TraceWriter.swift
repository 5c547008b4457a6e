import Glibc

/// Where a writer's bytes go.
public protocol TraceSink: AnyObject {
  /// Takes the next bytes of the file: a whole header or a whole line.
  ///
  /// - Parameter bytes: The bytes.
  /// - Throws: `TraceError` with the code `unreadable` where they cannot be written.
  func write(_ bytes: [UInt8]) throws(TraceError)
}

/// Keeps a trace in memory.
public final class MemorySink: TraceSink {
  /// Everything written.
  public private(set) var bytes: [UInt8] = []

  /// An empty sink.
  public init() {}

  /// Appends the bytes.
  ///
  /// - Parameter bytes: The bytes.
  public func write(_ bytes: [UInt8]) {
    self.bytes += bytes
  }
}

/// Writes a trace to a file, a system call a line, so that a killed program's trace ends with its last event.
public final class FileSink: TraceSink {
  private let path: String
  private let descriptor: Int32

  /// Creates the file, or empties it.
  ///
  /// - Parameter path: The file's path.
  /// - Throws: `TraceError` with the code `unreadable` where it cannot be opened.
  public init(path: String) throws(TraceError) {
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system("a file that can be written", path) }
  }

  deinit {
    close(descriptor)
  }

  /// Writes all the bytes.
  ///
  /// - Parameter bytes: The bytes.
  /// - Throws: `TraceError` with the code `unreadable`: a full disk and its like.
  public func write(_ bytes: [UInt8]) throws(TraceError) {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes[start...].withUnsafeBytes { rest in
        // The rest of the array stays where it is for the length of this call.
        unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw .system("room for the trace", path)
      }
      start += count
    }
  }
}

extension TraceError {
  /// An error of the operating system, from the current errno.
  static func system(_ expected: String, _ path: String) -> TraceError {
    let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "an error"
    return TraceError(.unreadable, expected: expected, found: reason, file: path)
  }
}

/// Writes a trace in the canonical form, streaming: the header when it is made, then an event a call, then `eof`.
///
/// Keys may be given in any order: the writer puts them into the canonical one, and quotes strings by where they stand.
/// Nothing is numbered or checked here but that every value has a form.
public final class TraceWriter {
  private let sink: any TraceSink
  /// How many events were written, `end` lines not counted.
  public private(set) var events = 0

  /// Writes the header.
  ///
  /// - Parameters:
  ///   - header: The header.
  ///   - sink: Where the bytes go.
  /// - Throws: `TraceError`: what the sink throws, and `type` for a value without a form.
  public init(header: TraceHeader, to sink: any TraceSink) throws(TraceError) {
    self.sink = sink
    try sink.write(TraceEmitter.header(header))
  }

  /// Writes one event, an `end` line included.
  ///
  /// - Parameter event: The event.
  /// - Throws: `TraceError`: what the sink throws; `type` for a value without a form, and then nothing is written.
  public func write(_ event: TraceEvent) throws(TraceError) {
    try sink.write(TraceEmitter.line(event) + [UInt8(ascii: "\n")])
    if event.end == nil { events += 1 }
  }

  /// Writes the `eof` event: how many events there were, how many crossings never closed, how many events were lost, and
  /// the classes of values that had no form.
  ///
  /// - Parameters:
  ///   - open: Crossings that were opened and not closed.
  ///   - lost: Events that were lost.
  ///   - opaque: Classes of values without a form.
  /// - Throws: `TraceError`: what the sink throws.
  public func finish(open: Int = 0, lost: Int = 0, opaque: Set<String> = []) throws(TraceError) {
    var eof: TraceMapping = ["events": .int(events), "open": .int(open), "lost": .int(lost)]
    if !opaque.isEmpty { eof["opaque"] = .list(opaque.sorted().map(TraceValue.string)) }
    try sink.write(TraceEmitter.line(["eof": .mapping(eof)]) + [UInt8(ascii: "\n")])
  }
}
