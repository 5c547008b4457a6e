import Reactor

/// The errors that an application raised, and which event raised each, so that one that comes back is known as the same.
struct RaisedErrors {
  private struct Entry {
    let error: any Error
    let event: Int
  }

  private var entries: [Entry] = []
  /// How many are remembered: an application that raises for ever does not fill the memory.
  private static let most = 4096

  /// Notes which event raised an error first.
  mutating func remember(_ error: any Error, event: Int) {
    guard self.event(of: error) == nil else { return }
    if entries.count == Self.most { entries.removeFirst(Self.most / 2) }
    entries.append(Entry(error: error, event: event))
  }

  /// The event that raised an error, if one did: the latest, where two errors cannot be told apart.
  func event(of error: any Error) -> Int? {
    entries.last { Self.same($0.error, error) }?.event
  }

  private static func same(_ one: any Error, _ other: any Error) -> Bool {
    guard type(of: one) == type(of: other) else { return false }
    if let one = one as? RecordedError, let other = other as? RecordedError { return one === other }
    if type(of: one) is AnyClass { return (one as AnyObject) === (other as AnyObject) }
    return String(reflecting: one) == String(reflecting: other)
  }
}

/// An error as a trace has it: one that an application's stand-in raises, or a family that Swift has no type for.
public final class RecordedError: NamedError, CustomStringConvertible {
  /// The family's name in the trace format.
  public let traceName: String
  /// The operating system's error beneath, if there is one.
  public let errno: Errno?
  /// The class that the recorded program raised, for the family `application`.
  public let className: String?

  /// Makes an error.
  ///
  /// - Parameters:
  ///   - traceName: The family's name in the trace format.
  ///   - errno: The operating system's error beneath.
  ///   - className: The class that the recorded program raised.
  public init(traceName: String, errno: Errno? = nil, className: String? = nil) {
    self.traceName = traceName
    self.errno = errno
    self.className = className
  }

  /// The class or family, and the system's error.
  public var description: String {
    (className ?? traceName) + (errno.map { " \($0.name)" } ?? "")
  }
}
