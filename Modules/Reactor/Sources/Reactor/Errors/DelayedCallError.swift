/// A delayed call that can no longer be changed.
public enum DelayedCallError: NamedError, Hashable {
  /// It was made, or is being made now. `AlreadyCalled`.
  case alreadyCalled
  /// It was cancelled. `AlreadyCancelled`.
  case alreadyCancelled

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .alreadyCalled: "already-called"
    case .alreadyCancelled: "already-cancelled"
    }
  }
}

/// A delay that `callLater` refuses.
public enum DelayError: NamedError, Hashable {
  /// It is below zero. Twisted's `AssertionError`.
  case negative

  /// The family's name in the trace format.
  public var traceName: String { "assertion" }
}

/// A Deferred fired twice.
///
/// Mirrors `twisted.internet.defer.AlreadyCalledError`.
public enum DeferredError: NamedError, Hashable {
  /// It already has its result.
  case alreadyCalled
  /// It was cancelled, and nobody else gave it a result. `CancelledError`.
  case cancelled

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .alreadyCalled: "already-fired"
    case .cancelled: "cancelled"
    }
  }
}
