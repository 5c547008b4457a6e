/// Where a reactor is between its first `run` and the end of its last.
///
/// Mirrors the flags of `twisted.internet.base.ReactorBase`.
struct Lifecycle {
  /// Whether the main loop goes on.
  private(set) var isStarted = false
  /// Whether the startup event has come as far as its `during` phase.
  private(set) var isRunning = false
  /// Whether `stop` is out of place.
  private var isStopped = true
  /// Whether the shutdown event is still to be fired.
  private var hasJustStopped = false
  /// Whether it was ever stopped.
  private var wasStopped = false
  /// Whether the shutdown event has come as far as its `during` phase.
  private(set) var isShutDown = false

  /// `run` was called.
  mutating func start() throws(ReactorError) {
    if isStarted { throw .alreadyRunning }
    if wasStopped { throw .notRestartable }
    isStarted = true
    isStopped = false
  }

  /// The startup event's first `during` trigger has come.
  mutating func becomeRunning() {
    isRunning = true
  }

  /// `stop` was called.
  mutating func stop() throws(ReactorError) {
    if isStopped { throw .notRunning }
    isStopped = true
    hasJustStopped = true
    wasStopped = true
  }

  /// `crash` was called, or the shutdown event's first `during` trigger has come.
  mutating func crash() {
    isStarted = false
    isRunning = false
  }

  /// The shutdown event's `during` phase has come: connections are lost now.
  mutating func shutDown() {
    isShutDown = true
  }

  /// Tells, once after each stop, that the shutdown event is to be fired.
  mutating func takeShutdown() -> Bool {
    defer { hasJustStopped = false }
    return hasJustStopped
  }
}
