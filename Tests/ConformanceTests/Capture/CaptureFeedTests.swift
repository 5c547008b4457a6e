import Addresses
import Conformance
import Foundation
import Pair
import Testing

@Suite struct CaptureFeedTests {
  private static let datagram = CaptureFeed.Datagram(
    source: .host(.init(172, 16, 2, 2)), sourcePort: 50_000, destination: .host(.init(172, 16, 2, 1)),
    destinationPort: 12_345, payload: Array("hello".utf8))

  private func outcomes(
    _ file: String, into medium: PacketMedium, ports: Set<UInt16>? = nil, profile: PairProfile = .correct
  ) throws -> [CaptureFeed.Outcome] {
    var reader = try CaptureReader(path: "\(Captures.folder)/\(file)")
    let feed = try CaptureFeed(into: medium, linkType: reader.linkType, ports: ports, profile: profile)
    var outcomes: [CaptureFeed.Outcome] = []
    while let record = try reader.next() { outcomes.append(feed.feed(record.bytes)) }
    return outcomes
  }

  @Test(arguments: PairProfile.allCases)
  func `a tap device has the stack deliver UDP over IPv4 and ignore the rest`(profile: PairProfile) throws {
    let expected: [CaptureFeed.Outcome] = [
      .delivered(Self.datagram), .ignored(.etherType(0x86DD)), .ignored(.etherType(0x0806)), .ignored(.ipProtocol(6)),
      .ignored(.ipProtocol(1)),
    ]
    #expect(try outcomes("little-nano.pcap", into: .ethernet, profile: profile) == expected)
  }

  @Test func `a tun device gets no Ethernet headers, and refuses IPv6`() throws {
    let outcomes = try outcomes("little-nano.pcap", into: .ip)
    #expect(outcomes[0] == .delivered(Self.datagram))
    #expect(outcomes[1] == .refused("IPv4: version cannot be 6"))
    #expect(
      Array(outcomes[2...]) == [.ignored(.etherType(0x0806)), .ignored(.ipProtocol(6)), .ignored(.ipProtocol(1))])
  }

  @Test func `IP packets are fed to a tap device with a header before them`() throws {
    #expect(
      try outcomes("raw.pcap", into: .ethernet) == [.delivered(Self.datagram), .ignored(.etherType(0x86DD))])
  }

  @Test func `as Twisted has it, nothing passes a tun device`() throws {
    let expected = CaptureFeed.Outcome.refused("missing: dest, source, protocol")
    #expect(try outcomes("raw.pcap", into: .ip, profile: .twistedCompatible) == [expected, expected])
  }

  @Test func `a port that nobody listens on is ignored`() throws {
    #expect(try outcomes("ipv4.pcap", into: .ip, ports: [1, 12_345]) == [.delivered(Self.datagram)])
    #expect(try outcomes("ipv4.pcap", into: .ip, ports: [1]) == [.ignored(.port(12_345))])
  }

  @Test func `what is damaged is refused in the layer's words, and the next packet is a new one`() throws {
    let feed = try CaptureFeed(into: .ethernet, linkType: .ethernet)
    var damaged = Captures.hello
    damaged[45] ^= 1
    let short = Array(damaged.prefix(20))
    let hello = Captures.hello
    let outcomes = [damaged, short, hello, []].map { feed.feed($0.span.bytes) }
    guard case .refused(let first) = outcomes[0], case .refused(let second) = outcomes[1] else {
      Issue.record("\(outcomes)")
      return
    }
    #expect(first.contains("UDP: the checksum is"))
    #expect(second == "IPv4: 20 bytes are needed, 6 are there")
    #expect(outcomes[2] == .delivered(Self.datagram))
    #expect(outcomes[3] == .refused("14 bytes are needed, 0 are there"))
  }

  @Test(arguments: PairProfile.allCases, PacketMedium.allCases)
  func `each packet has an outcome, whatever it is cut to or turned into`(
    profile: PairProfile, medium: PacketMedium
  ) throws {
    let feed = try CaptureFeed(into: medium, linkType: .ethernet, profile: profile)
    var report = FeedReport()
    for count in 0...Captures.hello.count {
      for bit in [0, 3, 7] {
        var frame = Array(Captures.hello.prefix(count))
        if count > 0 { frame[count - 1] ^= 1 << bit }
        report.add(feed.feed(frame.span.bytes))
      }
    }
    #expect(report.packets == 144)
    #expect(report.delivered + report.ignored.total + report.refused.total == 144)
    #expect(report.refused.total > 0)
  }

  @Test func `a link type without Ethernet or IP is refused`() throws {
    #expect(throws: CaptureError.self) { _ = try CaptureFeed(into: .ip, linkType: .other(113)) }
  }

  @Test func `reasons are counted, the most frequent first, and no more than so many kept`() {
    var report = FeedReport()
    for port in 0..<200 { report.add(.ignored(.port(port))) }
    for _ in 0..<3 { report.add(.ignored(.port(7))) }
    #expect(report.ignored.total == 203)
    #expect(report.ignored.sorted.count == FeedReport.Tally.limit + 1)
    #expect(report.ignored.sorted.first?.words == "UDP port 7")
    #expect(report.ignored.sorted.first?.count == 4)
    #expect(report.ignored.sorted.last?.words == "others")
    #expect(report.ignored.sorted.map(\.count).reduce(0, +) == 203)
    #expect(report.lines.first == "203 packets: 0 delivered, 203 ignored, 0 refused")
  }

  @Test(arguments: [
    (Duration.zero, "0.000000000"), (.seconds(1_700_000_000) + .nanoseconds(5), "1700000000.000000005"),
    (.nanoseconds(-1), "-0.000000001"), (.seconds(-2) - .milliseconds(500), "-2.500000000"),
  ])
  func `a time is written with nine digits`(time: Duration, text: String) {
    #expect(time.captureText == text)
  }
}
