/// What a poller waits for on a descriptor; never empty, because nothing to wait for means not registered.
public enum Interest: Sendable, Hashable {
  /// Wait until it can be read.
  case read
  /// Wait until it can be written.
  case write
  /// Wait for either.
  case readWrite

  /// Whether reading is waited for.
  @inlinable public var wantsRead: Bool { self != .write }
  /// Whether writing is waited for.
  @inlinable public var wantsWrite: Bool { self != .read }
}

/// What one poll found on one descriptor.
public struct Readiness: OptionSet, Sendable, Hashable {
  /// The bits.
  public let rawValue: UInt8

  /// Makes a set of findings.
  ///
  /// - Parameter rawValue: The bits.
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// It can be read.
  public static let readable = Readiness(rawValue: 1)
  /// It can be written.
  public static let writable = Readiness(rawValue: 2)
  /// The other side hung up, `POLLHUP`.
  public static let hangUp = Readiness(rawValue: 4)
  /// An error is pending, `POLLERR`.
  public static let error = Readiness(rawValue: 8)
  /// The descriptor is not open, `POLLNVAL`.
  public static let invalid = Readiness(rawValue: 16)
}

/// One finding of one poll.
public struct PollEvent: Sendable {
  /// The descriptor.
  public var descriptor: Int32
  /// The number of the registration that it was found for: a later registration of a reused descriptor has another.
  public var registration: UInt32
  /// What was found.
  public var readiness: Readiness

  /// Makes a finding.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor.
  ///   - registration: The number of its registration.
  ///   - readiness: What was found.
  @inlinable public init(descriptor: Int32, registration: UInt32, readiness: Readiness) {
    self.descriptor = descriptor
    self.registration = registration
    self.readiness = readiness
  }
}

/// Waits for descriptors to become ready: the part of a reactor that differs from back end to back end.
///
/// Level-triggered. The reactor registers each descriptor once, with a number of its own that comes back with each event.
public protocol Poller: AnyObject {
  /// Starts to watch a descriptor.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor; not registered yet.
  ///   - interest: What to wait for.
  ///   - registration: The number to report with its events.
  /// - Throws: The system's refusal, such as `EPERM` for a regular file under epoll; nothing is then registered.
  func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno)

  /// Changes what is waited for.
  ///
  /// - Parameters:
  ///   - descriptor: The descriptor; registered.
  ///   - interest: What to wait for from now on.
  ///   - registration: The number to report with its events.
  /// - Throws: The system's refusal.
  func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno)

  /// Stops watching a descriptor; one that was closed behind the poller's back is forgotten in silence.
  ///
  /// - Parameter descriptor: The descriptor.
  func remove(_ descriptor: Int32)

  /// Waits, and collects what was found, in the order in which the reactor is to dispatch it.
  ///
  /// - Parameters:
  ///   - timeout: How long to wait at most, in milliseconds; 0 looks only, `nil` waits for ever.
  ///   - events: Where the findings go; emptied first. An interrupted wait finds nothing.
  /// - Throws: The system's refusal.
  func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno)

  /// Closes the poller's own descriptor.
  func close()
}
