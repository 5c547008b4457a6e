import Pair

/// A device that writes each frame of another into a capture.
///
/// The frames go on when the capture cannot be written: what stopped it stands in ``failure``, and ``finish()`` throws it.
public struct PcapWriter<Wrapped: PacketDevice & ~Copyable>: PacketDevice, ~Copyable {
  /// The device that does the work.
  public var wrapped: Wrapped
  /// What stopped the capture, if anything did.
  public private(set) var failure: CaptureError?
  private var writer: CaptureWriter

  /// Wraps a device and makes the file, or empties it.
  ///
  /// - Parameters:
  ///   - wrapped: The device that does the work.
  ///   - path: The file.
  ///   - snapshotLength: How many bytes of a frame are written at most.
  /// - Throws: ``CaptureError`` when the file cannot be made.
  public init(
    _ wrapped: consuming Wrapped, path: String, snapshotLength: Int = CaptureLimits.packetLength
  ) throws(CaptureError) {
    let linkType = CaptureLinkType(wrapped.medium)
    writer = try CaptureWriter(path: path, linkType: linkType, snapshotLength: snapshotLength)
    self.wrapped = wrapped
  }

  /// Closes the capture and gives back the device.
  ///
  /// - Returns: What it wraps.
  /// - Throws: ``CaptureError`` when not every frame has reached the file.
  public consuming func finish() throws(CaptureError) -> Wrapped {
    if let failure { throw failure }
    try writer.close()
    return wrapped
  }

  /// What its frames begin with.
  public var medium: PacketMedium { wrapped.medium }

  /// Receives the next frame and writes it down.
  ///
  /// - Parameters:
  ///   - buffer: Where the frame goes.
  ///   - time: The time, since 1970-01-01 00:00 UTC.
  /// - Returns: The number of bytes that were written, or nothing when there is no frame.
  /// - Throws: What the wrapped device throws.
  public mutating func receive(
    into buffer: inout MutableRawSpan, at time: Duration
  ) throws(Wrapped.Failure) -> Int? {
    guard let count = try wrapped.receive(into: &buffer, at: time) else { return nil }
    write(buffer.bytes.extracting(0..<count), at: time)
    return count
  }

  /// Sends a frame and writes it down, if it was taken.
  ///
  /// - Parameters:
  ///   - frame: The frame.
  ///   - time: The time, since 1970-01-01 00:00 UTC.
  /// - Returns: Whether the device took it.
  /// - Throws: What the wrapped device throws.
  public mutating func send(_ frame: RawSpan, at time: Duration) throws(Wrapped.Failure) -> Bool {
    guard try wrapped.send(frame, at: time) else { return false }
    write(frame, at: time)
    return true
  }

  private mutating func write(_ frame: RawSpan, at time: Duration) {
    guard failure == nil else { return }
    do throws(CaptureError) {
      try writer.write(frame, at: time)
    } catch {
      failure = error
    }
  }
}

extension CaptureLinkType {
  /// The link type of a medium's frames.
  ///
  /// - Parameter medium: What the frames begin with.
  public init(_ medium: PacketMedium) {
    switch medium {
    case .ethernet: self = .ethernet
    case .ip: self = .ip
    }
  }
}
