import Addresses
import Pair
import Testing

/// A datagram "hi" from 172.16.2.2:50000 to 172.16.2.1:12345, in an IPv4 packet with a right header checksum.
let datagram = hex("4500001e0001000040111eabac100202ac100201c3503039000a00006869")
/// The header of a frame that carries IPv4.
let frameHeader = hex("0200000000020200000000010800")

/// Bytes from their hexadecimal digits.
func hex(_ digits: String) -> [UInt8] {
  let values = digits.map { UInt8($0.hexDigitValue!) }
  return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
}

/// The three layers of Twisted, and what comes out on top.
final class Stack {
  let ethernet = EthernetProtocol()
  let ip: IPProtocol
  let udp: RawUDPProtocol
  let top = Top()

  final class Top: RawUDPReceiver, RawDatagramReceiver, RawPacketReceiver {
    var datagrams: [(payload: [UInt8], host: String, port: UInt16)] = []
    var headers: [(payload: [UInt8], header: RawIPHeader)] = []
    var packets: [(payload: [UInt8], link: LinkHeader?)] = []
    var onPacket: (() throws -> Void)?
    func datagramReceived(_ datagram: RawSpan, host: HeaderValue, port: UInt16) {
      datagrams.append((Array(datagram), "\(host)", port))
    }
    func datagramReceived(_ data: RawSpan, partial: Int, header: RawIPHeader) {
      headers.append((Array(data), header))
    }
    func datagramReceived(_ data: RawSpan, partial: Int, link: LinkHeader?) throws {
      packets.append((Array(data), link))
      try onPacket?()
    }
  }

  init(_ profile: PairProfile = .twistedCompatible) throws {
    ip = IPProtocol(profile: profile)
    udp = RawUDPProtocol(profile: profile)
    try udp.addProto(12_345, top)
    try ip.addProto(17, udp)
    try ethernet.addProto(0x800, ip)
  }

  func feed(_ frame: [UInt8]) throws { try ethernet.datagramReceived(frame.span.bytes, partial: 0) }
}

@Suite struct LayerTests {
  @Test(
    arguments: [
      ("a plain packet", "4500001e0001000040111eabac100202ac100201c3503039000a00006869", "6869", "6869"),
      (
        "padding", "4500001e0001000040111eabac100202ac100201c3503039000a0000686900000000", "686900000000", "6869"
      ),
      (
        "a length that ends the payload early", "4500001e0001000040111eabac100202ac100201c3503039000900006869", "6869",
        "68"
      ),
      ("a bad header checksum", "4500001e000100004011deadac100202ac100201c3503039000a00006869", "6869", nil),
      ("a fragment that is not the first", "4500001e0001000140111eaaac100202ac100201c3503039000a00006869", "6869", nil),
      ("options", "460000220001000040111ba6ac100202ac10020101010100c3503039000a00006869", nil, "6869"),
      ("a bad UDP checksum", "4500001e0001000040111eabac100202ac100201c3503039000adead6869", "6869", nil),
    ] as [(String, String, String?, String?)])
  func `Twisted ignores what the correct profile heeds`(
    what: String, packet: String, compatible: String?, correct: String?
  ) throws {
    for (profile, expected) in [(PairProfile.twistedCompatible, compatible), (.correct, correct)] {
      let stack = try Stack(profile)
      do {
        try stack.feed(frameHeader + hex(packet))
      } catch {
        #expect(profile == .correct && error is PacketError, "\(what): \(error)")
      }
      #expect(stack.top.datagrams.map(\.payload) == (expected.map { [hex($0)] } ?? []), "\(what), \(profile)")
    }
  }

  @Test func `the datagram comes with its sender`() throws {
    let stack = try Stack()
    try stack.feed(frameHeader + datagram)
    #expect(stack.top.datagrams.map(\.host) == ["172.16.2.2"])
    #expect(stack.top.datagrams.map(\.port) == [50_000])
  }

  @Test(arguments: [(0x45, 5, 16), (0x54, 4, 20), (0x46, 6, 16), (0x40, 0, 16), (0x60, 0, 24)] as [(UInt8, Int, Int)])
  func `version and header length are exchanged as in Twisted`(first: UInt8, version: Int, length: Int) throws {
    var packet = datagram
    packet[0] = first
    let header = try RawIPHeader(packet.span.bytes)
    #expect(header.version == version)
    #expect(header.headerLength == length)
  }

  @Test(
    arguments: [
      ("4000", 0, true, false), ("2000", 0, false, true), ("8000", 0, false, false), ("e000", 0, true, true),
      ("0001", 1, false, false), ("1fff", 8191, false, false), ("beef", 7919, false, true), ("ffff", 8191, true, true),
    ] as [(String, Int, Bool, Bool)])
  func `the fragment word is read in units of eight bytes`(
    word: String, offset: Int, dontFragment: Bool, moreFragments: Bool
  ) throws {
    var packet = datagram
    packet.replaceSubrange(6..<8, with: hex(word))
    let header = try RawIPHeader(packet.span.bytes)
    #expect(header.fragmentOffset == offset)
    #expect(header.dontFragment == dontFragment)
    #expect(header.moreFragments == moreFragments)
  }

  @Test func `a frame cut anywhere in its headers is refused with what was needed`() throws {
    let frame = frameHeader + datagram
    for count in 0..<frame.count {
      let stack = try Stack()
      let needed = count < 14 ? (14, count) : count < 34 ? (20, count - 14) : count < 42 ? (8, count - 34) : nil
      if let needed {
        #expect(throws: TunnelError.shortPacket(needed: needed.0, found: needed.1)) {
          try stack.feed(Array(frame.prefix(count)))
        }
        #expect(stack.top.datagrams.isEmpty)
      } else {
        try stack.feed(Array(frame.prefix(count)))
        #expect(stack.top.datagrams.count == 1)
      }
    }
  }

  @Test func `a tun port cannot feed Twisted's IP layer, and can the correct one`() throws {
    let compatible = try Stack()
    #expect(throws: TunnelError.missingArguments(["dest", "source", "protocol"])) {
      try compatible.ip.datagramReceived(datagram.span.bytes, partial: 0, link: nil)
    }
    let correct = try Stack(.correct)
    try correct.ip.datagramReceived(datagram.span.bytes, partial: 0, link: nil)
    #expect(correct.top.datagrams.count == 1)
  }

  @Test func `several protocols of a key are called in order, one that is added meanwhile too`() throws {
    let ethernet = EthernetProtocol()
    let first = Stack.Top()
    let late = Stack.Top()
    try ethernet.addProto(0x800, first)
    try ethernet.addProto(0x800, first)
    first.onPacket = {
      first.onPacket = nil
      try ethernet.addProto(0x800, late)
    }
    try ethernet.datagramReceived((frameHeader + [1, 2] as [UInt8]).span.bytes, partial: 0)
    #expect(first.packets.map(\.payload) == [[1, 2], [1, 2]])
    #expect(late.packets.map(\.payload) == [[1, 2]])
    #expect(late.packets.first?.link?.etherType == .number(0x800))
  }

  @Test func `an error of one protocol keeps the packet from those after it`() throws {
    let ethernet = EthernetProtocol()
    let first = Stack.Top()
    let second = Stack.Top()
    try ethernet.addProto(0x800, first)
    try ethernet.addProto(0x800, second)
    first.onPacket = { throw Planned() }
    #expect(throws: Planned()) { try ethernet.datagramReceived(frameHeader.span.bytes, partial: 0) }
    #expect(second.packets.isEmpty)
  }

  @Test func `a protocol of the wrong kind is refused before its number is looked at`() throws {
    let stack = try Stack()
    #expect(throws: AddProtocolError.notAdaptable) { try stack.ethernet.addProto(-1, stack.udp) }
    #expect(throws: AddProtocolError.notAdaptable) { try stack.ip.addProto(-1, stack.ip) }
    #expect(throws: AddProtocolError.notADatagramProtocol) { try stack.udp.addProto(-1, stack.ip) }
    #expect(throws: AddProtocolError.negative) { try stack.ethernet.addProto(-1, stack.ip) }
    #expect(throws: AddProtocolError.tooBig(bits: 16)) { try stack.ethernet.addProto(65_536, stack.ip) }
    #expect(throws: AddProtocolError.tooBig(bits: 32)) { try stack.ip.addProto(1 << 32, stack.udp) }
    #expect(throws: AddProtocolError.tooBig(bits: 16)) { try stack.udp.addProto(65_536, stack.top) }
    try stack.ethernet.addProto(65_535, stack.ip)
    try stack.ip.addProto((1 << 32) - 1, stack.udp)
  }
}
