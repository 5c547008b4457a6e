import CLinux
import Glibc

/// The signals that end or wake a reactor.
///
/// Mirrors `twisted.internet._signals`.
///
/// One handler, in C, serves the process: it counts, and writes to the eventfd of the reactor that installed it last.
struct Signals {
  /// Whether `run` asked for handlers.
  var isWanted = false
  /// The eventfd that the handlers write to, while they are installed.
  private var waker: Int32?
  /// Whose handler is, or was, this reactor's.
  private var installed: [Int32] = []

  /// Installs the handlers: SIGINT's only where the default disposition stands, or an earlier reactor's handler.
  mutating func install(_ waker: Int32) {
    self.waker = waker
    let interrupt = clinux_signal_disposition(SIGINT)
    if interrupt == CLINUX_DEFAULT || interrupt == CLINUX_OURS { install(SIGINT, waker) }
    install(SIGTERM, waker)
    install(SIGCHLD, waker)
  }

  /// Ends a run: SIGCHLD goes to its default; the handlers of the others stay, and go on counting.
  mutating func uninstall() {
    guard let waker else { return }
    clinux_signal_default(SIGCHLD, waker)
    installed.removeAll { $0 == SIGCHLD }
  }

  /// Sees to it that no handler writes to the eventfd, which is about to be closed.
  mutating func silence() {
    guard let waker else { return }
    for signal in installed { clinux_signal_silence(signal, waker) }
    self.waker = nil
  }

  /// Puts back what stood before the handlers, where no other reactor has installed them since.
  func restore() {
    for signal in installed { clinux_signal_restore(signal) }
  }

  /// How often a signal has come for this reactor since the last question.
  func take(_ signal: Int32) -> Int {
    guard let waker else { return 0 }
    return Int(clinux_signal_take(signal, waker))
  }

  private mutating func install(_ signal: Int32, _ waker: Int32) {
    guard clinux_signal_install(signal, waker) == 0 else { return }
    if !installed.contains(signal) { installed.append(signal) }
  }
}

extension Reactor {
  func installSignals() {
    guard signals.isWanted, let waker else { return }
    signals.install(waker.descriptor)
    // A child that ended before there was a handler is not waited for in vain.
    reapProcesses?()
  }

  /// Serves the signals that have come since it was last asked.
  func takeSignals() {
    for (signal, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")] {
      for _ in 0..<signals.take(signal) {
        log(.info, "Received \(name), shutting down.")
        exitSignal = signal
        callFromThreadInternally { (reactor) in try reactor.stop() }
      }
    }
    if signals.take(SIGCHLD) > 0 { reapProcesses?() }
  }
}
