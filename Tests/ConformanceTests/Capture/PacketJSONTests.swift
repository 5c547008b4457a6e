import Conformance
import Pair
import Testing

/// Packets that scapy made of known fields, decoded and named.
@Suite struct PacketJSONTests {
  private let packets: [JSON]

  init() throws {
    var packets: [JSON] = []
    var reader = try CaptureReader(path: Captures.folder + "/layers.pcap")
    while let record = try reader.next() {
      let packet = PacketDecoder(start: .ethernet).decode(record.bytes)
      packets.append(PacketJSON.object(packet, number: packets.count + 1, of: record))
    }
    try #require(packets.count == 10)
    self.packets = packets
  }

  /// Checks the members of an object that are named, and that it has no others.
  private func expect(
    _ object: JSON?, _ members: KeyValuePairs<String, JSON>, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = JSON.object(members.map { JSONMember(name: $0.key, value: $0.value) })
    #expect(object == expected, "\(object?.text ?? "nothing")", sourceLocation: sourceLocation)
  }

  @Test func `tags and IPv4's header and options are named`() {
    expect(
      packets[0]["ethernet"],
      [
        "destination": "02:00:00:00:00:02", "source": "02:00:00:00:00:01",
        "tags": .array([
          JSON(["type": 0x88A8, "vlan": 100, "priority": 3, "dropEligible": true]),
          JSON(["type": 0x8100, "vlan": 7, "priority": 0, "dropEligible": false]),
        ]), "type": 0x0800,
      ])
    expect(
      packets[0]["ipv4"],
      [
        "headerLength": 24, "dscp": 46, "ecn": 1, "totalLength": 33, "identification": 77, "reservedFlag": false,
        "dontFragment": true, "moreFragments": false, "fragmentOffset": 0, "timeToLive": 9, "protocol": 17,
        "checksum": packets[0]["ipv4"]?["checksum"] ?? .null, "source": "10.0.0.1", "destination": "10.0.0.2",
        "options": .array([JSON(["kind": 148, "data": JSON(["bytes": "0000"])])]),
      ])
    #expect(packets[0]["payload"] == JSON(["bytes": "78"]))
    #expect(packets[0]["failure"] == nil)
  }

  @Test func `a fragment has its place in bytes, and nothing above it`() {
    #expect(packets[1]["ipv4"]?["fragmentOffset"] == 1480)
    #expect(packets[1]["ipv4"]?["moreFragments"] == true)
    #expect(packets[1]["udp"] == nil)
    #expect(packets[1]["payload"]?["bytes"]?.string?.count == 32)
  }

  @Test func `TCP's header and options are named`() {
    expect(
      packets[2]["tcp"],
      [
        "sourcePort": 5, "destinationPort": 6, "sequenceNumber": 4_000_000_000, "acknowledgmentNumber": 17,
        "headerLength": 60, "flags": "PSH ACK", "window": 99, "checksum": packets[2]["tcp"]?["checksum"] ?? .null,
        "urgentPointer": 3,
        "options": .array([
          JSON(["option": "maximumSegmentSize", "size": 1460]), JSON(["option": "sackPermitted"]),
          JSON(["option": "timestamps", "value": 11, "echoReply": 12]), JSON(["option": "noOperation"]),
          JSON(["option": "windowScale", "shift": 7]),
          JSON([
            "option": "sack",
            "blocks": .array([JSON(["left": 1, "right": 2]), JSON(["left": 3, "right": 4])]),
          ]), JSON(["option": "endOfOptionList"]),
        ]),
      ])
  }

  @Test func `IPv6's header and its extensions are named`() {
    expect(
      packets[3]["ipv6"],
      [
        "trafficClass": 5, "flowLabel": 0x12345, "payloadLength": 24, "nextHeader": 0, "hopLimit": 3,
        "source": "fe80::1", "destination": "fe80::2",
        "extensions": .array([
          JSON([
            "kind": 0, "nextHeader": 44,
            "options": .array([
              JSON(["type": 5, "data": JSON(["bytes": "0001"])]), JSON(["type": 1, "data": JSON(["bytes": ""])]),
            ]),
          ]),
          JSON([
            "kind": 44, "nextHeader": 17, "fragmentOffset": 16, "moreFragments": true, "identification": 0xABCD,
          ]),
        ]),
      ])
  }

  @Test func `neighbour discovery and its options are named`() {
    #expect(
      packets[4]["icmpv6"]?["message"] == JSON(["name": "neighborSolicitation", "target": "fe80::2"]))
    #expect(
      packets[4]["icmpv6"]?["options"]
        == .array([JSON(["option": "sourceLinkLayerAddress", "address": "02:00:00:00:00:01"])]))
    #expect(packets[5]["icmpv6"]?["message"]?["routerLifetime"] == 1800)
    #expect(packets[5]["icmpv6"]?["message"]?["managedAddresses"] == true)
    #expect(
      packets[5]["icmpv6"]?["options"]
        == .array([
          JSON([
            "option": "prefixInformation", "prefix": "2001:db8::", "prefixLength": 64, "flags": 0xC0,
            "validLifetime": 100, "preferredLifetime": 50,
          ]), JSON(["option": "mtu", "mtu": 1400]),
        ]))
  }

  @Test func `multicast records and what is too big are named`() {
    #expect(
      packets[6]["icmpv6"]?["records"]
        == .array([
          JSON([
            "type": 4, "group": "ff02::fb", "sources": .array(["2001:db8::5"]), "auxiliaryData": JSON(["bytes": ""]),
          ])
        ]))
    #expect(packets[7]["icmpv6"]?["message"] == JSON(["name": "packetTooBig", "mtu": 1280]))
    #expect(
      packets[8]["icmpv4"]?["message"] == JSON(["name": "destinationUnreachable", "nextHopMTU": 1400]))
    #expect(packets[8]["icmpv4"]?["code"] == 4)
  }

  @Test func `a bad checksum is told beside the fields`() {
    #expect(packets[9]["udp"]?["checksum"] == 0x1111)
    #expect(packets[9]["failure"]?.string?.contains("UDP: the checksum is 0x1111") == true)
    #expect(packets[9]["time"] == "1700000009.000000009")
  }
}
