import Conformance
import Testing

/// Runs each test as a fresh process would: with SIGCHLD at its default, put back afterwards.
public struct ChildSignalTrait: TestTrait, SuiteTrait, TestScoping {
  /// Whether it goes down from a suite to its tests.
  public var isRecursive: Bool { true }

  /// Clears SIGCHLD, runs the test, and puts back what was there.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    let child = ChildSignal.clear()
    defer { child.restore() }
    try await function()
  }
}

extension Trait where Self == ChildSignalTrait {
  /// Runs each test with SIGCHLD at its default.
  public static var freshChildSignal: Self { ChildSignalTrait() }
}
