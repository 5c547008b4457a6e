extension Reactor {
  /// Whether the startup event has come as far as its `during` phase, and neither `crash` nor shutdown has ended it.
  public var running: Bool {
    boundary?.read(self, "running", .bool(lifecycle.isRunning))
    return lifecycle.isRunning
  }

  /// Fires the startup event, and then makes one turn after another until the reactor is stopped or crashed.
  ///
  /// An error that leaves a turn is logged, and the next turn begins. A stopped reactor's poller is closed when this returns,
  /// unless the application has registered a descriptor since; a crashed one can be run again. Mirrors `twisted.internet.interfaces.IReactorCore.run`.
  ///
  /// - Parameter installSignalHandlers: Whether SIGINT (unless the process handles or ignores it) and SIGTERM stop the
  ///   reactor, and SIGCHLD wakes it. The handlers of the first two stay until the reactor is released, and do nothing.
  /// - Throws: ``ReactorError/alreadyRunning`` inside a run, and ``ReactorError/notRestartable`` after a stop.
  public func run(installSignalHandlers: Bool = true) throws(ReactorError) {
    try call(
      self, "run", installSignalHandlers ? [] : [BoundaryArgument("installSignalHandlers", .bool(false))]
    ) { () throws(ReactorError) in
      try lifecycle.start()
      defer { endRun() }
      signals.isWanted = installSignalHandlers
      phase = .startup
      fireInternally(.startup)
      mainLoop()
    }
  }

  /// Asks for the end: the shutdown event is fired in step 3, of this turn if it is called in steps 1 or 2, else of the next.
  ///
  /// Legal as soon as `run` has begun. Mirrors `twisted.internet.interfaces.IReactorCore.stop`.
  ///
  /// - Throws: ``ReactorError/notRunning`` when it was never run, or was already told to stop.
  public func stop() throws(ReactorError) {
    try call(self, "stop") { () throws(ReactorError) in try lifecycle.stop() }
  }

  /// Ends the main loop after this turn and fires no event: descriptors, calls and triggers stay, and it can be run again.
  ///
  /// Mirrors `twisted.internet.interfaces.IReactorCore.crash`.
  public func crash() {
    call(self, "crash") {
      lifecycle.crash()
      addStartTrigger()
    }
  }

  /// Makes one turn, in any state, also inside another turn.
  ///
  /// Its poll does not wait when something is to be flushed or calls from threads are queued; what the poll refuses is
  /// logged.
  ///
  /// Mirrors `twisted.internet.interfaces.IReactorCore.iterate`.
  ///
  /// - Parameter delay: How long its poll waits at most; below zero it only looks.
  public func iterate(_ delay: Duration = .zero) {
    call(self, "iterate", delay == .zero ? [] : [BoundaryArgument("delay", .duration(delay))]) {
      let outer = (phase: phase, serving: serving)
      serving = nil
      defer { (phase, serving) = outer }
      guarded { () throws(Errno) in try makeTurn { _ in Self.milliseconds(delay.nanoseconds) } }
    }
  }

  /// Lets go of everything that it holds, and tells nobody: for a reactor that crashed, or never ran, and never will.
  ///
  /// What it holds may hold it in turn, such as a trigger that stops it; nobody else can break such a circle.
  package func discard() {
    // A connection that is made holds its connector, which holds it.
    closeForgottenSockets()
    // Each is released after it has been taken out: what goes with it may use the reactor.
    let released = (events, delayedCalls, table.active.map(\.selectable))
    defer { withExtendedLifetime(released) {} }
    events = [:]
    addOwnTriggers()
    delayedCalls = DelayedCallHeap()
    continuous = ContinuousPolling()
    flush = FlushQueue()
    withExtendedLifetime(handle.takeCalls()) {}
    threads.pool?.stop()
    threads = ReactorThreads()
    closePoller()
    table = DescriptorTable()
  }

  private func mainLoop() {
    while lifecycle.isStarted {
      guarded { () throws(Errno) in
        try makeTurn { (reactor) in
          // Not before the reactor runs, nor once it has crashed.
          reactor.lifecycle.isRunning ? reactor.millisecondsToNextDelayedCall() : 0
        }
      }
    }
    log(.info, "Main loop terminated.")
  }

  /// One turn; the steps are listed in the reactor's documentation.
  private func makeTurn(timeout: (Reactor) -> Int32?) throws(Errno) {
    turn += 1
    phase = .thread
    runThreadCalls()
    phase = .timer
    runDelayedCalls()
    phase = .shutdown
    if lifecycle.takeShutdown() { fireInternally(.shutdown) }
    phase = .io
    var batch = try poll(timeout: timeout(self))
    dispatch(&batch)
    flush(&batch)
    finish(&batch)
  }

  private func guarded(_ body: () throws(Errno) -> Void) {
    do throws(Errno) {
      try body()
    } catch {
      log(.critical, "Unexpected error in main loop", error: error)
    }
  }

  /// A stopped reactor leaves no descriptor open, and nothing of its own that holds it; a crashed one will go on with what
  /// it has.
  private func endRun() {
    signals.uninstall()
    guard lifecycle.isShutDown else { return }
    closeForgottenSockets()
    forgetOwnCalls()
    if table.isEmpty(except: waker) { closePoller() }
  }
}
