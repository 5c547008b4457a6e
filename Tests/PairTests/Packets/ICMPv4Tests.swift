import Addresses
import Pair
import Testing

// Messages made by Scapy; the errors quote a UDP datagram from 10.0.0.1 to 10.0.0.2.

private let quoted = "4500001e00010000401166cc0a0000010a00000200010002000a735b7879"
private let echoRequest = [UInt8](hex: "0800216412340005616263")
private let fragmentationNeeded = [UInt8](hex: "03040ba200000578" + quoted)
private let timestamp = [UInt8](hex: "0d00db8000070008000003e8000007d000000bb8")
private let unknown = [UInt8](hex: "c80936f4000000000102")

/// Every golden message, and what it says.
private let golden: [([UInt8], ICMPv4Message)] = [
  (echoRequest, .echoRequest(identifier: 0x1234, sequenceNumber: 5)),
  ([UInt8](hex: "0000296412340005616263"), .echoReply(identifier: 0x1234, sequenceNumber: 5)),
  (fragmentationNeeded, .destinationUnreachable(code: 4, nextHopMTU: 1400)),
  ([UInt8](hex: "0b00091e00000000" + quoted), .timeExceeded(code: 0)),
  ([UInt8](hex: "0501041f0a0000fe" + quoted), .redirect(code: 1, gateway: .init(10, 0, 0, 254))),
  ([UInt8](hex: "0c00ff1d09000000" + quoted), .parameterProblem(code: 0, pointer: 9)),
  (
    timestamp,
    .timestampRequest(
      identifier: 7, sequenceNumber: 8, times: .init(originate: 1000, receive: 2000, transmit: 3000))
  ),
  (unknown, .other(type: 200, code: 9, restOfHeader: 0)),
]

/// What a message is when its fields are written again.
private func rewritten(_ bytes: [UInt8]) throws -> [UInt8] {
  let view = try ICMPv4View(bytes.span.bytes)
  let header = ICMPv4Header(view)
  let fields = try [UInt8](written: header.byteCount) { (bytes) throws(PacketError) in
    try header.write(into: &bytes)
  }
  return fields + Array(view.payload)
}

@Suite struct ICMPv4Tests {
  @Test(arguments: golden) func `a message is read, and its checksum fits`(
    bytes: [UInt8], message: ICMPv4Message
  ) throws {
    let view = try ICMPv4View(bytes.span.bytes)
    #expect(view.message == message)
    #expect(ICMPv4Header(view).message == message)
    try view.verifyChecksum()
  }

  @Test(arguments: golden) func `a message that is built has the bytes that another program gives it`(
    bytes: [UInt8], message: ICMPv4Message
  ) throws {
    let view = try ICMPv4View(bytes.span.bytes)
    var header = try ICMPv4Header(message)
    header.fillChecksum(payload: view.payload)
    #expect(header == ICMPv4Header(view))
    #expect(try rewritten(bytes) == bytes)
  }

  @Test(arguments: golden) func `any changed bit is noticed, and kept`(bytes: [UInt8], message: ICMPv4Message) throws {
    var readable = 0
    for changed in everyFlip(of: bytes, first: bytes.count) {
      // A message may have become one that is longer.
      guard let view = try? ICMPv4View(changed.span.bytes) else { continue }
      readable += 1
      #expect(throws: PacketError.self) { try view.verifyChecksum() }
      #expect(try rewritten(changed) == changed)
    }
    #expect(readable >= bytes.count * 8 - 2)
  }

  @Test func `a wrong checksum is named with the right one`() {
    var changed = echoRequest
    changed[2] = 0
    #expect(throws: PacketError.badChecksum(.icmpv4, found: 0x0064, expected: 0x2164)) {
      try ICMPv4View(changed.span.bytes).verifyChecksum()
    }
  }

  @Test func `a message shorter than its fields is refused`() {
    for count in 0..<8 {
      #expect(throws: PacketError.truncated(.icmpv4, needed: 8, found: count)) {
        _ = try ICMPv4View(echoRequest.span.bytes.extracting(0..<count))
      }
    }
    for count in 8..<20 {
      #expect(throws: PacketError.truncated(.icmpv4, needed: 20, found: count)) {
        _ = try ICMPv4View(timestamp.span.bytes.extracting(0..<count))
      }
    }
  }

  @Test(arguments: [(0, 30), (1, 4), (7, 28), (8, 30), (255, 30)])
  func `as much of a packet is quoted as the message says`(words: UInt8, count: Int) throws {
    var bytes = fragmentationNeeded
    bytes[5] = words
    let view = try ICMPv4View(bytes.span.bytes)
    #expect(view.quotedPacket?.byteCount == count)
    #expect(view.message == .destinationUnreachable(code: 4, nextHopMTU: 1400))
  }

  @Test func `only errors quote a packet`() throws {
    let quoting = try golden.map { bytes, _ in
      let view = try ICMPv4View(bytes.span.bytes)
      return view.quotedPacket?.byteCount != nil
    }
    #expect(quoting == [false, false, true, true, true, true, false, false])
  }

  @Test func `a type with more fields cannot be made without them`() {
    #expect(throws: PacketError.malformed(.icmpv4, field: .type, found: 13)) {
      _ = try ICMPv4Header(.other(type: 13, code: 0, restOfHeader: 0))
    }
  }

  @Test func `fields for which there is no room are refused`() throws {
    let header = try ICMPv4Header(.timeExceeded(code: 0))
    var bytes = Foreign.unwritten(7)
    #expect(throws: PacketError.noRoom(.icmpv4, needed: 8, found: 7)) {
      try bytes.withMutableRawSpan { (bytes) throws(PacketError) in try header.write(into: &bytes) }
    }
    #expect(bytes == Foreign.unwritten(7))
  }

  @Test(arguments: 0..<8) func `bytes by chance are a message that round-trips, or are refused`(seed: UInt64) throws {
    var numbers = Foreign.Numbers(seed: seed)
    var messages = 0
    for _ in 0..<1_000 {
      var bytes = numbers.bytes(upTo: 80)
      // Half of the messages are of types that have a name.
      if let first = bytes.first, first & 1 == 0 { bytes[0] = UInt8.random(in: 0...18, using: &numbers) }
      guard let view = try? ICMPv4View(bytes.span.bytes) else { continue }
      messages += 1
      #expect(try rewritten(bytes) == bytes)
      if let quoted = view.quotedPacket { #expect(quoted.byteCount <= bytes.count - 8) }
      let again = try ICMPv4Header(view.message)
      #expect(again.message == view.message)
    }
    #expect(messages > 500)
  }
}
