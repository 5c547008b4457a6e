import Conformance
import Foundation
import Testing

/// The judge's own test, as a user runs it.
@Suite struct SelfTestTests {
  @Test func `no mutant of a folder survives, and the counts add up`() throws {
    let tool = try Tool(
      "selftest", Tool.traces + "/test_tcp/TCP4Connector", Tool.traces + "/pair/scenarios/two_devices.yaml",
      "--reactor", "all", "--live", "1", "--json")
    #expect(tool.status == 0, "\(tool.output)\(tool.complaint)")
    let report = try JSON(parsing: tool.output)
    let total = try #require(report["total"])
    let count = { (key: String) in total[key]?.int ?? -1 }
    let equivalent = (total["equivalent"]?.members ?? []).reduce(0) { $0 + ($1.value.int ?? 0) }
    #expect(count("made") > 200)
    #expect(count("made") == count("killed") + equivalent + count("survived"))
    #expect(count("survived") == 0)
    // A captured run of each trace on each back end, but of the tunnels one; of each a mutant is replayed.
    let traces = try #require(report["traces"]?.int)
    #expect(report["captures"]?.int == 2 * traces - 1)
    #expect(total["live"]?["tried"]?.int == 2 * traces - 1)
    #expect(total["live"]?["killed"]?.int == 2 * traces - 1)
  }

  @Test func `the table has a line for each kind that is asked for`() throws {
    let path = Tool.traces + "/test_tcp/TCP4Client/connectEvent.yaml"
    let tool = try Tool("selftest", path, "--kind", "dropped", "--kind", "byte", "--live", "0", "--list-equivalent")
    #expect(tool.status == 0, "\(tool.output)\(tool.complaint)")
    #expect(tool.lines.contains { $0.hasPrefix("dropped") })
    #expect(!tool.lines.contains { $0.hasPrefix("swapped") })
    #expect(tool.lines.last?.hasPrefix("1 traces, 1 captured runs, 0 kept, 0 not run here") == true)
  }

  @Test func `the same seed replays the same mutants`() throws {
    let path = Tool.traces + "/test_tcp/TCP4Client/connectEvent.yaml"
    let chosen = try ["7", "7", "8"].map { seed in
      let tool = try Tool("selftest", path, "--kind", "dropped", "--live", "1", "--seed", seed, "--json")
      #expect(tool.status == 0, "\(tool.output)\(tool.complaint)")
      return try #require(try JSON(parsing: tool.output)["replayed"])
    }
    #expect(chosen[0] == chosen[1])
    #expect(chosen[0] != chosen[2])
  }

  @Test func `a selection without a mutant proves nothing`() throws {
    let path = Tool.traces + "/test_tcp/TCP4Client/connectEvent.yaml"
    #expect(try Tool("selftest", path, "--kind", "errno", "--event", "1").status == 4)
    #expect(try Tool("selftest", path, "--kind", "nonsense").status == 2)
  }
}
