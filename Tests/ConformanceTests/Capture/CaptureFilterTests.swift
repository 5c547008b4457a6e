import Conformance
import Foundation
import Testing

@Suite struct CaptureFilterTests {
  private func passes(
    _ expression: String, _ bytes: [UInt8], of linkType: CaptureLinkType = .ethernet, originalLength: Int? = nil
  ) throws -> Bool {
    try CaptureFilter(expression, linkType: linkType).matches(bytes.span.bytes, originalLength: originalLength)
  }

  /// What tcpdump lets through of the fixture's five frames: UDP, UDP over IPv6, ARP, TCP, ICMP.
  @Test(arguments: [
    ("", [0, 1, 2, 3, 4]), ("udp", [0, 1]), ("udp port 12345", [0]), ("ip6", [1]), ("arp", [2]), ("tcp[13] = 2", [3]),
    ("icmp or arp", [2, 4]), ("not udp", [2, 3, 4]), ("ether broadcast", [2]), ("net 172.16.0.0/12", [0]),
    ("greater 50", [1, 3]), ("udp[100] = 0", []), ("ether[12] / ether[1] > 0", []),
  ])
  func `an expression lets through what tcpdump lets through`(expression: String, passing: [Int]) throws {
    let filter = try CaptureFilter(expression, linkType: .ethernet)
    var reader = try CaptureReader(path: Captures.folder + "/little-nano.pcap")
    var passed: [Int] = []
    while let record = try reader.next() {
      let index = Int(record.time.components.seconds - 1_700_000_000)
      if filter.matches(record) { passed.append(index) }
    }
    #expect(passed == passing)
  }

  @Test func `what a filter asks depends on the link type`() throws {
    let ip = Array(Captures.hello[14...])
    #expect(try passes("udp", ip, of: .ip))
    #expect(try !passes("udp", ip))
    #expect(throws: CaptureError.self) { _ = try CaptureFilter("ether host 02:00:00:00:00:01", linkType: .ip) }
  }

  @Test func `the length is the one on the way`() throws {
    #expect(try !passes("greater 1000", Captures.hello))
    #expect(try passes("greater 1000", Captures.hello, originalLength: 1_500))
    #expect(try !passes("greater 1000", []))
  }

  @Test(arguments: ["udp portt 53", "(", "udp port 70000", "\u{1B}[2J", "udp\0port 53", "nonsense"])
  func `an expression that cannot be compiled is named`(expression: String) throws {
    let error = #expect(throws: CaptureError.self) { _ = try CaptureFilter(expression, linkType: .ethernet) }
    #expect(error?.code == .filter)
    #expect(error?.description.hasPrefix(expression) == true)
    #expect(error?.detail.isEmpty == false)
  }

  @Test func `an expression over the limit is refused, one below it is compiled however it nests`() throws {
    #expect(throws: CaptureError.self) {
      _ = try CaptureFilter(String(repeating: " ", count: CaptureFilter.expressionLimit + 1), linkType: .ethernet)
    }
    let nested = String(repeating: "(", count: 4_000) + "udp" + String(repeating: ")", count: 4_000)
    #expect(try passes(nested, Captures.hello))
    let long = (0..<120).map { "port \($0)" }.joined(separator: " or ")
    #expect(try !passes(long, Captures.hello))
  }

  @Test func `many threads compile at once`() async throws {
    let results = await withTaskGroup(of: Bool.self) { group in
      for port in 0..<64 {
        group.addTask {
          return (try? passes("udp port \(12_313 + port)", Captures.hello)) ?? false
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(results == 1)
  }
}
