import Addresses
import Pair
import Reactor
import Testing

private let source = IPv4Address.Host(172, 16, 2, 2)
private let destination = IPv4Address.Host(172, 16, 2, 1)
private let source6 = IPv6Address.Host(high: 0xFE80 << 48, low: 1)
private let destination6 = IPv6Address.Host(high: 0xFE80 << 48, low: 2)
private let link = EthernetHeader(
  destination: EthernetAddress(2, 0, 0, 0, 0, 2), source: EthernetAddress(2, 0, 0, 0, 0, 1), type: .ipv4)
private let over4 = PseudoHeader.ipv4(source: source, destination: destination)
private let over6 = PseudoHeader.ipv6(source: source6, destination: destination6)
private let udp = UDPHeader(sourcePort: 50_000, destinationPort: 12_345, length: 0, checksum: 0)
private let tcp = TCPHeader(
  sourcePort: 50_000, destinationPort: 80, sequenceNumber: 1, acknowledgmentNumber: 2, flags: [.psh, .ack],
  window: 100, optionBytes: [2, 4, 5, 0xB4, 1, 3, 3, 7])

private func ipv4(_ number: IPProtocolNumber) -> IPv4Header {
  IPv4Header(identification: 1, protocolNumber: number, source: source, destination: destination)
}

private func ipv6(_ number: IPProtocolNumber) -> IPv6Header {
  IPv6Header(payloadLength: 0, nextHeader: number, hopLimit: 64, source: source6, destination: destination6)
}

@Suite struct PacketBuilderTests {
  // All expected bytes in this suite are from scapy 2.8.0.
  @Test func `UDP over IPv4 over tagged Ethernet is built from the inside`() throws {
    var builder = PacketBuilder(payload: Array("hi".utf8))
    try builder.prepend(udp, over: over4)
    try builder.prepend(ipv4(.udp))
    var tagged = link
    tagged.tags = [VLANTag(type: .serviceVLAN, control: 0x60C8), VLANTag(control: 100)]
    try builder.prepend(tagged)
    #expect(
      builder.bytes
        == [UInt8](
          hex: "02000000000202000000000188a860c88100006408004500001e0001000040111eabac100202ac100201"
            + "c3503039000a47c36869"))
  }

  @Test func `TCP over IPv4 is built with its options`() throws {
    var builder = PacketBuilder(payload: Array("hi".utf8))
    try builder.prepend(tcp, over: over4)
    try builder.prepend(ipv4(.tcp))
    try builder.prepend(link)
    #expect(
      builder.bytes
        == [UInt8](
          hex: "0200000000020200000000010800450000320001000040061ea2ac100202ac100201c35000500000000100000002"
            + "70180064fb6b0000020405b4010303076869"))
  }

  @Test func `UDP over IPv6 is built`() throws {
    var builder = PacketBuilder(payload: Array("hi".utf8))
    try builder.prepend(udp, over: over6)
    var header = ipv6(.udp)
    header.trafficClass = 0xB8
    header.flowLabel = 0xABCDE
    try builder.prepend(header)
    #expect(
      builder.bytes
        == [UInt8](
          hex: "6b8abcde000a1140fe800000000000000000000000000001fe800000000000000000000000000002"
            + "c3503039000aa6e26869"))
  }

  @Test func `echoes of both versions are built`() throws {
    var builder = PacketBuilder(payload: Array("ping".utf8))
    try builder.prepend(ICMPv4Header(.echoRequest(identifier: 0x1234, sequenceNumber: 7)))
    try builder.prepend(ipv4(.icmpv4))
    #expect(builder.bytes == [UInt8](hex: "450000200001000040011eb9ac100202ac100201080006f41234000770696e67"))
    builder = PacketBuilder(payload: Array("ping".utf8))
    try builder.prepend(ICMPv6Header(.echoRequest(identifier: 0x1234, sequenceNumber: 7)), over: over6)
    try builder.prepend(ipv6(.icmpv6))
    #expect(
      builder.bytes
        == [UInt8](
          hex: "60000000000c3a40fe800000000000000000000000000001fe800000000000000000000000000002"
            + "800091a81234000770696e67"))
  }

  @Test func `ARP is built, and padded to the least frame`() throws {
    var builder = PacketBuilder()
    try builder.prepend(
      ARPHeader(
        operation: .request,
        addresses: .ethernetIPv4(
          senderHardware: link.source, senderProtocol: source, targetHardware: EthernetAddress(0, 0, 0, 0, 0, 0),
          targetProtocol: destination)))
    var header = link
    header.type = .arp
    try builder.prepend(header)
    builder.pad(to: 60)
    builder.pad(to: 42)
    #expect(
      builder.bytes
        == [UInt8](hex: "02000000000202000000000108060001080006040001020000000001ac100202000000000000ac100201")
        + [UInt8](repeating: 0, count: 18))
  }

  @Test func `an extension header stands between IPv6 and what it carries`() throws {
    var builder = PacketBuilder(payload: [1, 2, 3])
    try builder.prepend(udp, over: over6)
    try builder.prepend(
      .fragment(IPv6FragmentHeader(nextHeader: .udp, fragmentOffset: 0, moreFragments: false, identification: 5)))
    try builder.prepend(ipv6(.ipv6Fragment))
    let bytes = builder.bytes
    let packet = PacketDecoder(start: .ip).decode(bytes.span.bytes)
    #expect(
      PacketText.line(packet)
        == "IPv6 fe80::1 > fe80::2 hops 64, fragment id 0x5 0, UDP 50000 > 12345, 3 bytes")
  }

  @Test func `what is not to be made to fit stands as the headers say`() throws {
    var builder = PacketBuilder(payload: Array("hello".utf8), fixesLengths: false, filling: [])
    var wrong = udp
    wrong.length = 9
    wrong.checksum = 0xDEAD
    try builder.prepend(wrong, over: over4)
    var beneath = ipv4(.udp)
    beneath.totalLength = 1234
    beneath.checksum = 0xBEEF
    try builder.prepend(beneath)
    #expect(
      builder.bytes
        == [UInt8](hex: "450004d2000100004011beefac100202ac100201 c35030390009dead 68656c6c6f"))
  }

  @Test func `each checksum can be left alone`() throws {
    var builder = PacketBuilder(payload: Array("hi".utf8), filling: .ipv4)
    try builder.prepend(udp, over: over4)
    try builder.prepend(ipv4(.udp))
    #expect(builder.bytes == [UInt8](hex: "4500001e0001000040111eabac100202ac100201c3503039000a00006869"))
  }

  @Test func `an 802.3 length is made to fit, up to 1500`() throws {
    var header = link
    header.type = EtherType(rawValue: 0)
    var builder = PacketBuilder(payload: [UInt8](repeating: 1, count: 1500))
    try builder.prepend(header)
    #expect(Array(builder.bytes[12..<14]) == [0x05, 0xDC])
    builder = PacketBuilder(payload: [UInt8](repeating: 1, count: 1501))
    #expect(throws: PacketError.tooLarge(.ethernet, field: .length, limit: 1500, found: 1501)) {
      try builder.prepend(header)
    }
  }

  @Test func `what is too long is refused, and the packet stays what it was`() {
    var builder = PacketBuilder(payload: [UInt8](repeating: 1, count: 65_528))
    #expect(throws: PacketError.tooLarge(.udp, field: .length, limit: 65_535, found: 65_536)) {
      try builder.prepend(udp, over: over4)
    }
    #expect(throws: PacketError.tooLarge(.ipv4, field: .length, limit: 65_535, found: 65_548)) {
      try builder.prepend(ipv4(.udp))
    }
    #expect(builder.byteCount == 65_528)
    builder.prepend([2, 3])
    #expect(builder.bytes.prefix(3) == [2, 3, 1])
  }

  @Test func `more headers than there was room for go in front too`() {
    var builder = PacketBuilder(payload: [0])
    for number in 1...200 { builder.prepend([UInt8](repeating: UInt8(number), count: number)) }
    var expected: [UInt8] = []
    for number in (1...200).reversed() { expected += [UInt8](repeating: UInt8(number), count: number) }
    #expect(builder.bytes == expected + [0])
  }

  @Test func `what is built at random is decoded again without a failure`() throws {
    var random = SplitMix64(seed: 6)
    for _ in 0..<2_000 {
      let payload = (0..<Int.random(in: 0...64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      let isVersion6 = Bool.random(using: &random)
      let beneath = isVersion6 ? over6 : over4
      var builder = PacketBuilder(payload: payload)
      let number: IPProtocolNumber
      switch Int.random(in: 0..<3, using: &random) {
      case 0:
        number = .udp
        let port = UInt16.random(in: 0...UInt16.max, using: &random)
        try builder.prepend(UDPHeader(sourcePort: port, destinationPort: ~port, length: 0, checksum: 0), over: beneath)
      case 1:
        number = .tcp
        try builder.prepend(tcp, over: beneath)
      default:
        number = isVersion6 ? .icmpv6 : .icmpv4
        let identifier = UInt16.random(in: 0...UInt16.max, using: &random)
        if isVersion6 {
          try builder.prepend(ICMPv6Header(.echoReply(identifier: identifier, sequenceNumber: 1)), over: beneath)
        } else {
          try builder.prepend(ICMPv4Header(.echoReply(identifier: identifier, sequenceNumber: 1)))
        }
      }
      if isVersion6 {
        try builder.prepend(ipv6(number))
      } else {
        var header = ipv4(number)
        header.identification = UInt16.random(in: 0...UInt16.max, using: &random)
        header.options = [UInt8](repeating: 1, count: 4 * Int.random(in: 0...10, using: &random))
        try builder.prepend(header)
      }
      var frame = link
      frame.tags = (0..<Int.random(in: 0...3, using: &random)).map { VLANTag(control: UInt16($0)) }
      frame.type = isVersion6 ? .ipv6 : .ipv4
      try builder.prepend(frame)
      builder.pad(to: 60)
      let bytes = builder.bytes
      let packet = PacketDecoder(start: .ethernet).decode(bytes.span.bytes)
      #expect(packet.failure == nil)
      #expect(Array(packet.payload) == payload)
      #expect(packet.upperProtocol == number)
    }
  }
}
