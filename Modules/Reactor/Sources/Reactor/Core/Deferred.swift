/// A result that is not there yet, and what is to happen when it is.
///
/// It is synchronous: callbacks run in the order in which they were added, inside the call that gives the result, or inside
/// `addBoth` when the result is there already; one that a callback adds comes after those that wait. That is part of the
/// order of events that a reactor promises; `async` forms sit on top. It belongs to one thread. Mirrors
/// `twisted.internet.defer.Deferred`, of which it keeps what the reactor's own interfaces need: callbacks observe the
/// result and do not change it.
public final class Deferred<Value> {
  private struct Callback {
    /// Whether an error that it is given counts as handled.
    let handlesErrors: Bool
    let body: (Result<Value, any Error>) throws -> Void
  }

  private enum State {
    case waiting([Callback])
    case fired(Result<Value, any Error>)
  }

  private var state = State.waiting([])
  private var canceller: ((Deferred<Value>) -> Void)?
  private var errorIsHandled = false
  /// The callbacks that are still to be called, while they are being called.
  private var firing: ArraySlice<Callback>?
  /// After a cancel, the one result that still comes from whoever was cancelled is dropped.
  private var dropsNextResult = false
  private var crossing: (boundary: Boundary, describe: (Value) -> BoundaryValue)?
  /// Where a failure goes that nobody handled before the last reference was dropped.
  package var unhandledErrors: LogSink?

  /// Makes one that waits for its result.
  ///
  /// - Parameter canceller: Called by `cancel` while there is no result; it stops the work, and may give a result itself.
  public init(canceller: ((Deferred<Value>) -> Void)? = nil) {
    self.canceller = canceller
  }

  /// Makes one that has its value.
  ///
  /// - Parameter value: The value.
  /// - Returns: The Deferred.
  public static func succeed(_ value: Value) -> Deferred<Value> {
    let deferred = Deferred()
    deferred.state = .fired(.success(value))
    return deferred
  }

  /// Makes one that has failed.
  ///
  /// - Parameter error: The error.
  /// - Returns: The Deferred.
  public static func fail(_ error: any Error) -> Deferred<Value> {
    let deferred = Deferred()
    deferred.state = .fired(.failure(error))
    return deferred
  }

  deinit {
    if case .fired(.failure(let error)) = state, !errorIsHandled {
      unhandledErrors?(LogEvent(.critical, "Unhandled error in Deferred", error: error))
    }
  }

  /// Whether it has its result.
  public var called: Bool {
    if case .fired = state { true } else { false }
  }

  /// The result, once it is there.
  public var result: Result<Value, any Error>? {
    if case .fired(let result) = state { result } else { nil }
  }

  /// Adds a callback for either outcome; an error that it is given counts as handled.
  ///
  /// - Parameter body: Called with the result: now if it is there, else inside the call that gives it. What it throws
  ///   changes nothing; the Deferreds that a reactor gives log it.
  public func addBoth(_ body: @escaping (Result<Value, any Error>) throws -> Void) {
    add(Callback(handlesErrors: true, body: body))
  }

  /// Adds a callback for success.
  ///
  /// - Parameter body: Called with the value, as `addBoth` calls.
  public func addCallback(_ body: @escaping (Value) throws -> Void) {
    observe { (result) in
      if case .success(let value) = result { try body(value) }
    }
  }

  /// Adds a callback for failure, which then counts as handled.
  ///
  /// - Parameter body: Called with the error, as `addBoth` calls.
  public func addErrback(_ body: @escaping (any Error) throws -> Void) {
    addBoth { (result) in
      if case .failure(let error) = result { try body(error) }
    }
  }

  /// Adds a callback for either outcome that does not handle an error.
  ///
  /// For those who only wait.
  package func observe(_ body: @escaping (Result<Value, any Error>) throws -> Void) {
    add(Callback(handlesErrors: false, body: body))
  }

  private func add(_ callback: Callback) {
    switch state {
    case .waiting(var callbacks):
      // Taken out first, so that appending copies nothing.
      state = .waiting([])
      callbacks.append(callback)
      state = .waiting(callbacks)
    case .fired(let result):
      if firing == nil { tell(callback, result) } else { firing?.append(callback) }
    }
  }

  private func tell(_ callback: Callback, _ result: Result<Value, any Error>) {
    if callback.handlesErrors, case .failure = result { errorIsHandled = true }
    do {
      try callback.body(result)
    } catch {
      unhandledErrors?(LogEvent(.critical, "Unhandled error in Deferred", error: error))
    }
  }

  /// Gives the value, and calls every callback before it returns.
  ///
  /// - Parameter value: The value.
  /// - Throws: ``DeferredError/alreadyCalled`` when there is a result.
  public func callback(_ value: Value) throws(DeferredError) {
    guard let crossing else { return try fire(.success(value)) }
    try crossing.boundary.either(self, "callback", [BoundaryArgument("result", crossing.describe(value))]) {
      () throws(DeferredError) in try fire(.success(value))
    }
  }

  /// Gives an error, and calls every callback before it returns.
  ///
  /// - Parameter error: The error.
  /// - Throws: ``DeferredError/alreadyCalled`` when there is a result.
  public func errback(_ error: any Error) throws(DeferredError) {
    guard let crossing else { return try fire(.failure(error)) }
    try crossing.boundary.either(self, "errback", [BoundaryArgument("fail", .error(error))]) {
      () throws(DeferredError) in try fire(.failure(error))
    }
  }

  /// Tells that nobody wants the result any more.
  ///
  /// While there is no result the canceller is called; if that gives none, the errback is ``DeferredError/cancelled``.
  /// With a result there, nothing happens.
  public func cancel() {
    guard let crossing else { return cancelHere() }
    crossing.boundary.call(self, "cancel", [], gives: { _ in .none }) { cancelHere() }
  }

  /// Has a failure that nobody handles logged.
  ///
  /// - Parameter sink: The log.
  /// - Returns: Itself.
  package func reporting(to sink: LogSink) -> Self {
    unhandledErrors = sink
    return self
  }

  /// Has the recorder see it fire: it was handed from one side of the boundary to the other.
  package func cross(_ boundary: Boundary?, describe: @escaping (Value) -> BoundaryValue) {
    if crossing == nil, let boundary { crossing = (boundary, describe) }
  }

  private func cancelHere() {
    guard !called else { return }
    let cancel = canceller
    canceller = nil
    if let cancel { cancel(self) } else { dropsNextResult = true }
    if !called { try? errback(DeferredError.cancelled) }
  }

  private func fire(_ result: Result<Value, any Error>) throws(DeferredError) {
    guard case .waiting(let callbacks) = state else {
      if dropsNextResult {
        dropsNextResult = false
        return
      }
      throw .alreadyCalled
    }
    state = .fired(result)
    // Released after it has been taken out: what goes with it may cancel.
    let released = canceller
    canceller = nil
    withExtendedLifetime(released) {}
    firing = callbacks[...]
    while let callback = firing?.popFirst() { tell(callback, result) }
    firing = nil
  }
}
