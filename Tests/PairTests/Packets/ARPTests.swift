import Addresses
import Pair
import Reactor
import Testing

/// Who has 172.16.2.1? Tell 172.16.2.2: from scapy 2.8.0.
private let request = [UInt8](hex: "0001 0800 06 04 0001 020000000001 ac100202 000000000000 ac100201")
/// IPv4 over InfiniBand's eight bytes, from scapy too.
private let other = [UInt8](hex: "0020 0800 08 04 0002 0001020304050607 01020304 08090a0b0c0d0e0f 05060708")

private func rewritten(_ bytes: [UInt8]) throws -> (header: ARPHeader, written: [UInt8]) {
  let header = ARPHeader(try ARPView(bytes.span.bytes))
  let written = try [UInt8](written: header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory)
  }
  return (header, written)
}

@Suite struct ARPTests {
  @Test func `IPv4 over Ethernet has its own types`() throws {
    let header = ARPHeader(try ARPView(request.span.bytes))
    #expect(header.operation == .request)
    #expect(
      header.addresses
        == .ethernetIPv4(
          senderHardware: EthernetAddress(2, 0, 0, 0, 0, 1), senderProtocol: .init(172, 16, 2, 2),
          targetHardware: EthernetAddress(0, 0, 0, 0, 0, 0), targetProtocol: .init(172, 16, 2, 1)))
  }

  @Test func `addresses of other sizes are read as bytes`() throws {
    let header = ARPHeader(try ARPView(other.span.bytes))
    #expect(header.operation == .reply)
    #expect(
      header.addresses
        == .raw(
          hardwareType: 32, protocolType: .ipv4, senderHardware: [0, 1, 2, 3, 4, 5, 6, 7],
          senderProtocol: [1, 2, 3, 4], targetHardware: [8, 9, 10, 11, 12, 13, 14, 15], targetProtocol: [5, 6, 7, 8]))
  }

  @Test func `padding is not part of the packet`() throws {
    let view = try ARPView((request + [UInt8](repeating: 7, count: 18)).span.bytes)
    #expect(view.byteCount == 28)
    #expect(Array(view.targetProtocol) == [172, 16, 2, 1])
  }

  @Test(arguments: [request, other]) func `a packet cut anywhere is refused`(packet: [UInt8]) {
    for count in 0..<packet.count {
      #expect(throws: PacketError.truncated(.arp, needed: count < 8 ? 8 : packet.count, found: count)) {
        _ = try ARPView(packet.span.bytes.extracting(0..<count))
      }
    }
  }

  @Test func `the greatest addresses are read and written`() throws {
    let packet = [1, 2, 3, 4, 255, 255, 5, 6] + (0..<1020).map { UInt8(truncatingIfNeeded: $0) }
    #expect(try rewritten(packet).written == packet)
  }

  @Test func `addresses that no packet holds are not written`() {
    func header(_ sender: Int, _ target: Int) -> ARPHeader {
      ARPHeader(
        operation: .reply,
        addresses: .raw(
          hardwareType: 1, protocolType: .ipv4, senderHardware: [UInt8](repeating: 1, count: sender),
          senderProtocol: [], targetHardware: [UInt8](repeating: 2, count: target), targetProtocol: []))
    }
    var memory = [UInt8](repeating: 0xA5, count: 2000)
    #expect(throws: PacketError.tooLarge(.arp, field: .addressLength, limit: 255, found: 256)) {
      try memory.withMutableRawSpan { (bytes) throws(PacketError) in try header(256, 256).write(into: &bytes) }
    }
    #expect(throws: PacketError.malformed(.arp, field: .addressLength, found: 5)) {
      try memory.withMutableRawSpan { (bytes) throws(PacketError) in try header(6, 5).write(into: &bytes) }
    }
  }

  @Test(arguments: [request, other])
  func `what is written is what was read, whatever bit is corrupted`(packet: [UInt8]) throws {
    #expect(try rewritten(packet).written == packet)
    var read = 0
    for flipped in everyFlip(of: packet, first: packet.count) {
      guard let (header, written) = try? rewritten(flipped) else { continue }
      #expect(written == Array(flipped[..<header.byteCount]))
      read += 1
    }
    #expect(read > packet.count * 7)
  }

  @Test func `random packets are written again as they were, or refused`() throws {
    var random = SplitMix64(seed: 2)
    var read = 0
    for _ in 0..<20_000 {
      var packet = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if packet.count > 5, Bool.random(using: &random) {
        packet[4] = UInt8.random(in: 0...16, using: &random)
        packet[5] = UInt8.random(in: 0...16, using: &random)
      }
      guard let (header, written) = try? rewritten(packet) else { continue }
      #expect(written == Array(packet[..<header.byteCount]))
      read += 1
    }
    #expect(read > 3_000)
  }
}
