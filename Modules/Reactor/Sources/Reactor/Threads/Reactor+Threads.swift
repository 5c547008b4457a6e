/// The pool of a reactor, and the triggers that start and stop it.
struct ReactorThreads {
  var pool: ThreadPool?
  var triggers: [TriggerID] = []
}

// Mirrors `twisted.internet.interfaces.IReactorThreads`.
extension Reactor {
  /// Queues a call from the reactor's own thread; it is made in step 1 of the next turn, never inside this call.
  ///
  /// Other threads use ``handle``. What the call throws is logged.
  ///
  /// - Parameter callable: What is called.
  public func callFromThread(_ callable: Callable) {
    call(self, "callFromThread", [BoundaryArgument("callable", .callable(callable))]) {
      handle.enqueue(ThreadCall(callable) { _ in _ = try callable.body() })
    }
  }

  /// Queues a call of a closure from the reactor's own thread.
  ///
  /// - Parameter body: What is called.
  public func callFromThread(_ body: @escaping () throws -> Void) {
    callFromThread(Callable(body))
  }

  /// Does work in a thread of the pool.
  ///
  /// An error is logged.
  ///
  /// Before the reactor runs the work waits for that; after its shutdown it is never done.
  ///
  /// - Parameter work: The work; it may block.
  public func callInThread(_ work: @escaping @Sendable () throws -> Void) {
    let function = Callable {}
    let seen = boundary?.seenWork(function, work) ?? work
    call(self, "callInThread", [BoundaryArgument("callable", .callable(function))]) {
      pool.enqueueLogging(seen)
    }
  }

  /// Does in a thread of the pool what a function that has an identity does.
  ///
  /// It may come from the reactor: what stands behind a method that was handed over, the reactor hands on.
  ///
  /// - Parameter callable: What is called; the calling thread lets go of it.
  package func callInThread(_ callable: Callable) {
    let (handed, boundary) = (Handed(value: callable), boundary)
    call(self, "callInThread", [BoundaryArgument("callable", .callable(callable))]) {
      pool.enqueueLogging {
        guard let boundary, handed.value.isApplication else { return try handed.value.call() }
        try boundary.back(handed.value, "call", [], of: nil, gives: { _ in .none }) { try handed.value.call() }
      }
    }
  }

  /// The pool, made when it is first asked for: up to ten threads, started when the reactor runs, stopped in the `during`
  /// phase of its shutdown, which waits for the work that is left.
  ///
  /// - Returns: The pool. One that is first asked for after the shutdown never starts.
  public func getThreadPool() -> ThreadPool {
    call(self, "getThreadPool", gives: { .object($0, .pool) }) { pool }
  }

  /// Changes the greatest number of the pool's threads.
  ///
  /// - Parameter size: The number.
  /// - Throws: ``ThreadPoolError`` for a negative number.
  public func suggestThreadPoolSize(_ size: Int) throws(ThreadPoolError) {
    try call(self, "suggestThreadPoolSize", [BoundaryArgument("size", .int(size))]) { () throws(ThreadPoolError) in
      try pool.adjustPoolSize(maximum: size)
    }
  }

  /// Does work in a thread of the pool, and gives its result on the reactor's thread.
  ///
  /// Mirrors `twisted.internet.threads.deferToThread`.
  ///
  /// - Parameter work: The work; it may block.
  /// - Returns: A Deferred that fires in step 1 of a turn, or never when the reactor has been shut down by then.
  public func deferToThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) -> Deferred<Value> {
    let deferred = Deferred<Value>().reporting(to: sink)
    let handed = Handed(value: deferred)
    getThreadPool().callInThreadWithCallback(
      { [handle] (result) in
        handle.callFromThread { _ in
          switch result {
          case .success(let value): try handed.value.callback(value)
          case .failure(let error): try handed.value.errback(error)
          }
        }
      }, work)
    return deferred
  }

  /// Queues a call of the reactor's own, which nobody is told about.
  func callFromThreadInternally(_ body: @escaping (Reactor) throws -> Void) {
    handle.enqueue(ThreadCall(nil, body))
  }

  /// Step 1 of the turn: makes the calls that were queued when it began.
  func runThreadCalls() {
    for threadCall in handle.takeCalls() {
      do {
        try make(threadCall)
      } catch {
        log(.critical, "while calling from thread", error: error)
      }
    }
  }

  private func make(_ threadCall: ThreadCall) throws {
    guard let callable = threadCall.callable, let boundary, callable.isApplication else {
      return try threadCall.body(self)
    }
    try boundary.back(callable, "call", [], of: threadCall, gives: { _ in .none }) { try threadCall.body(self) }
  }

  /// The pool, for the reactor's own use.
  package var pool: ThreadPool {
    if let pool = threads.pool { return pool }
    // Sizes that contradict nothing are not refused.
    guard let pool = try? ThreadPool(minimum: 0, maximum: 10, name: "twisted.internet.reactor", log: sink) else {
      preconditionFailure("a pool of 0 to 10 threads is legal")
    }
    pool.setBoundary(boundary)
    threads.pool = pool
    threads.triggers = [
      addInternalTrigger(.during, .shutdown) { [unowned self] in stopThreadPool() }
    ]
    if lifecycle.isRunning {
      pool.start()
    } else {
      threads.triggers.append(addInternalTrigger(.after, .startup) { pool.start() })
    }
    return pool
  }

  private func stopThreadPool() {
    // One of them is being called; the other may still wait for a start.
    for trigger in threads.triggers { try? removeTrigger(trigger) }
    threads.triggers = []
    threads.pool?.stop()
    threads.pool = nil
  }
}
