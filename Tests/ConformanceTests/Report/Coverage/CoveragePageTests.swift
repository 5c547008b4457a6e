import Testing

@testable import Conformance

/// The committed catalogue and the page made of it.
@Suite struct CoveragePageTests {
  private static let traces = FormatFixtures.root + "/Traces"

  @Test func `every witness of the committed catalogue shows what it should`() throws {
    let catalogue = try #require(try RuleCatalogue.above(FormatFixtures.corpus))
    for fault in catalogue.faults() { Issue.record("\(fault)") }
    #expect(catalogue.rules.contains { !$0.witnesses.isEmpty })
  }

  @Test func `the committed page is what the command makes`() throws {
    var coverage = Coverage()
    for path in try Corpus.traces(named: [Self.traces]) {
      let trace = try Recording(TraceFile(path: path))
      coverage.add(trace, named: trace.title)
    }
    let page = CoverageReport(coverage, try RuleCatalogue.above(FormatFixtures.corpus)).markdown
    let isCurrent = page == FormatFixtures.text(FormatFixtures.root + "/docs/coverage.md")
    #expect(isCurrent, "make it anew: trace-replay corpus cover Traces --markdown > docs/coverage.md")
  }
}
