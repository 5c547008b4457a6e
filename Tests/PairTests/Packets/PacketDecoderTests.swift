import Addresses
import Pair
import Reactor
import Testing

/// Frames from scapy 2.8.0, and what each is.
private let frames: [(name: String, bytes: [UInt8], line: String)] = [
  (
    "UDP over IPv4",
    [UInt8](hex: "02000000000202000000000108004500001e0001000040111eabac100202ac100201c3503039000a47c36869"),
    "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv4 172.16.2.2 > 172.16.2.1 id 1 ttl 64, UDP 50000 > 12345, 2 bytes"
  ),
  (
    "a tag",
    [UInt8](hex: "0200000000020200000000018100b06408004500001e0001000040111eabac100202ac100201c3503039000a47c36869"),
    "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02, VLAN 100 priority 5 drop-eligible, "
      + "IPv4 172.16.2.2 > 172.16.2.1 id 1 ttl 64, UDP 50000 > 12345, 2 bytes"
  ),
  (
    "two tags",
    [UInt8](
      hex: "02000000000202000000000188a860c88100006408004500001e0001000040111eabac100202ac100201c3503039000a47c36869"),
    "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02, service VLAN 200 priority 3, VLAN 100, "
      + "IPv4 172.16.2.2 > 172.16.2.1 id 1 ttl 64, UDP 50000 > 12345, 2 bytes"
  ),
  (
    "ARP", [UInt8](hex: "02000000000202000000000108060001080006040001020000000001ac100202000000000000ac100201"),
    "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02, "
      + "ARP who has 172.16.2.1? tell 172.16.2.2 at 02:00:00:00:00:01, 0 bytes"
  ),
  (
    "a length",
    [UInt8](
      hex: "0180c20000000200000000010026"
        + "4242030000000000000000000000000000000000000000000000000000000100140002000f00"),
    "Ethernet 02:00:00:00:00:01 > 01:80:c2:00:00:00, 802.3 length 38, 38 bytes"
  ),
  (
    "TCP over IPv4",
    [UInt8](
      hex: "0200000000020200000000010800450000320001000040061ea2ac100202ac100201c350005000000001000000027018"
        + "0064fb6b0000020405b4010303076869"),
    "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv4 172.16.2.2 > 172.16.2.1 id 1 ttl 64, "
      + "TCP 50000 > 80 [PSH ACK] seq 1 ack 2 win 100 options 8, 2 bytes"
  ),
  (
    "TCP over IPv6",
    [UInt8](
      hex: "02000000000202000000000186dd6000000000140640fe800000000000000000000000000001fe8000000000000000000000"
        + "00000002c3500050000000010000000250020064eed60000"),
    "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv6 fe80::1 > fe80::2 hops 64, "
      + "TCP 50000 > 80 [SYN] seq 1 win 100, 0 bytes"
  ),
  (
    "UDP over IPv6",
    [UInt8](
      hex: "02000000000202000000000186dd6b8abcde000a1140fe800000000000000000000000000001fe8000000000000000000000"
        + "00000002c3503039000aa6e26869"),
    "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv6 fe80::1 > fe80::2 hops 64 class 0xb8 flow 0xabcde, "
      + "UDP 50000 > 12345, 2 bytes"
  ),
  (
    "an echo over IPv4",
    [UInt8](hex: "0200000000020200000000010800450000200001000040011eb9ac100202ac100201080006f41234000770696e67"),
    "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv4 172.16.2.2 > 172.16.2.1 id 1 ttl 64, "
      + "ICMPv4 echo request id 4660 seq 7, 4 bytes"
  ),
  (
    "an echo over IPv6",
    [UInt8](
      hex: "02000000000202000000000186dd60000000000c3a40fe800000000000000000000000000001fe8000000000000000000000"
        + "00000002800091a81234000770696e67"),
    "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02, IPv6 fe80::1 > fe80::2 hops 64, "
      + "ICMPv6 echo request id 4660 seq 7, 4 bytes"
  ),
]

/// What a decoder says of bytes.
private func line(_ bytes: [UInt8], _ start: PacketDecoder.Start = .ethernet, verifying: Checksums = .all) -> String {
  PacketText.line(PacketDecoder(start: start, verifying: verifying).decode(bytes.span.bytes))
}

private func failure(
  _ bytes: [UInt8], _ start: PacketDecoder.Start = .ethernet, verifying: Checksums = .all
) -> PacketError? {
  PacketDecoder(start: start, verifying: verifying).decode(bytes.span.bytes).failure
}

private let plain = frames[0].bytes
private let link = "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02"
private let linkAndIP = link + ", IPv4 172.16.2.2 > 172.16.2.1 id 1 ttl 64"

@Suite struct PacketDecoderTests {
  @Test(arguments: frames.indices) func `each layer of a frame is found and said`(index: Int) {
    let (name, bytes, expected) = frames[index]
    #expect(line(bytes) == expected, "\(name)")
  }

  @Test func `views show the layers`() throws {
    let packet = PacketDecoder(start: .ethernet).decode(plain.span.bytes)
    let type = packet.ethernet?.type
    #expect(type == .ipv4)
    let source = packet.ipv4?.source
    #expect(source == IPv4Address.Host(172, 16, 2, 2))
    let port = packet.udp?.destinationPort
    #expect(port == 12_345)
    #expect(Array(packet.payload) == Array("hi".utf8))
    let others = [
      packet.arp == nil, packet.ipv6 == nil, packet.tcp == nil, packet.icmpv4 == nil, packet.icmpv6 == nil,
    ]
    #expect(others.allSatisfy { $0 })
  }

  @Test func `the packet of a tun device begins with IP`() {
    #expect(line(Array(plain[14...]), .ip).hasPrefix("IPv4 172.16.2.2 > 172.16.2.1"))
    #expect(line(Array(frames[7].bytes[14...]), .ip).hasPrefix("IPv6 fe80::1 > fe80::2"))
    #expect(failure([], .ip) == .truncated(.ipv4, needed: 20, found: 0))
    #expect(failure([0x60], .ip) == .truncated(.ipv6, needed: 40, found: 1))
    var version5 = Array(plain[14...])
    version5[0] = 0x55
    #expect(failure(version5, .ip) == .malformed(.ipv4, field: .version, found: 5))
  }

  @Test func `the padding of a short frame does not reach the payload`() {
    #expect(line(plain + [UInt8](repeating: 0, count: 16)) == line(plain))
  }

  @Test func `options stand between IPv4 and what it carries`() {
    let packet = [UInt8](
      hex: "48b9002bbeefc000031179f60a0102030a040506 01 07070401020304 94040000 00010002000b2065616263")
    #expect(
      line(packet, .ip)
        == "IPv4 10.1.2.3 > 10.4.5.6 id 48879 ttl 3 tos 0xb9 reserved DF options 12, UDP 1 > 2, 3 bytes")
  }

  @Test func `a fragment has no layer above IP`() {
    let fragment = [UInt8](hex: "4500001cbeef20b94011801b0a0102030a040506 7878787878787878")
    #expect(line(fragment, .ip) == "IPv4 10.1.2.3 > 10.4.5.6 id 48879 ttl 64 fragment 1480+, UDP, 8 bytes")
    #expect(PacketDecoder(start: .ip).decode(fragment.span.bytes).isFragment == true)
  }

  @Test(arguments: [
    (13, "13 bytes [Ethernet: 14 bytes are needed, 13 are there]"),
    (14, link + ", 0 bytes [IPv4: 20 bytes are needed, 0 are there]"),
    (33, link + ", 19 bytes [IPv4: 20 bytes are needed, 19 are there]"),
    (43, link + ", 29 bytes [IPv4: 30 bytes are needed, 29 are there]"),
  ]) func `a frame that is cut says what it can`(count: Int, expected: String) {
    #expect(line(Array(plain[..<count])) == expected)
  }

  @Test func `a frame whose tag is cut has its addresses and the tags before`() {
    let cut = Array(frames[2].bytes[..<20])
    #expect(
      line(cut) == link + ", service VLAN 200 priority 3, 802.1Q, 2 bytes [VLAN: 4 bytes are needed, 2 are there]")
  }

  @Test func `a UDP length that cannot be leaves IPv4`() {
    var bytes = plain
    bytes[39] = 11
    #expect(line(bytes) == linkAndIP + ", UDP, 10 bytes [UDP: 11 bytes are needed, 10 are there]")
    bytes[39] = 7
    #expect(line(bytes) == linkAndIP + ", UDP, 10 bytes [UDP: length cannot be 7]")
  }

  @Test(arguments: [
    (0, 24, Checksums.ipv4, PacketLayer.ipv4), (0, 40, .udp, .udp), (5, 50, .tcp, .tcp), (6, 70, .tcp, .tcp),
    (7, 60, .udp, .udp), (8, 36, .icmpv4, .icmpv4), (9, 56, .icmpv6, .icmpv6),
  ])
  func `a wrong checksum is told by whom it is asked of`(index: Int, offset: Int, which: Checksums, layer: PacketLayer)
  {
    var bytes = frames[index].bytes
    bytes[offset] ^= 0x10
    let told = failure(bytes, verifying: which)
    guard case .badChecksum(layer, _, _) = told else {
      Issue.record("\(String(describing: told))")
      return
    }
    #expect(failure(bytes, verifying: Checksums.all.subtracting(which)) == nil)
    #expect(failure(bytes, verifying: []) == nil)
  }

  @Test func `a wrong checksum of IPv4 leaves IPv4, and nothing above it`() {
    var bytes = plain
    bytes[25] ^= 1
    let packet = PacketDecoder(start: .ethernet).decode(bytes.span.bytes)
    let layers = [packet.ipv4 == nil, packet.udp == nil]
    #expect(layers == [false, true])
  }

  // What the original makes of these packets (its IP and UDP decoders check little) and what they are.
  @Test(arguments: [
    ("45000021000100004011c0b50a010203ac10020253613039000d000068656c6c6f", 5),
    ("4500001c000100004011c0ba0a010203ac1002025361303900080000", 0),
    ("4500002100010000401100000a010203c0a8ae1f53613039000d000068656c6c6f", 5),
    ("45000021000100004011fffe0a010203c0a8ae2053613039000d000068656c6c6f", 5),
    ("450000210001000040111ea8ac100202ac100201c3503039000d000068656c6c6f", 5),
    ("4500001e0001000040111eabac100202ac100201c3503039000a00006869", 2),
  ]) func `the packets of Twisted's memory system are right`(text: String, count: Int) {
    let bytes = [UInt8](hex: text)
    let packet = PacketDecoder(start: .ip).decode(bytes.span.bytes)
    #expect(packet.failure == nil)
    let port = packet.udp?.destinationPort
    #expect(port == 12_345)
    #expect(packet.payload.byteCount == count)
  }

  @Test func `every cut of every frame gives layers or a failure`() {
    for (name, bytes, whole) in frames {
      for count in 0..<bytes.count {
        let cut = Array(bytes[..<count])
        #expect(failure(cut) != nil, "\(name), \(count) bytes")
        #expect(line(cut) != whole)
      }
    }
  }

  @Test func `every corrupted bit of every frame is read`() {
    for (name, bytes, whole) in frames {
      var unnoticed = 0
      for flipped in everyFlip(of: bytes, first: bytes.count) {
        let text = line(flipped)
        #expect(!text.isEmpty)
        unnoticed += text == whole ? 1 : 0
      }
      // Only the data of frames without a checksum, and of ARP's unknown address, may change unseen.
      #expect(unnoticed == 0 || name == "a length" || name == "ARP", "\(name): \(unnoticed)")
    }
  }

  @Test(arguments: [PacketDecoder.Start.ethernet, .ip]) func `random bytes are read`(start: PacketDecoder.Start) {
    var random = SplitMix64(seed: 5)
    var found = 0
    for _ in 0..<20_000 {
      // Random bytes alone would seldom be more than an address: a true frame is mixed with them.
      var bytes = frames.randomElement(using: &random)?.bytes ?? []
      if start == .ip { bytes.removeFirst(14) }
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let cut = Array(bytes.prefix(Int.random(in: 0...80, using: &random)))
      found += line(cut, start, verifying: []).contains("UDP") ? 1 : 0
      #expect(!line(cut, start).isEmpty)
    }
    #expect(found > 1_000)
  }
}
