import Addresses
import Pair
import Testing

/// A segment from 172.16.2.2:50000 to 172.16.2.1:80 with the options of a SYN, made by Scapy.
private let synAck = [UInt8](
  hex:
    "c35000501122334455667788a0d2721050140007020405b40402080a01020304050607080103030768656c6c6f")
private let beneath4 = PseudoHeader.ipv4(source: .init(172, 16, 2, 2), destination: .init(172, 16, 2, 1))

/// A segment from [2001:db8::1]:443 with two SACK blocks and an option that nobody knows, made by Scapy.
private let sack = [UInt8](
  hex:
    "01bbc7380000000100000002b010006414dd00000101051200000064000000c80000012c00000190fd040f10")
private let beneath6 = PseudoHeader.ipv6(
  source: .init(high: 0x2001_0db8_0000_0000, low: 1), destination: .init(high: 0x2001_0db8_0000_0000, low: 2))

/// The options of a segment, as far as they can be read.
private func options(_ bytes: [UInt8]) throws -> [TCPOption] {
  var iterator = try TCPView(bytes.span.bytes).options
  var found: [TCPOption] = []
  while let option = try iterator.next() { found.append(TCPOption(option)) }
  return found
}

/// What a segment's header and payload are when they are written again.
private func rewritten(_ bytes: [UInt8]) throws -> [UInt8] {
  let view = try TCPView(bytes.span.bytes)
  let header = TCPHeader(view)
  var written = Foreign.unwritten(header.byteCount)
  try written.withMutableRawSpan { (bytes) throws(PacketError) in try header.write(into: &bytes) }
  return written + Array(view.payload)
}

/// A segment with these bytes for options.
private func segment(optionBytes: [UInt8]) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 20) + optionBytes
  bytes[12] = UInt8(bytes.count / 4) << 4
  return bytes
}

@Suite struct TCPTests {
  @Test func `the fields, the options and the payload are read`() throws {
    let view = try TCPView(synAck.span.bytes)
    #expect(view.sourcePort == 50_000)
    #expect(view.destinationPort == 80)
    #expect(view.sequenceNumber == 0x1122_3344)
    #expect(view.acknowledgmentNumber == 0x5566_7788)
    #expect(view.headerByteCount == 40)
    #expect(view.flags == [.syn, .ack, .ece, .cwr])
    #expect(view.window == 29_200)
    #expect(view.checksum == 0x5014)
    #expect(view.urgentPointer == 7)
    #expect(Array(view.payload) == Array("hello".utf8))
    #expect(
      try options(synAck) == [
        .maximumSegmentSize(1460), .sackPermitted, .timestamps(value: 0x0102_0304, echoReply: 0x0506_0708),
        .noOperation, .windowScale(7),
      ])
  }

  @Test func `SACK blocks are read, and an unknown option is kept`() throws {
    #expect(
      try options(sack) == [
        .noOperation, .noOperation, .sack([.init(left: 100, right: 200), .init(left: 300, right: 400)]),
        .unknown(kind: 253, data: [0x0F, 0x10]),
      ])
  }

  @Test func `a segment that is built has the bytes that another program gives it`() throws {
    var header = TCPHeader(
      sourcePort: 50_000, destinationPort: 80, sequenceNumber: 0x1122_3344, acknowledgmentNumber: 0x5566_7788,
      flags: [.syn, .ack, .ece, .cwr], window: 29_200, urgentPointer: 7,
      optionBytes: try TCPHeader.optionBytes([
        .maximumSegmentSize(1460), .sackPermitted, .timestamps(value: 0x0102_0304, echoReply: 0x0506_0708),
        .noOperation, .windowScale(7),
      ]))
    try header.fillChecksum(payload: Array("hello".utf8).span.bytes, over: beneath4)
    #expect(header == TCPHeader(try TCPView(synAck.span.bytes)))
  }

  @Test func `a checksum that fits passes, and any changed bit is noticed`() throws {
    try TCPView(synAck.span.bytes).verifyChecksum(beneath4)
    try TCPView(sack.span.bytes).verifyChecksum(beneath6)
    for changed in everyFlip(of: synAck, first: synAck.count) {
      guard let view = try? TCPView(changed.span.bytes) else { continue }
      #expect(throws: PacketError.self) { try view.verifyChecksum(beneath4) }
    }
  }

  @Test func `a wrong checksum is named with the right one`() throws {
    var changed = synAck
    changed[16] = 0
    #expect(throws: PacketError.badChecksum(.tcp, found: 0x0014, expected: 0x5014)) {
      try TCPView(changed.span.bytes).verifyChecksum(beneath4)
    }
  }

  @Test func `what is written is what was read, the reserved bits among it`() throws {
    #expect(try rewritten(synAck) == synAck)
    #expect(try rewritten(sack) == sack)
    for changed in everyFlip(of: synAck, first: synAck.count) where changed[12] == synAck[12] || changed[12] & 0x0F != 0
    {
      #expect(try rewritten(changed) == changed)
    }
  }

  @Test(arguments: 0..<40) func `a segment shorter than its header is refused`(count: Int) {
    #expect(throws: PacketError.truncated(.tcp, needed: count < 20 ? 20 : 40, found: count)) {
      _ = try TCPView(synAck.span.bytes.extracting(0..<count))
    }
  }

  @Test(arguments: 0..<5) func `a data offset inside the fixed header is refused`(words: Int) {
    var bytes = synAck
    bytes[12] = UInt8(words) << 4
    #expect(throws: PacketError.malformed(.tcp, field: .headerLength, found: words * 4)) {
      _ = try TCPView(bytes.span.bytes)
    }
  }

  @Test(
    arguments: [
      ([2, 0, 0, 0], PacketError.malformed(.tcp, field: .option, found: 0)),
      ([2, 1, 0, 0], .malformed(.tcp, field: .option, found: 1)),
      ([1, 1, 1, 2], .truncated(.tcp, needed: 2, found: 1)),
      ([3, 5, 0, 0], .truncated(.tcp, needed: 5, found: 4)),
    ] as [([UInt8], PacketError)])
  func `a broken option is refused once, and then there are no more`(bytes: [UInt8], error: PacketError) throws {
    let broken = segment(optionBytes: bytes)
    #expect(throws: error) { _ = try options(broken) }
    var iterator = try TCPView(broken.span.bytes).options
    var refusals = 0
    while true {
      do {
        guard try iterator.next() != nil else { break }
      } catch {
        refusals += 1
      }
    }
    #expect(refusals == 1)
    #expect(try rewritten(broken) == broken)
  }

  @Test func `what follows the end of the list is kept, and is no option`() throws {
    let padded = segment(optionBytes: [0, 2, 4, 9])
    #expect(try options(padded) == [.endOfOptionList])
    #expect(try rewritten(padded) == padded)
  }

  @Test func `a known option of another length is kept as it is`() throws {
    #expect(try options(segment(optionBytes: [2, 3, 9, 0])) == [.unknown(kind: 2, data: [9]), .endOfOptionList])
  }

  @Test func `options that no header has room for are refused`() {
    #expect(throws: PacketError.tooLarge(.tcp, field: .option, limit: 40, found: 42)) {
      _ = try TCPHeader.optionBytes([.sack(.init(repeating: .init(left: 1, right: 2), count: 5))])
    }
    #expect(throws: PacketError.tooLarge(.tcp, field: .option, limit: 40, found: 44)) {
      _ = try TCPHeader.optionBytes([TCPOption](repeating: .maximumSegmentSize(1), count: 11))
    }
    let odd = TCPHeader(sourcePort: 1, destinationPort: 2, sequenceNumber: 3, flags: [], window: 4, optionBytes: [1])
    #expect(throws: PacketError.malformed(.tcp, field: .headerLength, found: 21)) {
      var bytes = Foreign.unwritten(60)
      try bytes.withMutableRawSpan { (bytes) throws(PacketError) in try odd.write(into: &bytes) }
    }
  }

  @Test func `a header for which there is no room is refused`() throws {
    let header = TCPHeader(try TCPView(synAck.span.bytes))
    var bytes = Foreign.unwritten(39)
    #expect(throws: PacketError.noRoom(.tcp, needed: 40, found: 39)) {
      try bytes.withMutableRawSpan { (bytes) throws(PacketError) in try header.write(into: &bytes) }
    }
    #expect(bytes == Foreign.unwritten(39))
  }

  @Test(arguments: 0..<8) func `bytes by chance are a segment that round-trips, or are refused`(seed: UInt64) throws {
    var numbers = Foreign.Numbers(seed: seed)
    var segments = 0
    for _ in 0..<2_000 {
      let bytes = numbers.bytes(upTo: 100)
      guard (try? TCPView(bytes.span.bytes)) != nil else { continue }
      segments += 1
      #expect(try rewritten(bytes) == bytes)
      if let found = try? options(bytes) { #expect(found.count <= 40) }
    }
    #expect(segments > 100)
  }

  @Test func `flags are named`() {
    #expect(TCPFlags([.syn, .ack]).description == "SYN ACK")
    #expect(TCPFlags([]).description == "none")
    #expect(TCPFlags(rawValue: 0xFFFF).rawValue == 0x0FFF)
  }
}
