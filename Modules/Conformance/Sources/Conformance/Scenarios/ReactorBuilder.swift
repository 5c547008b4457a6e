import Glibc
import Reactor

/// Builds the reactors of one scenario, runs them with a time-out, and closes what they leave open.
///
/// Mirrors `twisted.internet.test.reactormixins.ReactorBuilder`.
public final class ReactorBuilder {
  /// The longest that a scenario's reactor runs.
  public static let defaultTimeout = Duration.seconds(120)

  /// The back end of the reactors it builds.
  public let backEnd: BackEnd
  /// How its endpoints are made.
  public let endpoints: EndpointCreator
  /// Records the run, if there is one.
  public let recorder: TraceRecorder?
  /// Makes a reactor; the default is a plain one of the back end.
  public var reactorFactory: () throws -> Reactor
  private var reactors: [Reactor] = []
  private var cleanUps: [() -> Void] = []

  /// Makes a builder.
  ///
  /// - Parameters:
  ///   - backEnd: The back end of the reactors it builds.
  ///   - endpoints: How its endpoints are made.
  ///   - recorder: Records the run, if given.
  public init(backEnd: BackEnd, endpoints: EndpointCreator, recorder: TraceRecorder? = nil) {
    self.backEnd = backEnd
    self.endpoints = endpoints
    self.recorder = recorder
    reactorFactory = { try Reactor(backEnd, log: .none) }
  }

  /// Makes a reactor, closed at the end of the scenario.
  ///
  /// - Returns: The reactor.
  /// - Throws: The system's refusal.
  public func buildReactor() throws -> Reactor {
    let reactor = try reactorFactory()
    recorder?.attach(to: reactor)
    reactors.append(reactor)
    return reactor
  }

  /// Has something done when the scenario is over, before its reactors are closed; the latest first.
  ///
  /// - Parameter body: What is done.
  public func addCleanUp(_ body: @escaping () -> Void) {
    cleanUps.append(body)
  }

  /// Runs a reactor until it is stopped.
  ///
  /// - Parameters:
  ///   - reactor: The reactor.
  ///   - timeout: The longest that it may run.
  /// - Throws: ``ScenarioFailure`` when it had to be stopped, and what `run` throws.
  public func runReactor(_ reactor: Reactor, timeout: Duration = defaultTimeout) throws {
    var timedOut = false
    let call = try reactor.callLater(timeout) {
      timedOut = true
      try reactor.stop()
    }
    try reactor.run()
    try expect(!timedOut, "the reactor was still running after \(timeout)")
    try call.cancel()
  }

  /// Drops what a reactor still holds: connections, ports, timers.
  ///
  /// - Parameter reactor: The reactor, not running.
  public func unbuildReactor(_ reactor: Reactor) {
    reactor.boundary = nil
    reactor.disconnectAll()
    for call in reactor.getDelayedCalls() { try? call.cancel() }
  }

  func close() {
    for reactor in reactors { reactor.boundary = nil }
    for cleanUp in cleanUps.reversed() { cleanUp() }
    cleanUps = []
    for reactor in reactors { unbuildReactor(reactor) }
    reactors = []
  }
}

/// What SIGCHLD did before a scenario.
public struct ChildSignal {
  private let before: sigaction

  /// Sets SIGCHLD to its default, so that a scenario starts as a fresh process would.
  public static func clear() -> ChildSignal {
    var fresh = sigaction()
    var before = sigaction()
    unsafe sigaction(SIGCHLD, &fresh, &before)
    return ChildSignal(before: before)
  }

  /// Puts back what was there.
  public func restore() {
    var before = before
    unsafe sigaction(SIGCHLD, &before, nil)
  }
}
