import Glibc

/// A value behind a lock, with a condition to wait for.
///
/// It is pthread's, which the thread sanitizer knows, and not `Synchronization.Mutex`, which it does not.
@safe final class Monitor<Value>: @unchecked Sendable {
  // The value is read and written only inside `withLock` and `wait`, by the thread that holds the mutex, which cannot take it
  // twice: no two uses overlap.
  @exclusivity(unchecked) private var value: Value
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  init(_ value: sending Value) {
    unsafe self.value = value
    // Both live at a fixed address from here to `deinit`, as C wants it.
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    // Nobody waits: whoever does holds a reference.
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Calls a function with the value, and nobody else meanwhile.
  func withLock<R>(_ body: (inout Value) throws -> R) rethrows -> R {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return try unsafe body(&value)
  }

  /// Calls a function with the value until it gives something, and sleeps between two calls until the value has changed.
  ///
  /// - Parameters:
  ///   - asleep: Called before each sleep with 1 and after it with -1, to count sleepers in the value.
  ///   - body: Looks for what is waited for.
  /// - Returns: What it found.
  func wait<R>(asleep: (inout Value, Int) -> Void, _ body: (inout Value) -> R?) -> R {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let result = unsafe body(&value) { return result }
      unsafe asleep(&value, 1)
      unsafe pthread_cond_wait(condition, mutex)
      unsafe asleep(&value, -1)
    }
  }

  /// Wakes one that waits.
  func signal() { unsafe pthread_cond_signal(condition) }

  /// Wakes all that wait.
  func broadcast() { unsafe pthread_cond_broadcast(condition) }
}
