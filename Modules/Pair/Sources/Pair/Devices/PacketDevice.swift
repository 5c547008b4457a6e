/// Something that frames are sent to and received from: a cable, a tunnel, or another device with something done on the way.
///
/// Devices stack: one that wraps another is a device itself, and gives back what it wraps. Time is an argument, never
/// read: the same calls do the same again.
public protocol PacketDevice: ~Copyable {
  /// Why it fails; `Never` for one that cannot.
  associatedtype Failure: Error

  /// What its frames begin with.
  var medium: PacketMedium { get }

  /// Receives the next frame.
  ///
  /// - Parameters:
  ///   - buffer: Where the frame goes; one that is longer is cut, as a read of a tun or tap device cuts it.
  ///   - time: The time, since an origin that the caller chooses: the Unix epoch where frames go to a capture.
  /// - Returns: The number of bytes that were written, or nothing when there is no frame.
  /// - Throws: What the device at the bottom throws.
  mutating func receive(into buffer: inout MutableRawSpan, at time: Duration) throws(Failure) -> Int?

  /// Sends a frame.
  ///
  /// - Parameters:
  ///   - frame: The frame.
  ///   - time: The time, since the same origin.
  /// - Returns: Whether the device took it; if not, it may later. What is lost on the way was taken.
  /// - Throws: What the device at the bottom throws.
  mutating func send(_ frame: RawSpan, at time: Duration) throws(Failure) -> Bool
}

/// What frames begin with.
public enum PacketMedium: Hashable, Sendable, CaseIterable {
  /// An Ethernet header: tap.
  case ethernet
  /// An IPv4 or IPv6 header: tun without packet information.
  case ip
}

/// Which way a frame goes, as seen from who holds the device.
public enum FrameDirection: Hashable, Sendable, CaseIterable {
  /// It was received.
  case received
  /// It was sent.
  case sent
}
