import Glibc

/// Which thread this is.
struct ThreadID: Hashable, Sendable {
  private let handle: UInt

  /// The calling thread.
  static var current: ThreadID { ThreadID(handle: UInt(pthread_self())) }
}
