import Reactor

/// One scenario on one back end and one address family: what a test runner runs.
///
/// The counterpart of the classes that Twisted's `makeTestCaseClasses` makes.
public struct ReactorCase: Sendable, CustomStringConvertible {
  /// What is run.
  public let scenario: ReactorScenario
  /// The reactor's back end.
  public let backEnd: BackEnd
  /// How its endpoints are made.
  public let endpoints: EndpointCreator

  /// Scenario, back end and family, in words.
  public var description: String { "\(scenario.name) [\(backEnd), \(endpoints.family)]" }

  /// Every scenario on every back end and family, in a fixed order.
  ///
  /// - Parameters:
  ///   - scenarios: The scenarios.
  ///   - backEnds: The back ends.
  ///   - endpoints: One for each address family.
  /// - Returns: The cases.
  public static func all(
    of scenarios: [ReactorScenario], on backEnds: [BackEnd] = BackEnd.allCases, endpoints: [EndpointCreator]
  ) -> [ReactorCase] {
    scenarios.flatMap { (scenario) in
      endpoints.flatMap { (creator) in
        backEnds.map { ReactorCase(scenario: scenario, backEnd: $0, endpoints: creator) }
      }
    }
  }

  /// Why it is not run, if it is not.
  public var skip: String? {
    if let reason = scenario.skippedReactors[backEnd] { return reason }
    let missing = scenario.requiredInterfaces.subtracting(ReactorInterface.offered)
    return missing.isEmpty
      ? nil : "the reactor does not offer \(missing.map(\.rawValue).sorted().joined(separator: ", "))"
  }

  /// Runs the scenario on reactors that are closed again afterwards, with SIGCHLD at its default meanwhile.
  ///
  /// - Parameter recorder: Records the run, if given: the window is the scenario's own, without the closing.
  /// - Throws: ``ScenarioFailure``, or what stopped it.
  public func run(recorder: TraceRecorder? = nil) throws {
    let builder = ReactorBuilder(backEnd: backEnd, endpoints: endpoints, recorder: recorder)
    let child = ChildSignal.clear()
    defer {
      builder.close()
      child.restore()
    }
    try scenario.run(builder)
    try recorder?.close()
  }
}
