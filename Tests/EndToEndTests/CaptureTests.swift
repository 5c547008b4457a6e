import Conformance
import Foundation
import Testing

/// The commands that read captures, as their user sees them.
@Suite struct CaptureTests {
  static let captures = Tool.root.appending(path: "Tests/ConformanceTests/Fixtures/capture").path
  static let frames = captures + "/little-nano.pcap"

  @Test func `packets are printed decoded, a line each`() throws {
    let tool = try Tool("packets", Self.frames)
    #expect(tool.status == 0, "\(tool.complaint)")
    #expect(tool.lines.count == 5)
    #expect(tool.lines.first?.hasPrefix("1700000000.250000000 ") == true)
    for (line, words) in zip(tool.lines, ["UDP", "IPv6", "ARP", "TCP", "ICMP"]) {
      #expect(line.contains(words), "\(words) is missing in \(line)")
    }
    #expect(tool.lines.first?.contains("172.16.2.2") == true)
    #expect(tool.lines.first?.contains("12345") == true)
  }

  @Test func `a filter selects packets, which keep their numbers`() throws {
    let tool = try Tool("packets", Self.frames, "--json", "--filter", "tcp or arp")
    #expect(tool.status == 0, "\(tool.complaint)")
    let values = try tool.lines.map { try JSON(parsing: String($0)) }
    #expect(values.map { $0["packet"] } == [3, 4])
  }

  @Test func `JSON names every field, as another program decodes them`() throws {
    let tool = try Tool("packets", Self.frames, "--json")
    let packets = try tool.lines.map { try JSON(parsing: String($0)) }
    try #require(packets.count == 5)
    #expect(packets[0]["time"] == "1700000000.250000000")
    #expect(packets[0]["length"] == 47)
    #expect(packets[0]["ethernet"]?["source"] == "02:00:00:00:00:01")
    #expect(packets[0]["ethernet"]?["type"] == 2048)
    #expect(packets[0]["ipv4"]?["identification"] == 7)
    #expect(packets[0]["ipv4"]?["timeToLive"] == 64)
    #expect(packets[0]["udp"]?["checksum"] == 0x6C54)
    #expect(packets[0]["payload"]?["bytes"] == "68656c6c6f")
    #expect(packets[1]["ipv6"]?["source"] == "fe80::1")
    #expect(packets[1]["udp"]?["destinationPort"] == 5353)
    #expect(packets[2]["arp"]?["operation"] == 1)
    #expect(packets[2]["arp"]?["targetProtocol"] == "10.0.0.2")
    #expect(packets[3]["tcp"]?["flags"] == "SYN")
    #expect(packets[3]["tcp"]?["options"]?.array?.first?["size"] == 1460)
    #expect(packets[4]["icmpv4"]?["message"]?["name"] == "echoRequest")
    #expect(packets[4]["icmpv4"]?["message"]?["sequenceNumber"] == 2)
    #expect(packets.allSatisfy { $0["failure"] == nil })
  }

  @Test(arguments: ["raw.pcap", "ipv4.pcap", "ipv6.pcap", "scapy.pcapng", "big-micro.pcap"])
  func `every kind of capture is printed`(file: String) throws {
    let tool = try Tool("packets", "\(Self.captures)/\(file)")
    #expect(tool.status == 0, "\(tool.complaint)")
    #expect(tool.output.contains("UDP"))
    #expect(!tool.lines.contains { $0.hasSuffix("]") }, "nothing is wrong with any: \(tool.output)")
  }

  @Test func `a trace's packets are written, and every one has a right checksum`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pcap-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let corpus = Tool.root.appending(path: "Traces/twisted-26.10.0").path
    let out = folder.appending(path: "out.pcap").path
    let tool = try Tool("pcap", corpus + "/test_tcp/TCP4Client/addresses.yaml", "-o", out)
    #expect(tool.status == 0, "\(tool.complaint)")
    let packets = try Tool("packets", out, "--json").lines.map { try JSON(parsing: String($0)) }
    #expect(packets.first?["tcp"]?["flags"] == "SYN")
    #expect(packets.allSatisfy { $0["failure"] == nil })
    #expect(tool.output == "\(out): \(packets.count) packets\n")

    let device = try Tool("pcap", corpus + "/pair/test_tuntap/Tap/write.yaml", "-o", out)
    #expect(device.output.hasPrefix("\(folder.path)/out.tap0.pcap: "), "\(device.output)")
    let nothing = try Tool("pcap", corpus + "/pair/test_ethernet/Ethernet/PacketParsing.yaml", "-o", out)
    #expect(nothing.status == 2)
    #expect(nothing.complaint.contains("nothing crossed"))
    let full = try Tool("pcap", corpus + "/test_tcp/TCP4Client/addresses.yaml", "-o", folder.path + "/none/out.pcap")
    #expect(full.status == 4)
  }

  @Test func `a capture cut off is shown as far as it goes, and exits with 3`() throws {
    let data = try Data(contentsOf: URL(filePath: Self.frames))
    try withFile("cut.pcap", data.prefix(150)) { path in
      for arguments in [["packets", path, "--json"], ["feed", path, "--into", "tap"]] {
        let tool =
          arguments.count == 3
          ? try Tool(arguments[0], arguments[1], arguments[2])
          : try Tool(arguments[0], arguments[1], arguments[2], arguments[3])
        #expect(tool.status == 3)
        #expect(!tool.output.isEmpty)
        #expect(tool.complaint.contains("cut.pcap: after 1 packet: truncated"), "\(tool.complaint)")
      }
    }
  }

  @Test func `what is no capture, is not there, or is not decoded exits with 3 and one line`() throws {
    for file in [
      Tool.traces + "/test_tcp/TCP4Client/connectEvent.yaml", "/no/such.pcap", Self.captures + "/cooked.pcap",
    ] {
      for tool in [try Tool("packets", file), try Tool("feed", file, "--into", "tun")] {
        #expect(tool.status == 3, "\(file)")
        #expect(tool.output.isEmpty)
        #expect(tool.complaint.split(separator: "\n").count == 1, "\(tool.complaint)")
      }
    }
  }

  @Test func `a link type that nobody knows is the capture's fault, with a filter or without`() throws {
    let header: [UInt8] = [
      0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0xFF, 0xFF, 0, 0,
    ]
    try withFile("unknown.pcap", Data(header)) { path in
      for tool in [try Tool("packets", path), try Tool("packets", path, "--filter", "udp")] {
        #expect(tool.status == 3)
        #expect(tool.complaint.contains("unknown.pcap: packets of link type DLT 65535 are not decoded"))
      }
    }
  }

  @Test func `a wrong filter exits with 2 and is named`() throws {
    for tool in [
      try Tool("packets", Self.frames, "--filter", "udp portt 5"),
      try Tool("feed", Self.frames, "--into", "tap", "--filter", "udp portt 5"),
    ] {
      #expect(tool.status == 2)
      #expect(tool.complaint.contains("--filter: udp portt 5"))
    }
    let noTunnel = try Tool("feed", Self.frames)
    #expect(noTunnel.status == 2)
  }

  @Test func `a capture is fed to the stack, which tells what it delivers and counts the rest`() throws {
    let tool = try Tool("feed", Self.frames, "--into", "tap")
    #expect(tool.status == 0)
    #expect(
      tool.lines == [
        "1700000000.250000000 172.16.2.2:50000 > 172.16.2.1:12345, 5 bytes: hello",
        "5 packets: 1 delivered, 4 ignored, 0 refused", "  ignored 1: EtherType 0x806", "  ignored 1: EtherType 0x86dd",
        "  ignored 1: IP protocol 1", "  ignored 1: IP protocol 6",
      ])
    let json = try Tool("feed", Self.frames, "--into", "tun", "--port", "9", "--all", "--json")
    let values = try json.lines.map { try JSON(parsing: String($0)) }
    #expect(values.count == 6)
    #expect(values[0]["reason"] == "UDP port 12345")
    #expect(values[1]["outcome"] == "refused")
    #expect(values[5]["summary"]?["delivered"] == 0)
  }
}
