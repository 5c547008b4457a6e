import Conformance
import Foundation
import Testing

/// The Swift suite and the original: the same calls in the same order, so that their recordings say the same.
@Suite struct ScenarioTests {
  @Test func `each recording of the Swift suite compares equal with the trace of the original test`() throws {
    try withFolder { folder in
      let tool = try Tool("scenarios", "--reactor", "all", "--output", folder.path, "--pcap")
      #expect(tool.status == 0, "\(tool.output)\(tool.complaint)")
      #expect(tool.lines.last == "44 scenarios: 44 passed, 0 failed")
      var compared = 0
      for backEnd in ["epoll", "poll"] {
        for family in ["TCP4Client", "TCP6Client"] {
          let recordings = folder.appending(path: "\(backEnd)/\(family)")
          for name in try FileManager.default.contentsOfDirectory(atPath: recordings.path).sorted()
          where name.hasSuffix(".yaml") {
            let original = "\(Tool.traces)/test_tcp/\(family)/\(name)"
            let result = try RecordingComparison.run(
              expected: original, happened: recordings.appending(path: name).path)
            #expect(result.verdict == .agrees, "\(TextReport().details(result).joined(separator: "\n"))")
            #expect(result.consumed == result.expected)
            compared += 1
          }
          let packets = try Tool("packets", recordings.appending(path: "addresses.pcap").path, "--json").lines
          #expect(try packets.first.map { try JSON(parsing: String($0)) }?["tcp"]?["flags"] == "SYN")
        }
      }
      #expect(compared == 44)
    }
  }
}
