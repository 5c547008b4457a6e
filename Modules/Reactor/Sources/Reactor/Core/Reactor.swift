import Addresses

/// Twisted's reactor: one thread that waits for descriptors, delayed calls and calls from threads, and serves them in a
/// fixed order.
///
/// It belongs to the thread that made it, and nothing of it may be used on another; ``handle`` is the only door from
/// outside. Mirrors `IReactorCore`, `IReactorTime`, `IReactorThreads` and `IReactorFDSet` of `twisted.internet.interfaces`,
/// as `twisted.internet.epollreactor` and `pollreactor` implement them.
///
/// ## A turn of the loop
///
/// 1. calls from threads, those that were queued when the turn began;
/// 2. delayed calls that are due; one that these schedule waits for the next turn, one that step 1 scheduled does not;
/// 3. the shutdown event, if ``stop()`` was called; the turn still goes on;
/// 4. poll: without waiting if something is to be flushed, calls from threads are queued, or the reactor is not
///    ``running``; else until the next delayed call, rounded up to a millisecond;
/// 5. dispatch of what the poll found, in its order; a descriptor's read before its write;
/// 6. flush of each transport that wanted to write when the poll began, is still there and was not lost in step 5: one
///    write of all that it holds now. A transport that first wants to in step 5 or 6 waits for the next turn.
///
/// ``iterate(_:)`` is one turn whose poll waits as long as it is told.
///
/// ## Callbacks inside the application's own call
///
/// All others wait for their step: what `run` and `iterate` serve; `fireSystemEvent`, the triggers; firing the Deferred of
/// a `before` trigger, the phases after it; `callWhenRunning` while running, its callable; `addReader` and `addWriter`,
/// `fileno`; `connectTCP` and a connector's `connect`, `doStart` and `startedConnecting`; `stopConnecting`, and `disconnect`
/// while connecting, `clientConnectionFailed`; `listenTCP` and `startListening`, `doStart`; `registerProducer`, a pull
/// producer's `resumeProducing`, and `stopProducing` on a lost transport; `write` and `writeSequence` that leave more than
/// 65,536 bytes waiting, `pauseProducing`; `loseConnection` after a finished half-close, `connectionLost`;
/// `adoptStreamConnection`, `buildProtocol` and `makeConnection`; `startTLS`, `getContext`; `resolve`, the resolver.
@safe public final class Reactor {
  /// The step that the loop is in.
  public enum Phase: String, Sendable, CaseIterable {
    /// Before the first turn, while the startup event is fired.
    case startup
    /// Step 1.
    case thread
    /// Step 2.
    case timer
    /// Step 3.
    case shutdown
    /// Steps 4 to 6.
    case io
  }

  /// The kind of poller that it runs on.
  public let backEnd: BackEnd
  /// The operating system, or what stands in for it.
  package let io: IO
  /// The only door from other threads.
  public let handle: ReactorHandle
  /// Where its log goes.
  public let sink: LogSink
  /// Who sees what crosses between the application and it, or `nil`.
  ///
  /// To be set before the application uses the reactor.
  public var boundary: Boundary? {
    @inline(__always) get { unsafe uncheckedBoundary }
    set {
      // What was there is released when all have the new one.
      let before = unsafe uncheckedBoundary
      unsafe uncheckedBoundary = newValue
      handle.setBoundary(newValue)
      threads.pool?.setBoundary(newValue)
      withExtendedLifetime(before) {}
    }
  }
  // Read at each crossing, and copied as it is read: no two uses of it overlap.
  @exclusivity(unchecked) private var uncheckedBoundary: Boundary?
  /// How many turns have begun.
  public internal(set) var turn = 0
  /// The step that the loop is in.
  public internal(set) var phase = Phase.startup
  /// The signal that asked it to stop, if one did.
  public internal(set) var exitSignal: Int32?
  /// The most that one read takes, in bytes.
  private static let readLimit = 65_536
  /// Reused by every read.
  private let readBuffer: UnsafeMutableRawBufferPointer
  // A plain value: no two uses of it overlap.
  @exclusivity(unchecked) private var isReadBufferLent = false

  // Steps 1 to 3.
  var lifecycle = Lifecycle()
  var events: [SystemEvent: ThreePhaseEvent] = [:]
  var delayedCalls = DelayedCallHeap()
  var callsScheduled: UInt64 = 0
  /// What to add to the clock's time for the time of day.
  let epoch: Int64
  var signals = Signals()
  /// Called in the I/O step after SIGCHLD has come, however often.
  package var reapProcesses: (() -> Void)?
  var threads = ReactorThreads()

  // Steps 4 to 6. The table and the queue are used several times a read and a write, and Swift would look each time whether
  // they are in use already. They cannot be: their methods call nothing but themselves, and the objects that they forget
  // are returned, not released inside.
  @exclusivity(unchecked) private var uncheckedTable = DescriptorTable()
  var table: DescriptorTable {
    @inline(__always) _read { yield unsafe uncheckedTable }
    @inline(__always) _modify { yield unsafe &uncheckedTable }
  }
  @exclusivity(unchecked) private var uncheckedFlush = FlushQueue()
  var flush: FlushQueue {
    @inline(__always) _read { yield unsafe uncheckedFlush }
    @inline(__always) _modify { yield unsafe &uncheckedFlush }
  }
  var dispatchDepth = 0
  /// The descriptor whose doing it is, in log lines.
  var serving: DescriptorTable.Registration?
  var poller: ActivePoller?
  var waker: Waker?
  var found: [PollEvent] = []
  var continuous = ContinuousPolling()

  /// Who resolves names.
  package lazy var resolution = Resolution(self)
  /// The connections and ports that have a socket.
  var sockets = OpenSockets()

  /// Makes a reactor on the calling thread.
  ///
  /// - Parameters:
  ///   - backEnd: The kind of poller.
  ///   - io: The operating system, or what stands in for it: its poller, its sockets and its clock are used.
  ///   - log: Where the log goes.
  /// - Throws: The system's refusal of the poller or of the eventfd that wakes it.
  public init(
    _ backEnd: BackEnd = .epoll, io: any IOSystem = SystemIO(), log: LogSink = .standardError
  ) throws(Errno) {
    self.backEnd = backEnd
    self.io = IO(io)
    sink = log
    handle = ReactorHandle()
    epoch = io.wallTime().subtractingSaturated(io.monotonicTime())
    unsafe readBuffer = .allocate(byteCount: Self.readLimit, alignment: 16)
    addOwnTriggers()
    try openPoller()
  }

  deinit {
    threads.pool?.stop()
    closePoller()
    signals.restore()
    handle.dropCalls()
    // Allocated by this object; who reads into it does so inside a turn, which holds the reactor.
    unsafe readBuffer.deallocate()
  }

  /// Lends memory for one read of at most 65,536 bytes.
  ///
  /// It is the reactor's own, reused by every read; where an application looks at the bytes of one read while another is
  /// made, as it can by `iterate`, that one has memory to itself.
  @inline(__always)
  package func withReadBuffer<R>(_ body: (UnsafeMutableRawBufferPointer) throws -> R) rethrows -> R {
    guard unsafe !isReadBufferLent else {
      return try unsafe withUnsafeTemporaryAllocation(byteCount: Self.readLimit, alignment: 16, body)
    }
    unsafe isReadBufferLent = true
    defer { unsafe isReadBufferLent = false }
    return try unsafe body(readBuffer)
  }

  /// The log prefix of the connection whose event is being dispatched, `-` outside of one.
  ///
  /// What an application logs about its own doings bears it. Mirrors the `system` of Twisted's log context.
  public var logContext: String { serving.flatMap { table.served($0) }?.logPrefix ?? "-" }

  /// Writes a line to the log, with the log prefix of the descriptor that is being served.
  package func log(_ level: LogEvent.Level, _ message: String, error: (any Error)? = nil) {
    sink(LogEvent(level, message, error: error, system: logContext))
  }

  /// Writes a line to the log as it is.
  package func log(_ event: LogEvent) {
    sink(event)
  }

  /// Calls a function that was handed over, for what fired it, or inside the call that it was handed over by.
  func fire(_ callable: Callable, of cause: AnyObject?) throws -> Deferred<Void>? {
    guard let boundary, callable.isApplication else { return try callable.body() }
    return try boundary.back(
      callable, "call", [], of: cause,
      gives: { (deferred) in
        deferred.map { BoundaryValue.deferred($0, fired: $0.result.map(BoundaryValue.fired)) } ?? .none
      }
    ) {
      let deferred = try callable.body()
      deferred?.cross(boundary) { _ in .none }
      return deferred
    }
  }
}

extension BoundaryValue {
  static func fired(_ result: Result<Void, any Error>) -> BoundaryValue {
    switch result {
    case .success: .none
    case .failure(let error): .error(error)
    }
  }
}
