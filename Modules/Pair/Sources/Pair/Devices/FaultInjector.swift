import Reactor

/// A device that loses, damages and holds back frames of another, the same way for the same seed.
///
/// What is lost on the way out was taken. What is lost on the way in is as if it had never come: the next frame is looked
/// for. Three numbers are drawn for each frame whatever happens to it, so that a change of one chance leaves what the
/// others do as it was.
public struct FaultInjector<Wrapped: PacketDevice & ~Copyable>: PacketDevice, ~Copyable {
  /// The device that does the work.
  public var wrapped: Wrapped
  private var receiving: FaultyDirection
  private var sending: FaultyDirection
  // A frame that is damaged on the way out, copied.
  private var damaged: [UInt8] = []

  /// Wraps a device.
  ///
  /// - Parameters:
  ///   - wrapped: The device that does the work.
  ///   - seed: The same seed and the same calls give the same faults, on every machine.
  ///   - receiving: What happens to frames on the way in.
  ///   - sending: What happens to frames on the way out.
  public init(
    _ wrapped: consuming Wrapped, seed: UInt64, receiving: FrameFaults = FrameFaults(),
    sending: FrameFaults = FrameFaults()
  ) {
    self.wrapped = wrapped
    self.receiving = FaultyDirection(receiving, seed: seed)
    self.sending = FaultyDirection(sending, seed: ~seed)
  }

  /// Gives back the device.
  ///
  /// - Returns: What it wraps.
  public consuming func unwrap() -> Wrapped { wrapped }

  /// What its frames begin with.
  public var medium: PacketMedium { wrapped.medium }

  /// What has happened so far to frames that go one way.
  ///
  /// - Parameter direction: The way.
  /// - Returns: The counts.
  public func counts(_ direction: FrameDirection) -> FrameFaultCounts {
    switch direction {
    case .received: receiving.counts
    case .sent: sending.counts
    }
  }

  /// Receives the next frame that is not lost.
  ///
  /// - Parameters:
  ///   - buffer: Where the frame goes.
  ///   - time: The time, which the rate is measured in; one before the last does not add to it.
  /// - Returns: The number of bytes that were written, or nothing when there is no frame.
  /// - Throws: What the wrapped device throws.
  public mutating func receive(
    into buffer: inout MutableRawSpan, at time: Duration
  ) throws(Wrapped.Failure) -> Int? {
    while let count = try wrapped.receive(into: &buffer, at: time) {
      switch receiving.fate(ofLength: count, at: time) {
      case .passes: return count
      case .isLost: continue
      case .isDamaged(let bit):
        buffer.setByte(bit / 8, buffer.bytes.byte(bit / 8) ^ (1 << (bit % 8)))
        return count
      }
    }
    return nil
  }

  /// Sends a frame, if it is not lost.
  ///
  /// - Parameters:
  ///   - frame: The frame.
  ///   - time: The time, which the rate is measured in; one before the last does not add to it.
  /// - Returns: Whether the device took it, or it is lost.
  /// - Throws: What the wrapped device throws.
  public mutating func send(_ frame: RawSpan, at time: Duration) throws(Wrapped.Failure) -> Bool {
    switch sending.fate(ofLength: frame.byteCount, at: time) {
    case .passes: return try wrapped.send(frame, at: time)
    case .isLost: return true
    case .isDamaged(let bit):
      // Out of `self` meanwhile, which the wrapped device is changed in.
      var copy: [UInt8] = []
      swap(&copy, &damaged)
      defer { swap(&copy, &damaged) }
      copy.replaceAll(with: frame)
      copy[bit / 8] ^= 1 << (bit % 8)
      // Every byte of the array is initialised, which is what `bytes` asks for.
      return try unsafe wrapped.send(copy.span.bytes, at: time)
    }
  }
}
