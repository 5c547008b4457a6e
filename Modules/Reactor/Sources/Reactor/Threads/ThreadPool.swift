/// A pool of threads for work that blocks.
///
/// Mirrors `twisted.python.threadpool.ThreadPool`.
///
/// It grows with the work up to its greatest number of threads. Work that is given before it is started waits; work that is
/// given after it was stopped is dropped.
public final class ThreadPool: Sendable {
  private struct State {
    var minimum: Int
    var maximum: Int
    var isStarted = false
    /// Set by `stop`: threads end when the backlog is done.
    var isJoined = false
    var backlog: ArraySlice<@Sendable () -> Void> = []
    var idle = 0
    /// How many threads there are, those that are about to end left out.
    var workers = 0
    /// How many of them have not looked for work yet.
    var starting = 0
    var threads: [Thread] = []
    var boundary: Boundary?
  }

  private enum Step {
    case work(@Sendable () -> Void, Boundary?)
    case end
  }

  /// The name, for log lines.
  public let name: String
  private let state: Monitor<State>
  private let log: LogSink

  /// Makes a pool that is not started.
  ///
  /// - Parameters:
  ///   - minimum: The least number of threads while it is started.
  ///   - maximum: The greatest.
  ///   - name: A name for log lines.
  ///   - log: Where errors go that nobody asked for.
  /// - Throws: ``ThreadPoolError`` for a negative or contradictory size.
  public init(
    minimum: Int = 5, maximum: Int = 20, name: String = "", log: LogSink = .standardError
  ) throws(ThreadPoolError) {
    try Self.check(minimum, maximum)
    self.name = name
    self.log = log
    state = Monitor(State(minimum: minimum, maximum: maximum))
  }

  /// How many threads it has, idle and busy.
  public var workers: Int { state.withLock { $0.workers } }

  /// How much work waits for a thread.
  public var backlog: Int { state.withLock { $0.backlog.count } }

  /// The greatest number of threads.
  public var maximum: Int { state.withLock { $0.maximum } }

  /// Starts the least number of threads, and more for work that waits.
  public func start() {
    state.withLock { (state) in
      state.isJoined = false
      state.isStarted = true
    }
    grow()
  }

  /// Does the work that is left, ends all threads, and waits for them to end.
  public func stop() {
    let threads = state.withLock { (state) -> [Thread] in
      state.isJoined = true
      state.isStarted = false
      defer { state.threads = [] }
      return state.threads
    }
    state.broadcast()
    for thread in threads { thread.join() }
  }

  /// Changes the least and the greatest number of threads.
  ///
  /// Threads above the greatest end when they are idle; threads are added up to the least, and for work that waits.
  ///
  /// - Parameters:
  ///   - minimum: The new least number, or `nil` to keep it.
  ///   - maximum: The new greatest number, or `nil` to keep it.
  /// - Throws: ``ThreadPoolError`` for a negative or contradictory size; nothing is then changed.
  public func adjustPoolSize(minimum: Int? = nil, maximum: Int? = nil) throws(ThreadPoolError) {
    let result = state.withLock { (state) -> Result<Void, ThreadPoolError> in
      let least = minimum ?? state.minimum
      let greatest = maximum ?? state.maximum
      return Result { () throws(ThreadPoolError) in
        try Self.check(least, greatest)
        state.minimum = least
        state.maximum = greatest
      }
    }
    try result.get()
    state.broadcast()
    grow()
  }

  /// Does work in a thread.
  ///
  /// An error is logged.
  ///
  /// - Parameter work: The work; it may block.
  public func callInThread(_ work: @escaping @Sendable () throws -> Void) {
    guard let boundary else { return enqueueLogging(work) }
    let function = Callable {}
    let seen = boundary.seenWork(function, work)
    boundary.call(self, "callInThread", [BoundaryArgument("func", .callable(function))], gives: { _ in .none }) {
      enqueueLogging(seen)
    }
  }

  /// Does work in a thread, and tells how it went.
  ///
  /// - Parameters:
  ///   - onResult: Called in that thread with the result, or the error.
  ///   - work: The work; it may block.
  public func callInThreadWithCallback<Value: Sendable>(
    _ onResult: @escaping @Sendable (Result<Value, any Error>) -> Void,
    _ work: @escaping @Sendable () throws -> Value
  ) {
    guard let boundary else {
      return callInThreadInternally { onResult(Result { try work() }) }
    }
    let function = Callable {}
    let receiver = Callable {}
    let seen = boundary.seenWork(function, work)
    let isCrossing = boundary.isInApplication
    let handed = Handed(value: receiver)
    boundary.call(
      self, "callInThreadWithCallback",
      [BoundaryArgument("onResult", .callable(receiver)), BoundaryArgument("func", .callable(function))],
      gives: { _ in .none }
    ) {
      callInThreadInternally {
        let result = Result { try seen() }
        guard isCrossing else { return onResult(result) }
        boundary.back(
          handed.value, "call", [BoundaryArgument("args", .list(BoundaryValue.onResult(result)))], of: nil,
          gives: { _ in .none }
        ) { onResult(result) }
      }
    }
  }

  /// Does work in a thread; an error is logged, and nobody is told.
  func enqueueLogging(_ work: @escaping @Sendable () throws -> Void) {
    callInThreadInternally { [log] in
      do {
        try work()
      } catch {
        log(LogEvent(.critical, "Unhandled error in thread", error: error))
      }
    }
  }

  /// Does work in a thread, of which nobody is told.
  package func callInThreadInternally(_ work: @escaping @Sendable () -> Void) {
    let isAccepted = state.withLock { (state) -> Bool in
      guard !state.isJoined else { return false }
      state.backlog.append(work)
      return true
    }
    guard isAccepted else { return }
    state.signal()
    grow()
  }

  func setBoundary(_ boundary: Boundary?) {
    state.withLock { $0.boundary = boundary }
  }

  private var boundary: Boundary? { state.withLock { $0.boundary } }

  private static func check(_ minimum: Int, _ maximum: Int) throws(ThreadPoolError) {
    if minimum < 0 { throw .negativeMinimum }
    if minimum > maximum { throw .minimumAboveMaximum }
  }

  /// Starts as many threads as the work, or the least number, asks for.
  private func grow() {
    var isRefused = false
    defer { if isRefused { log(LogEvent(.critical, "\(name): the system has no thread to give: the work waits")) } }
    state.withLock { (state) in
      guard state.isStarted else { return }
      // One that is idle, or about to look for work, takes one piece of the backlog.
      while state.workers < state.maximum,
        state.workers < state.minimum || state.backlog.count > state.idle + state.starting
      {
        guard let thread = Thread({ [self] in serve() }) else {
          isRefused = true
          return
        }
        state.threads.append(thread)
        state.workers += 1
        state.starting += 1
      }
    }
  }

  /// What each thread does.
  private func serve() {
    var isNew = true
    while true {
      let step = state.wait(asleep: { $0.idle += $1 }) { (state) -> Step? in
        if isNew {
          isNew = false
          state.starting -= 1
        }
        if let work = state.backlog.popFirst() { return .work(work, state.boundary) }
        guard state.isJoined || state.workers > state.maximum else { return nil }
        state.workers -= 1
        return .end
      }
      switch step {
      case .work(let work, nil): work()
      case .work(let work, let boundary?): boundary.onSystemThread(work)
      case .end: return
      }
    }
  }
}

extension Boundary {
  /// Work for a thread of the pool that the observer sees called there, if it comes from the application.
  func seenWork<Value>(
    _ function: Callable, _ work: @escaping @Sendable () throws -> Value
  ) -> @Sendable () throws -> Value {
    guard isInApplication else { return work }
    let handed = Handed(value: function)
    return { [self] in
      try back(handed.value, "call", [], of: nil, gives: { BoundaryValue(any: $0) }, work)
    }
  }
}

extension BoundaryValue {
  /// The two arguments of Twisted's `onResult`: whether the work went well, and its result or error.
  fileprivate static func onResult<Value>(_ result: Result<Value, any Error>) -> [BoundaryValue] {
    switch result {
    case .success(let value): [.bool(true), BoundaryValue(any: value)]
    case .failure(let error): [.bool(false), .error(error)]
    }
  }

  /// A value of a type that a trace can write; any other is nothing.
  fileprivate init(any value: Any) {
    switch value {
    case let value as Bool: self = .bool(value)
    case let value as Int: self = .int(value)
    case let value as Double: self = .double(value)
    case let value as String: self = .text(value)
    case let value as [UInt8]: self = .bytes(value)
    default: self = .none
    }
  }
}
