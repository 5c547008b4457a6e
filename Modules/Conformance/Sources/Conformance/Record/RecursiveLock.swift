import Glibc

/// A lock that the thread that holds it may take again.
@safe final class RecursiveLock: @unchecked Sendable {
  // The mutex is never moved: it lives in memory of its own until the lock is gone, and only pthread calls touch it, which
  // any thread may make.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    unsafe mutex = .allocate(capacity: 1)
    var attributes = pthread_mutexattr_t()
    unsafe pthread_mutexattr_init(&attributes)
    unsafe pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
    unsafe pthread_mutex_init(mutex, &attributes)
    unsafe pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_mutex_destroy(mutex)
    unsafe mutex.deallocate()
  }

  /// Waits for the lock.
  func lock() { unsafe pthread_mutex_lock(mutex) }

  /// Gives the lock back.
  func unlock() { unsafe pthread_mutex_unlock(mutex) }

  /// Does something while holding the lock.
  func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    lock()
    defer { unlock() }
    return try body()
  }
}
