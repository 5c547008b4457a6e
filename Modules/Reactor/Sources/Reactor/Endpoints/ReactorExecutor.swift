/// Runs `async` work on a reactor's thread, in step 1 of its turns: an `await` inside it never hops threads.
///
/// Jobs are done in the order in which they were queued, from any thread, and as long as the reactor turns; those of a
/// reactor that has been released are never done.
public final class ReactorExecutor: TaskExecutor {
  private let handle: ReactorHandle

  /// The door to the reactor that the current task runs on.
  @TaskLocal static var current: ReactorHandle?

  init(_ handle: ReactorHandle) {
    self.handle = handle
  }

  /// Queues a job for the reactor's thread.
  ///
  /// - Parameter job: The job.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    handle.enqueue(
      ThreadCall(nil) { [self] _ in
        // The job is run once, here, on the thread that the executor stands for.
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
      })
  }
}

extension Reactor {
  /// Starts `async` work on the reactor's thread; it begins in step 1 of the next turn.
  ///
  /// Everything of the reactor's may be used in it, across `await` as well, because it stays on that thread.
  ///
  /// ```swift
  /// reactor.async {
  ///   let port = try await TCP4ServerEndpoint(reactor, port: 8080).listen(factory).value
  ///   print(try port.getHost())
  /// }
  /// ```
  ///
  /// - Parameter body: The work.
  /// - Returns: Fires when the work has ended, or fails with what it threw; cancelling it cancels the work's task, and what
  ///   the work awaits.
  @discardableResult
  public func async<Value>(_ body: nonisolated(nonsending) @escaping () async throws -> Value) -> Deferred<Value> {
    var task: Task<Void, Never>?
    let deferred = Deferred<Value> { _ in task?.cancel() }
    deferred.unhandledErrors = sink
    // Both stay on the reactor's thread, where the executor runs the task from its first step to its last.
    let handed = Handed(value: (body: body, deferred: deferred))
    task = Task(executorPreference: ReactorExecutor(handle)) { [handle] in
      let result = await ReactorExecutor.$current.withValue(handle) { () async -> Result<Value, any Error> in
        do {
          return .success(try await handed.value.body())
        } catch {
          return .failure(error)
        }
      }
      // Cancelled meanwhile, it has its result.
      switch result {
      case .success(let value): try? handed.value.deferred.callback(value)
      case .failure(let error): try? handed.value.deferred.errback(error)
      }
    }
    return deferred
  }
}

extension Deferred {
  /// The result, once it is there; to be awaited on the reactor's thread, as in ``Reactor/async(_:)``.
  ///
  /// A cancelled task cancels the Deferred.
  nonisolated(nonsending) public var value: Value {
    get async throws {
      let handed = Handed(value: self)
      let handle = ReactorExecutor.current
      await withTaskCancellationHandler {
        await withCheckedContinuation { (continuation) in
          handed.value.addBoth { _ in continuation.resume() }
        }
      } onCancel: {
        // A task may be cancelled on any thread, and a Deferred is the reactor's.
        handle?.enqueue(ThreadCall(nil) { _ in handed.value.cancel() })
      }
      guard let result else { throw DeferredError.cancelled }
      return try result.get()
    }
  }
}
