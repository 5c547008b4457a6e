/// A device on which every frame that is sent comes back, in order.
public struct Loopback: PacketDevice, ~Copyable {
  /// What its frames begin with.
  public let medium: PacketMedium

  // A ring; the memory of a frame that was received is used again.
  private var frames: [[UInt8]]
  private var first = 0
  private var waiting = 0

  /// Makes a device with nothing under way.
  ///
  /// - Parameters:
  ///   - medium: What its frames begin with.
  ///   - capacity: How many frames are under way at most, at least 1; one more is not taken.
  public init(medium: PacketMedium, capacity: Int = 256) {
    self.medium = medium
    frames = Array(repeating: [], count: max(capacity, 1))
  }

  /// Receives the frame that was sent first of those under way.
  ///
  /// - Parameters:
  ///   - buffer: Where it goes; one that is longer is cut.
  ///   - time: The time; it does not matter here.
  /// - Returns: The number of bytes that were written, or nothing when no frame is under way.
  public mutating func receive(into buffer: inout MutableRawSpan, at time: Duration) -> Int? {
    guard waiting > 0 else { return nil }
    let count = min(frames[first].count, buffer.byteCount)
    for index in 0..<count { buffer.setByte(index, frames[first][index]) }
    first = (first + 1) % frames.count
    waiting -= 1
    return count
  }

  /// Sends a frame, to be received later.
  ///
  /// - Parameters:
  ///   - frame: The frame.
  ///   - time: The time; it does not matter here.
  /// - Returns: Whether there was room.
  public mutating func send(_ frame: RawSpan, at time: Duration) -> Bool {
    guard waiting < frames.count else { return false }
    frames[(first + waiting) % frames.count].replaceAll(with: frame)
    waiting += 1
    return true
  }
}

extension [UInt8] {
  /// Becomes a copy of the bytes, in the memory that is there if it is enough.
  mutating func replaceAll(with bytes: RawSpan) {
    removeAll(keepingCapacity: true)
    unsafe bytes.withUnsafeBytes { unsafe append(contentsOf: $0) }
  }
}
