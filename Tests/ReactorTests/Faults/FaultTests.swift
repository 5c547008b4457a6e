import Addresses
import Testing

@testable import Reactor

/// Whatever an operation on the system may do, the reactor survives it, and says it by the name that the reference gives.
@Suite(.timeLimit(.minutes(10))) struct FaultTests {
  /// How often each operation is made in a run in which nothing fails.
  private func counts(_ testCase: TCPCase) throws -> [IOCall: Int] {
    var counts: [IOCall: Int] = [:]
    let world = try FaultWorld(testCase) { FaultyIO(CountingIO($0) { counts[$0, default: 0] += 1 }) }
    try world.run()
    #expect(world.violations == [], "nothing fails: \(world.events)")
    return counts
  }

  @Test(arguments: TCPCase.all)
  func `a program in which nothing fails makes every operation`(_ testCase: TCPCase) throws {
    let made = try counts(testCase)
    #expect(Set(IOCall.allCases).subtracting(made.keys) == [])
  }

  /// Every row of the table, at every place where a clean run makes the operation.
  @Test(arguments: IOCall.allCases.filter { !$0.faults.isEmpty }, TCPCase.all)
  func `one fault anywhere is survived`(_ call: IOCall, _ testCase: TCPCase) throws {
    // Every place there is in memory, where a run comes out the same each time; the first ones of the others.
    let most = testCase.network == .memory && testCase.family == .inet ? Int.max : 3
    for effect in call.faults {
      for place in 0..<most {
        let outcome = Outcome(of: [.init(call, effect, skipping: place)], on: testCase)
        #expect(
          outcome.violations == [], "\(call) \(effect) at its operation \(place): \(outcome.seen), \(outcome.events)")
        if outcome.faults == 0 { break }
      }
    }
  }

  @Test(arguments: [0.01, 0.05, 0.2, 0.5], TCPCase.all)
  func `a storm of faults is survived`(_ chance: Double, _ testCase: TCPCase) throws {
    for seed in 1...(testCase.network == .memory ? 40 as UInt64 : 4) {
      let outcome = Outcome(seed: seed, chance: chance, on: testCase)
      #expect(outcome.violations == [], "seed \(seed): \(outcome.events)")
    }
  }

  @Test(arguments: 1...20, BackEnd.allCases)
  func `the faults of a storm happen again without their seed`(_ seed: Int, _ backEnd: BackEnd) throws {
    let testCase = TCPCase(backEnd: backEnd, host: "127.0.0.1", network: .memory)
    var first: FaultyIO?
    let world = try? FaultWorld(testCase) {
      let io = FaultyIO($0, seed: UInt64(seed), chance: 0.1, calls: Outcome.afterStart)
      first = io
      return io
    }
    guard let world, let first else { return }
    try world.run()
    var second: ReplayIO?
    let again = try FaultWorld(testCase) {
      let io = ReplayIO($0, faults: first.happened)
      second = io
      return io
    }
    try again.run()
    #expect(again.events == world.events)
    #expect(again.seen == world.seen)
    #expect(second?.happened == first.happened)
    #expect(second?.awaited == [])
  }
}

/// What became of one run of the program.
private struct Outcome {
  /// What can fail once there is a reactor.
  static let afterStart = Set(IOCall.allCases).subtracting([.makePoller, .openWaker])

  var violations: [String] = []
  var seen: [String] = []
  var events: [String] = []
  var faults = 0

  init(of script: [FaultyIO.Fault], on testCase: TCPCase) {
    self.init(testCase) { FaultyIO($0, script: script) }
  }

  init(seed: UInt64, chance: Double, on testCase: TCPCase) {
    self.init(testCase) { FaultyIO($0, seed: seed, chance: chance) }
  }

  private init(_ testCase: TCPCase, _ injecting: (any IOSystem) -> InjectingIO) {
    var ledger: LedgerIO?
    var io: InjectingIO?
    do {
      let world = try FaultWorld(testCase) { (inner) in
        ledger = inner as? LedgerIO
        let made = injecting(inner)
        io = made
        return made
      }
      try world.run()
      violations = world.violations
      seen = world.seen
      events = world.events
    } catch {
      // No reactor came of it: nothing is left of the attempt, and the error is the fault's.
      seen = ["\(error)"]
      if ledger?.open.isEmpty != true || ledger?.pollers != 0 {
        violations.append("a reactor that was not made left something")
      }
      if io?.happened.contains(where: { $0.effect == .fail(error as? Errno ?? .interrupted) }) != true {
        violations.append("\(error) is nobody's fault")
      }
    }
    faults = io?.happened.count ?? 0
  }
}

/// A system that counts its operations.
private final class CountingIO: ForwardingIO {
  init(_ inner: any IOSystem, _ count: @escaping (IOCall) -> Void) {
    super.init(RecordingIO(inner) { count($0.call) })
  }
}

@Suite struct FaultTableTests {
  /// The rows as `docs/faults.md` has them.
  private var rows: [String] {
    IOCall.allCases.map { (call) in
      let faults = call.faults.map { (effect) in
        switch effect {
        case .fail(let errno): errno.name
        case .wouldBlock: "would block"
        case .short: "short"
        case .pending(let errno): "pending \(errno.name)"
        case .interrupted: "interrupted"
        }
      }
      return "| `\(call.rawValue)` | \(faults.isEmpty ? "none" : faults.joined(separator: ", ")) |"
    }
  }

  @Test func `the page about faults has the table as it is`() {
    var path = #filePath
    path.removeLast("Tests/ReactorTests/Faults/FaultTests.swift".count)
    let page = text(of: path + "docs/faults.md").split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
    #expect(page == rows, "\(rows.joined(separator: "\n"))")
  }
}
