import Reactor

/// A test of a reactor as a plain value: written once, run on every back end and address family by whatever runner there is.
///
/// The counterpart of a test method of `twisted.internet.test.reactormixins.ReactorBuilder`'s subclasses.
public struct ReactorScenario: Sendable, CustomStringConvertible {
  /// Its name, as the trace of the same test has it.
  public let name: String
  /// What it shows, in a sentence.
  public let title: String
  /// What a reactor has to offer for it to mean anything.
  public let requiredInterfaces: Set<ReactorInterface>
  /// The back ends that it is not run on, with the reason.
  public let skippedReactors: [BackEnd: String]
  private let body: @Sendable (ReactorBuilder) throws -> Void

  /// Makes a scenario.
  ///
  /// - Parameters:
  ///   - name: Its name.
  ///   - title: What it shows, in a sentence.
  ///   - requiredInterfaces: What a reactor has to offer for it.
  ///   - skippedReactors: The back ends that it is not run on, with the reason.
  ///   - body: Builds a reactor, uses it, and throws a ``ScenarioFailure`` when it did not do what the title says.
  public init(
    _ name: String, _ title: String, requiredInterfaces: Set<ReactorInterface> = [.tcp],
    skippedReactors: [BackEnd: String] = [:], _ body: @escaping @Sendable (ReactorBuilder) throws -> Void
  ) {
    self.name = name
    self.title = title
    self.requiredInterfaces = requiredInterfaces
    self.skippedReactors = skippedReactors
    self.body = body
  }

  /// The scenario's name.
  public var description: String { name }

  func run(_ builder: ReactorBuilder) throws {
    try body(builder)
  }
}

/// What a reactor may offer, after the interfaces of `twisted.internet.interfaces`.
public enum ReactorInterface: String, Sendable, CaseIterable {
  /// `IReactorCore`.
  case core
  /// `IReactorTime`.
  case time
  /// `IReactorThreads`.
  case threads
  /// `IReactorFDSet`.
  case fdSet
  /// `IReactorTCP`.
  case tcp
  /// `IReactorUDP`.
  case udp
  /// `IReactorUNIX`.
  case unix
  /// `IReactorProcess`.
  case process

  /// What every reactor of this version offers.
  public static let offered: Set<ReactorInterface> = [.core, .time, .threads, .fdSet, .tcp]
}

/// A scenario did not show what it says.
public struct ScenarioFailure: Error, CustomStringConvertible, Hashable {
  /// What was expected, and what was seen.
  public let description: String

  /// Makes a failure.
  ///
  /// - Parameter description: What was expected, and what was seen.
  public init(_ description: String) {
    self.description = description
  }
}

/// Fails the scenario unless a condition holds.
///
/// - Parameters:
///   - condition: The condition.
///   - message: What was expected, and what was seen.
/// - Throws: ``ScenarioFailure`` when it does not hold.
public func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws(ScenarioFailure) {
  if !condition { throw ScenarioFailure(message()) }
}

/// Fails the scenario unless two values are equal.
///
/// - Parameters:
///   - seen: What was seen.
///   - expected: What was expected.
///   - what: What the values are.
/// - Throws: ``ScenarioFailure`` when they differ.
public func expect<Value: Equatable>(_ seen: Value, is expected: Value, _ what: String) throws(ScenarioFailure) {
  if seen != expected { throw ScenarioFailure("\(what): expected \(expected), seen \(seen)") }
}
