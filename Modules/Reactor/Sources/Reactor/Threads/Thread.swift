import Glibc

/// One thread of the operating system.
package struct Thread: Sendable {
  private let handle: pthread_t

  /// Starts a thread.
  ///
  /// - Parameter body: What it does; it ends when this returns. There is no thread when the system has none to give.
  package init?(_ body: @escaping @Sendable () -> Void) {
    let box = unsafe Unmanaged.passRetained(Body(body))
    var handle = pthread_t()
    // The reference that the thread is given is its own, and it releases it.
    let result = unsafe pthread_create(
      &handle, nil,
      { (argument) in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    guard result == 0 else {
      unsafe box.release()
      return nil
    }
    self.handle = handle
  }

  /// Waits until the thread has ended; to be called once.
  package func join() {
    pthread_join(handle, nil)
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}

/// A value that one thread gives to another.
struct Handed<Value>: @unchecked Sendable {
  // Whoever makes one does not use the value any more once the other thread has it.
  let value: Value
}
