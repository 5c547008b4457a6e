/// How much output waits, counted as `twisted.internet.abstract.FileDescriptor` counts it, and how much one send may take.
///
/// There are two parts: what a flush has staged for sending, of which a prefix is sent, and what was appended since. The
/// sent prefix goes on counting as waiting until a flush stages anew, which an application sees in when its producer is
/// paused. Numbers only: ``OutputBuffer`` holds the bytes.
package struct OutputCounts: Hashable {
  /// The most that one send takes, in bytes: `SEND_LIMIT`.
  package static let sendLimit = 131_072
  /// A producer is paused when more than this waits, in bytes, unless another limit is set: `bufferSize`.
  package static let pauseLimit = 65_536

  /// The bytes staged, sent ones included: the length of `dataBuffer`.
  package private(set) var staged = 0
  /// The bytes of `staged` that are sent: `offset`.
  package private(set) var sent = 0
  /// The bytes appended since the last staging: `_tempDataLen`.
  package private(set) var appended = 0

  /// Starts with nothing.
  package init() {}

  /// The bytes not sent yet.
  package var unsent: Int { staged - sent + appended }

  /// Whether all is sent.
  package var isEmpty: Bool { unsent == 0 }

  /// Whether a push producer is to be paused: `_isSendBufferFull`.
  ///
  /// - Parameter limit: The most that may wait, in bytes.
  /// - Returns: Whether more waits, sent bytes included.
  package func isFull(above limit: Int = pauseLimit) -> Bool { staged + appended > limit }

  /// Counts what was appended.
  ///
  /// - Parameter count: The bytes, 0 or more.
  package mutating func append(_ count: Int) {
    appended += count
  }

  /// Stages for one send, and tells how much that send may take.
  ///
  /// - Returns: The bytes to offer, from the first one not sent; 0 when nothing waits.
  package mutating func stage() -> Int {
    if staged - sent < Self.sendLimit {
      staged = unsent
      sent = 0
      appended = 0
    }
    return min(staged - sent, Self.sendLimit)
  }

  /// Counts what the send took.
  ///
  /// - Parameter count: The bytes, at most what `stage` told.
  package mutating func send(_ count: Int) {
    sent += count
    if isEmpty { self = OutputCounts() }
  }
}
