import Addresses
import Pair
import Testing

/// A datagram of five bytes from 172.16.2.2:50000 to 172.16.2.1:12345, its checksum computed by another program.
private let hello: [UInt8] = [
  0xC3, 0x50, 0x30, 0x39, 0x00, 0x0D, 0x6C, 0x54, 0x68, 0x65, 0x6C, 0x6C, 0x6F,
]
private let beneath = PseudoHeader.ipv4(source: .init(172, 16, 2, 2), destination: .init(172, 16, 2, 1))

@Suite struct UDPTests {
  @Test func `the fields and the payload are read`() throws {
    let view = try UDPView(hello.span.bytes)
    #expect(view.sourcePort == 50_000)
    #expect(view.destinationPort == 12_345)
    #expect(view.length == 13)
    #expect(Array(view.payload) == Array("hello".utf8))
  }

  @Test func `what stands behind the announced length is no payload`() throws {
    let padded = hello + [0, 0, 0]
    #expect(Array(try UDPView(padded.span.bytes).payload) == Array("hello".utf8))
  }

  @Test(arguments: 0..<8) func `a datagram shorter than its header is refused`(count: Int) {
    #expect(throws: PacketError.truncated(.udp, needed: 8, found: count)) {
      _ = try UDPView(hello.span.bytes.extracting(0..<count))
    }
  }

  @Test func `a checksum is computed and verified`() throws {
    let view = try UDPView(hello.span.bytes)
    try view.verifyChecksum(beneath)
    let payload = Array("hello".utf8)
    let header = try UDPHeader(
      sourcePort: 50_000, destinationPort: 12_345, payload: payload.span.bytes, over: beneath)
    #expect(header == UDPHeader(view))
  }

  @Test func `a changed byte is noticed, and none means no checksum over IPv4 alone`() throws {
    var changed = hello
    changed[12] ^= 1
    #expect(throws: PacketError.self) { try UDPView(changed.span.bytes).verifyChecksum(beneath) }
    changed[6] = 0
    changed[7] = 0
    try UDPView(changed.span.bytes).verifyChecksum(beneath)
    let over6 = PseudoHeader.ipv6(source: .init(high: 0, low: 1), destination: .init(high: 0, low: 2))
    #expect(throws: PacketError.self) { try UDPView(changed.span.bytes).verifyChecksum(over6) }
  }

  @Test func `what is written is what was read, and every byte of the header is written`() throws {
    let header = UDPHeader(try UDPView(hello.span.bytes))
    var written = [UInt8](repeating: 0xA5, count: 8)
    try written.withMutableRawSpan { (bytes) throws(PacketError) in try header.write(into: &bytes) }
    #expect(written == Array(hello[..<8]))
  }
}
