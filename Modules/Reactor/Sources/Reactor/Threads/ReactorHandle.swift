import Glibc

/// A call from a thread, in the queue of its reactor.
package final class ThreadCall {
  let body: (Reactor) throws -> Void
  /// The function that was handed over, if the application handed one over.
  let callable: Callable?

  init(_ callable: Callable?, _ body: @escaping (Reactor) throws -> Void) {
    self.callable = callable
    self.body = body
  }
}

/// The only door into a reactor from other threads.
///
/// It may outlive its reactor; calls queued then are never made. Mirrors the part of
/// `twisted.internet.interfaces.IReactorFromThreads` that other threads may use.
public final class ReactorHandle: Sendable {
  private struct State {
    var queue: [Handed<ThreadCall>] = []
    /// The eventfd, or -1 while the reactor has none.
    var waker: Int32 = -1
    var boundary: Boundary?
    var isClosed = false
  }

  private let state = Monitor(State())

  init() {}

  /// Queues a call for the reactor's thread, and wakes the reactor.
  ///
  /// It is made in step 1 of a turn, in the order of queueing. What it throws is logged. Works before the reactor runs.
  ///
  /// - Parameter body: What is called, with the reactor.
  public func callFromThread(_ body: @escaping @Sendable (Reactor) throws -> Void) {
    guard let boundary = state.withLock({ $0.boundary }) else { return enqueue(ThreadCall(nil, body)) }
    let callable = Callable {}
    let call = ThreadCall(boundary.isInApplication ? callable : nil, body)
    boundary.call(
      self, "callFromThread", [BoundaryArgument("callable", .callable(callable))],
      gives: { _ in .none }
    ) { enqueue(call) }
  }

  /// Queues a function that has an identity, from another thread than the reactor's.
  ///
  /// - Parameter callable: What is called; the calling thread lets go of it.
  package func callFromThread(_ callable: Callable) {
    let call = ThreadCall(callable) { _ in _ = try callable.body() }
    guard let boundary = state.withLock({ $0.boundary }) else { return enqueue(call) }
    boundary.call(
      self, "callFromThread", [BoundaryArgument("callable", .callable(callable))], gives: { _ in .none }
    ) { enqueue(call) }
  }

  /// Ends the poll that the reactor waits in, or the next one.
  ///
  /// Mirrors `ReactorBase.wakeUp`.
  public func wakeUp() {
    state.withLock { Self.write(to: $0.waker) }
  }

  /// Queues a call, and wakes the reactor if it could be asleep.
  func enqueue(_ call: ThreadCall) {
    // The caller lets go of it; it is made, and dropped, on the reactor's thread.
    let handed = Handed(value: call)
    state.withLock { (state) in
      guard !state.isClosed else { return }
      // With others in the queue the reactor has been woken, or will look at the queue before it sleeps.
      if state.queue.isEmpty { Self.write(to: state.waker) }
      state.queue.append(handed)
    }
  }

  /// Whether calls wait, so that a poll must not.
  var hasCalls: Bool { state.withLock { !$0.queue.isEmpty } }

  /// Takes all calls that wait.
  func takeCalls(closing: Bool = false) -> [ThreadCall] {
    state.withLock { (state) -> [Handed<ThreadCall>] in
      if closing { state.isClosed = true }
      guard !state.queue.isEmpty else { return [] }
      defer { state.queue = [] }
      return state.queue
    }.map(\.value)
  }

  /// Sets the eventfd to wake the reactor by.
  func open(_ waker: Int32) {
    state.withLock { $0.waker = waker }
  }

  /// Forgets the eventfd: when this returns, nobody writes to it.
  func closeWaker() {
    state.withLock { $0.waker = -1 }
  }

  /// Drops the calls that will never be made, on the reactor's thread.
  func dropCalls() {
    // They are released after the lock, as what they hold may use the handle.
    withExtendedLifetime(takeCalls(closing: true)) {}
  }

  func setBoundary(_ boundary: Boundary?) {
    state.withLock { $0.boundary = boundary }
  }

  private static func write(to waker: Int32) {
    guard waker >= 0 else { return }
    // A full counter is as good as one more: the poll ends.
    // The kernel reads eight bytes of a local variable.
    var one: UInt64 = 1
    _ = SystemCall.result { unsafe Glibc.write(waker, &one, MemoryLayout<UInt64>.size) }
  }
}
