/// A reactor asked for something that its state does not allow.
public enum ReactorError: NamedError, Hashable {
  /// `stop` when it was never started, or when it was already told to stop. `ReactorNotRunning`.
  case notRunning
  /// `run` after a stop: only a crashed reactor runs again. `ReactorNotRestartable`.
  case notRestartable
  /// `run` while it runs. `ReactorAlreadyRunning`.
  case alreadyRunning

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .notRunning: "not-running"
    case .notRestartable: "not-restartable"
    case .alreadyRunning: "already-running"
    }
  }
}

/// A system event trigger that is not there to be removed.
public enum TriggerError: NamedError, Hashable {
  /// It was already removed, or has already run. Twisted's `ValueError`.
  case alreadyRemoved
  /// Its event has never had a trigger on this reactor. Twisted's `KeyError`.
  case unknownEvent

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .alreadyRemoved: "value-error"
    case .unknownEvent: "key-error"
    }
  }
}

/// A thread pool of impossible size.
///
/// Twisted's `AssertionError`.
public enum ThreadPoolError: NamedError, Hashable {
  /// A negative least number of threads.
  case negativeMinimum
  /// A least number of threads above the greatest.
  case minimumAboveMaximum

  /// The family's name in the trace format.
  public var traceName: String { "assertion" }
}
