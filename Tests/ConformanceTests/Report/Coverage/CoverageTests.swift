import Testing

@testable import Conformance

@Suite struct CoverageTests {
  private func coverage(_ traces: String...) throws -> Coverage {
    var coverage = Coverage()
    for (index, lines) in traces.enumerated() { coverage.add(try recording(lines), named: "case \(index + 1)") }
    return coverage
  }

  private func cell(_ member: String, _ outcome: Coverage.Outcome, _ place: String) -> Coverage.Cell {
    Coverage.Cell(member: member, outcome: outcome, place: place)
  }

  @Test func `a cell is a member with an outcome at a place, and has each trace once`() throws {
    let stopped = """
      call: reactor-1.stop, raises: {error: not-running}
      call: reactor-1.stop, raises: {error: not-running}
      """
    let coverage = try coverage(
      stopped,
      connectedClient + """
        in: 5, call: transport-1.write, args: {data: !!binary "aGk="}
        in: 5, get: transport-1.connected, gives: 1
        end: 5
        end: 3
        call: reactor-1.stop, raises: {error: not-running}
        """)
    #expect(coverage.traceCount == 2)
    #expect(coverage.cells[cell("call reactor.stop", .raises("not-running"), "top level")] == ["case 1", "case 2"])
    #expect(coverage.cells[cell("call transport.write", .returns, "in protocol.makeConnection")] == ["case 2"])
    #expect(coverage.cells[cell("get transport.connected", .returns, "in protocol.makeConnection")] == ["case 2"])
    #expect(
      coverage.cells[cell("back factory.startedConnecting", .returns, "inside the call reactor.connectTCP")] == [
        "case 2"
      ])
    #expect(coverage.cells[cell("back protocol.makeConnection", .returns, "from the loop, io")] == ["case 2"])
    #expect(coverage.cells[cell("call transport.write", .returns, "top level")] == nil)
  }

  @Test func `a member of the vocabulary without a trace is named, by whether Swift has it`() throws {
    let coverage = try coverage("call: reactor-1.stop")
    #expect(!coverage.uncovered(isBuilt: true).contains("call reactor.stop"))
    #expect(coverage.uncovered(isBuilt: true).contains("call reactor.crash"))
    #expect(coverage.uncovered(isBuilt: false).contains("call reactor.listenUDP"))
    #expect(!coverage.uncovered(isBuilt: true).contains("call reactor.listenUDP"))
    let all = coverage.uncovered(isBuilt: true).count + coverage.uncovered(isBuilt: false).count
    #expect(all == Vocabulary.allMembers.count - 1)
  }

  @Test func `outcomes that are none are told apart`() throws {
    var coverage = Coverage()
    coverage.add(
      try recording(
        """
        call: reactor-1.stop
        call: reactor-1.iterate, args: {delay: "soon"}, raises: {error: type-error}, unexpressible: type
        call: reactor-1.run
        """, open: 1), named: "x")
    #expect(coverage.cells.keys.contains(cell("call reactor.iterate", .unexpressible, "top level")))
    #expect(coverage.cells.keys.contains(cell("call reactor.run", .neverEnds, "top level")))
  }
}
