/// A packet of a capture, in memory that is the reader's until it reads on.
public struct CaptureRecord: ~Escapable {
  /// The time, since 1970-01-01 00:00 UTC; to the nanosecond where the capture has it.
  public var time: Duration { stamp.time }
  /// The length that the packet had on its way, in bytes, as the capture has it.
  public let originalLength: Int
  /// The bytes that were captured.
  public let bytes: RawSpan

  /// Whether the packet was longer than what was captured of it.
  public var isCut: Bool { originalLength > bytes.byteCount }

  let stamp: CaptureStamp

  @_lifetime(copy bytes)
  init(stamp: CaptureStamp, originalLength: Int, bytes: RawSpan) {
    self.stamp = stamp
    self.originalLength = originalLength
    self.bytes = bytes
  }
}

/// A packet's time as libpcap has it.
///
/// Made a `Duration` only for who asks: that multiplies 128 bits, which a million packets feel.
struct CaptureStamp {
  let seconds: Int64
  /// Of a second; anything in a foreign file.
  let nanoseconds: Int64

  var time: Duration { .seconds(seconds) + .nanoseconds(nanoseconds) }
}

/// What no packet of a capture here is longer than.
public enum CaptureLimits {
  /// The largest number of bytes of one packet: libpcap's own limit for most link types.
  public static let packetLength = 262_144
}
