/// One line of a reactor's log.
///
/// Mirrors an event of `twisted.logger`.
public struct LogEvent: Sendable {
  /// How grave it is.
  ///
  /// Mirrors `twisted.logger.LogLevel`.
  public enum Level: String, Sendable, CaseIterable, Comparable {
    /// For the reactor's own developers.
    case debug
    /// The normal course of things.
    case info
    /// Something that will be an error one day.
    case warn
    /// Something failed; the reactor dealt with it.
    case error
    /// Application code threw where nothing else would tell of it.
    case critical

    /// Orders levels by gravity.
    ///
    /// - Parameters:
    ///   - left: One level.
    ///   - right: Another.
    /// - Returns: Whether the first is the less grave.
    public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

    private var rank: Int { Level.allCases.firstIndex(of: self) ?? 0 }
  }

  /// How grave it is.
  public var level: Level
  /// What happened, for people.
  public var message: String
  /// The error that is logged, if it is about one.
  public var error: (any Error)?
  /// Whose doing it was: the log prefix of the descriptor being served, or `-`.
  public var system: String

  /// Makes a line.
  ///
  /// - Parameters:
  ///   - level: How grave it is.
  ///   - message: What happened, for people.
  ///   - error: The error that is logged, if it is about one.
  ///   - system: Whose doing it was.
  public init(_ level: Level, _ message: String, error: (any Error)? = nil, system: String = "-") {
    self.level = level
    self.message = message
    self.error = error
    self.system = system
  }
}

extension LogEvent: CustomStringConvertible {
  /// The line as it stands on standard error.
  public var description: String {
    let line = "[\(system)#\(level.rawValue)] \(message)"
    return if let error { "\(line): \(error)" } else { line }
  }
}

/// Where the lines of a log go.
public struct LogSink: Sendable {
  private let take: @Sendable (LogEvent) -> Void

  /// Makes a sink.
  ///
  /// - Parameter take: Takes one line; called on the thread that logs, so from any.
  public init(_ take: @escaping @Sendable (LogEvent) -> Void) {
    self.take = take
  }

  /// Takes one line.
  ///
  /// - Parameter event: The line.
  public func callAsFunction(_ event: LogEvent) {
    take(event)
  }

  /// Writes warnings and worse to standard error, a line each.
  public static let standardError = LogSink { (event) in
    if event.level >= .warn { StandardError.write("\(event)\n") }
  }

  /// Drops everything.
  public static let none = LogSink { _ in }
}
