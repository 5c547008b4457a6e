import Testing

@testable import Conformance

/// The judge against the committed traces.
@Suite struct CorpusTests {
  @Test(arguments: FormatFixtures.corpus)
  func `every committed trace agrees with itself and uses no freedom`(path: String) throws {
    let recorded = try Recording(TraceFile(path: path))
    let found = compare(recorded, recorded, disabled: Set(Freedom.allCases))
    #expect(found.agrees, "\(found.told(recorded))")
    #expect(found.consumed == found.expected)
    #expect(found.happened == found.expected)
    #expect(found.expected > 0)
  }

  /// Some of each kind of trace: `trace-replay selftest` has all of them, judged by what Swift did.
  private static let some = FormatFixtures.corpus.filter { path in
    ["/TCP4Client/", "/programs/", "/AbortConnection/resumeProducing", "_turns.yaml", "/FakeTunDevice/"].contains {
      path.contains($0)
    }
  }

  @Test(arguments: some)
  func `every alteration of a committed trace is noticed unless it changes nothing`(path: String) throws {
    let file = try TraceFile(path: path)
    let recorded = try Recording(file)
    var count = 0
    try Mutant.forEach(of: file) { mutant in
      count += 1
      let altered = try Recording(mutant.trace)
      let found = mutant.kind.altersTheRun ? compare(recorded, altered) : compare(altered, recorded)
      let what: Comment = "\(mutant.kind.rawValue) at event \(mutant.n): \(mutant.what)"
      switch mutant.equivalent {
      // What Python alone can see is compared where recordings are.
      case nil, .notApplicable: #expect(!found.agrees, what)
      case .freedom(.abortTail): break  // Whether it is too much depends on where the abort stands.
      case _?: #expect(found.agrees, what)
      }
    }
    #expect(count > 0)
  }

  @Test func `the committed traces give rise to every kind of alteration`() throws {
    var missing = Set(Mutant.Kind.allCases)
    for path in FormatFixtures.corpus where !missing.isEmpty {
      try Mutant.forEach(of: TraceFile(path: path), kinds: missing) { mutant in
        if mutant.equivalent == nil { missing.remove(mutant.kind) }
      }
    }
    #expect(missing.isEmpty)
  }
}
