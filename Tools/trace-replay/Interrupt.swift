import Glibc
import Synchronization

/// Whether the user has asked to stop, by Ctrl-C; a second time ends the process at once.
enum Interrupt {
  private static let flag = Atomic(false)

  /// Whether it was asked.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// Notes the next SIGINT instead of ending the process.
  static func catchNext() {
    // The handler does nothing but what a handler may: it sets a flag, and puts the default back.
    signal(SIGINT) { _ in
      Interrupt.flag.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
  }
}
