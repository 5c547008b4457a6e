import Pair
import Testing

/// A datagram "hello" with right checksums, in an untagged frame.
private let frame =
  [UInt8](hex: "02000000000202000000000108004500002100010000401100000a010203ac10020253613039000d0000")
  + Array("hello".utf8)

@Suite struct PlainDatagramTests {
  /// The frame with checksums that fit.
  private static func whole() throws -> [UInt8] {
    var bytes = frame
    var sum = Checksum()
    sum.add(bytes.span.bytes.extracting(14..<34))
    bytes[24] = UInt8(sum.value >> 8)
    bytes[25] = UInt8(sum.value & 0xFF)
    return bytes
  }

  /// What the views of the three layers say, one after the other: the payload of a plain datagram, or nothing.
  private static func byViews(_ bytes: [UInt8]) -> [UInt8]? {
    guard let frame = try? EthernetView(bytes.span.bytes), frame.type == .ipv4, frame.headerByteCount == 14,
      let packet = try? IPv4View(frame.payload), packet.headerByteCount == 20, !packet.isFragment,
      packet.protocolNumber == .udp, let datagram = try? UDPView(packet.payload)
    else { return nil }
    guard (try? packet.verifyChecksum()) != nil, (try? datagram.verifyChecksum(packet.pseudoHeader)) != nil else {
      return nil
    }
    return Array(datagram.payload)
  }

  /// The payload of the plain datagram that is found, or nothing.
  private static func found(_ bytes: [UInt8], verifying: Checksums = .all) -> [UInt8]? {
    guard let datagram = PlainDatagram(bytes.span.bytes, verifying: verifying) else { return nil }
    return Array(datagram.payload)
  }

  @Test func `it shows the layers of a plain datagram`() throws {
    let bytes = try Self.whole()
    guard let datagram = PlainDatagram(bytes.span.bytes) else { throw PacketError.truncated(.udp, needed: 0, found: 0) }
    #expect(Array(datagram.payload) == Array("hello".utf8))
    #expect(datagram.ethernet.type == .ipv4)
    #expect(datagram.ipv4.totalLength == 33)
    #expect(datagram.udp.destinationPort == 12_345)
  }

  @Test func `it finds what the views find, whatever bit is changed and wherever the frame is cut`() throws {
    let bytes = try Self.whole()
    var frames = everyFlip(of: bytes, first: bytes.count)
    frames += (0...bytes.count).map { Array(bytes.prefix($0)) }
    frames.append(bytes + [0, 0, 0])
    var count = 0
    for frame in frames {
      let found = Self.found(frame)
      #expect(found == Self.byViews(frame))
      if found != nil { count += 1 }
    }
    #expect(count > 48, "the addresses of the frame may be any")
  }

  @Test func `a checksum that is not verified may be any`() throws {
    var bytes = try Self.whole()
    bytes[24] ^= 1
    #expect(Self.found(bytes) == nil)
    #expect(Self.found(bytes, verifying: .udp) == Array("hello".utf8))
  }
}
