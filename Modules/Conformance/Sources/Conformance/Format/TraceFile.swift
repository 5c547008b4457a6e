/// A whole trace in memory: its header and its events.
public struct TraceFile: Sendable {
  /// The header.
  public var header: TraceHeader
  /// The events, `end` lines included and `eof` apart, each with its line.
  public var events: [(line: Int, event: TraceEvent)]
  /// The `eof` event, nil where the file is truncated.
  public var end: TraceEvent?
  /// The file's name, for errors.
  public var file: String

  /// Whether the file ended before its `eof` event.
  public var isTruncated: Bool { end == nil }

  /// What the `eof` event says: `events`, `open`, `lost`; nil where the file is truncated.
  public var eof: TraceMapping? { end?["eof"]?.mapping }

  /// Reads the whole trace at a path, without judging more than its syntax.
  ///
  /// - Parameters:
  ///   - path: The file's path.
  ///   - limits: How much to take in at most.
  ///   - allowsTruncated: Whether a file that ends before its `eof` is taken as far as it goes.
  /// - Throws: `TraceError` where it is no trace, or a truncated one and that is not allowed.
  public init(
    path: String, limits: TraceLimits = TraceLimits(), allowsTruncated: Bool = false
  ) throws(TraceError) {
    try self.init(TraceReader(path: path, limits: limits), allowsTruncated: allowsTruncated)
  }

  /// Reads a whole trace from memory, without judging more than its syntax.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - name: What errors call it.
  ///   - limits: How much to take in at most.
  ///   - allowsTruncated: Whether a file that ends before its `eof` is taken as far as it goes.
  /// - Throws: `TraceError` where it is no trace, or a truncated one and that is not allowed.
  public init(
    bytes: [UInt8], name: String = "", limits: TraceLimits = TraceLimits(), allowsTruncated: Bool = false
  ) throws(TraceError) {
    try self.init(TraceReader(bytes: bytes, name: name, limits: limits), allowsTruncated: allowsTruncated)
  }

  private init(_ reader: consuming TraceReader, allowsTruncated: Bool) throws(TraceError) {
    header = reader.header
    file = reader.file
    events = []
    do {
      while let event = try reader.next() {
        if event["eof"] != nil {
          end = event
        } else {
          events.append((reader.line, event))
        }
      }
    } catch {
      guard allowsTruncated, error.code == .truncated else { throw error }
    }
  }

  /// The events as a forest.
  ///
  /// - Returns: The tree.
  /// - Throws: `TraceError` where the events do not nest.
  public func tree() throws(TraceError) -> TraceTree {
    try TraceTree(events, file: file)
  }
}
