/// The bytes that wait to be sent, in order, beside their ``OutputCounts``.
///
/// One run of bytes with a sent prefix: appending copies once, sending copies nothing, and neither allocates once the run
/// has grown to what a connection needs.
package struct OutputBuffer {
  /// The most that an empty buffer keeps for the next output, in bytes.
  private static let keptCapacity = 4 * OutputCounts.sendLimit

  /// What waits and what may be sent.
  package private(set) var counts = OutputCounts()
  private var bytes: [UInt8] = []
  /// Where the first byte not sent is.
  private var head = 0

  /// Starts with nothing.
  package init() {}

  /// Whether all is sent.
  package var isEmpty: Bool { counts.isEmpty }

  /// Appends a copy.
  ///
  /// - Parameter data: The bytes.
  /// - Returns: What waits now.
  package mutating func append(_ data: RawSpan) -> OutputCounts {
    counts.append(data.byteCount)
    // The pointer is used inside the closure only, where the span holds the bytes.
    unsafe data.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    return counts
  }

  /// Appends a copy.
  ///
  /// - Parameter data: The bytes.
  /// - Returns: What waits now.
  package mutating func append(_ data: [UInt8]) -> OutputCounts {
    counts.append(data.count)
    bytes.append(contentsOf: data)
    return counts
  }

  /// Offers to one send what it may take, and counts what it took.
  ///
  /// - Parameter send: Sends from the start of the bytes it gets, which may be none, and tells how many it took.
  /// - Returns: What `send` returned, and whether nothing waits any more.
  package mutating func sendOnce(
    _ send: (UnsafeRawBufferPointer) -> IOResult<Int>
  ) -> (result: IOResult<Int>, wasAll: Bool) {
    let offered = counts.stage()
    // The pointer is used inside the closure only, where the array holds the bytes; the range is within it because head
    // and offered are counted from what was appended.
    let result = unsafe bytes.withUnsafeBytes { all in
      unsafe send(UnsafeRawBufferPointer(rebasing: all[head..<head + offered]))
    }
    if case .done(let count) = result { drop(count) }
    return (result, counts.isEmpty)
  }

  /// Forgets everything, sent or not, and its memory.
  package mutating func removeAll() {
    self = OutputBuffer()
  }

  private mutating func drop(_ count: Int) {
    counts.send(count)
    head += count
    if head == bytes.count {
      head = 0
      bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
    } else if head > bytes.count / 2 {
      bytes.removeSubrange(..<head)
      head = 0
    }
  }
}
