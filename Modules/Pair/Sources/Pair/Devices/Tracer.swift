/// A device that shows each frame of another to a closure, such as one that prints it.
public struct Tracer<Wrapped: PacketDevice & ~Copyable>: PacketDevice, ~Copyable {
  /// Sees a frame: which way it goes, when, and its bytes.
  public typealias Trace = (_ direction: FrameDirection, _ time: Duration, _ frame: RawSpan) -> Void

  /// The device that does the work.
  public var wrapped: Wrapped
  private let trace: Trace

  /// Wraps a device.
  ///
  /// - Parameters:
  ///   - wrapped: The device that does the work.
  ///   - trace: Sees each frame that was received, and each that was taken to be sent.
  public init(_ wrapped: consuming Wrapped, trace: @escaping Trace) {
    self.wrapped = wrapped
    self.trace = trace
  }

  /// Wraps a device, and has each frame told in a line.
  ///
  /// - Parameters:
  ///   - wrapped: The device that does the work.
  ///   - tell: Takes the line of a frame, as ``PacketText/line(_:)`` has it behind `sent: ` or `received: `.
  public init(_ wrapped: consuming Wrapped, tell: @escaping (_ time: Duration, _ line: String) -> Void) {
    let decoder = PacketDecoder(start: wrapped.medium == .ethernet ? .ethernet : .ip)
    self.init(wrapped) { (direction, time, frame) in
      tell(time, "\(direction): \(PacketText.line(decoder.decode(frame)))")
    }
  }

  /// Gives back the device.
  ///
  /// - Returns: What it wraps.
  public consuming func unwrap() -> Wrapped { wrapped }

  /// What its frames begin with.
  public var medium: PacketMedium { wrapped.medium }

  /// Receives the next frame and shows it.
  ///
  /// - Parameters:
  ///   - buffer: Where the frame goes.
  ///   - time: The time, since an origin that the caller chooses.
  /// - Returns: The number of bytes that were written, or nothing when there is no frame.
  /// - Throws: What the wrapped device throws.
  public mutating func receive(
    into buffer: inout MutableRawSpan, at time: Duration
  ) throws(Wrapped.Failure) -> Int? {
    guard let count = try wrapped.receive(into: &buffer, at: time) else { return nil }
    trace(.received, time, buffer.bytes.extracting(0..<count))
    return count
  }

  /// Sends a frame and shows it, if it was taken.
  ///
  /// - Parameters:
  ///   - frame: The frame.
  ///   - time: The time, since the same origin.
  /// - Returns: Whether the device took it.
  /// - Throws: What the wrapped device throws.
  public mutating func send(_ frame: RawSpan, at time: Duration) throws(Wrapped.Failure) -> Bool {
    guard try wrapped.send(frame, at: time) else { return false }
    trace(.sent, time, frame)
    return true
  }
}
