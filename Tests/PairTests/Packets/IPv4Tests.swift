import Addresses
import Pair
import Reactor
import Testing

/// Packets from scapy 2.8.0: plain, with options and the reserved flag, and a fragment.
private let plain = [UInt8](hex: "4500001e0001000040111eabac100202ac100201 c3503039000a47c36869")
private let rich = [UInt8](
  hex: "48b9002bbeefc000031179f60a0102030a040506 01 07070401020304 94040000 00010002000b2065616263")
private let fragment = [UInt8](hex: "4500001cbeef20b94011801b0a0102030a040506 7878787878787878")

private func rewritten(_ bytes: [UInt8]) throws -> (header: IPv4Header, written: [UInt8]) {
  let header = IPv4Header(try IPv4View(bytes.span.bytes))
  let written = try [UInt8](written: header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory)
  }
  return (header, written)
}

/// The options of bytes as kinds and data, and the error that ended them.
private func options(_ bytes: [UInt8]) -> (found: [[UInt8]], error: PacketError?) {
  var found: [[UInt8]] = []
  var options = IPv4Options(bytes.span.bytes)
  while true {
    do throws(PacketError) {
      guard let option = try options.next() else { return (found, nil) }
      found.append([option.kind.rawValue] + Array(option.data))
    } catch {
      return (found, error)
    }
  }
}

@Suite struct IPv4Tests {
  @Test func `every field is read`() throws {
    let view = try IPv4View(rich.span.bytes)
    #expect(view.headerByteCount == 32)
    #expect(view.typeOfService == 0xB9)
    #expect(view.dscp == 46)
    #expect(view.ecn == 1)
    #expect(view.totalLength == 43)
    #expect(view.identification == 0xBEEF)
    #expect(view.reservedFlag == true)
    #expect(view.dontFragment == true)
    #expect(view.moreFragments == false)
    #expect(view.fragmentOffset == 0)
    #expect(view.isFragment == false)
    #expect(view.timeToLive == 3)
    #expect(view.protocolNumber == .udp)
    #expect(view.checksum == 0x79F6)
    #expect(view.source == IPv4Address.Host(10, 1, 2, 3))
    #expect(view.destination == IPv4Address.Host(10, 4, 5, 6))
    #expect(Array(view.optionBytes) == Array(rich[20..<32]))
    #expect(Array(view.payload) == Array(rich[32...]))
  }

  @Test func `a fragment's place and what follows are read`() throws {
    let view = try IPv4View(fragment.span.bytes)
    #expect(view.isFragment == true)
    #expect(view.moreFragments == true)
    #expect(view.dontFragment == false)
    #expect(view.fragmentOffset == 185)
  }

  // What the original makes of these words stands in its flags; the fields are the same.
  @Test(
    arguments: [
      (0x4000, true, false, 0), (0x2000, false, true, 0), (0x8000, false, false, 0), (0xE000, true, true, 0),
      (0x0001, false, false, 1), (0x1FFF, false, false, 8191), (0x2005, false, true, 5), (0xFFFF, true, true, 8191),
      (0xBEEF, false, true, 7919),
    ] as [(UInt16, Bool, Bool, UInt16)])
  func `flags and place share a word`(word: UInt16, dontFragment: Bool, moreFragments: Bool, offset: UInt16) throws {
    var packet = plain
    packet[6] = UInt8(word >> 8)
    packet[7] = UInt8(word & 0xFF)
    let view = try IPv4View(packet.span.bytes)
    #expect(view.dontFragment == dontFragment)
    #expect(view.moreFragments == moreFragments)
    #expect(view.fragmentOffset == offset)
    #expect(try rewritten(packet).written == Array(packet[..<20]))
  }

  @Test func `what stands behind the total length is no payload`() throws {
    let padded = plain + [UInt8](repeating: 0, count: 16)
    #expect(Array(try IPv4View(padded.span.bytes).payload) == Array(plain[20...]))
  }

  @Test(arguments: [plain, rich, fragment]) func `a packet cut anywhere is refused`(packet: [UInt8]) {
    for count in 0..<packet.count {
      #expect(throws: PacketError.truncated(.ipv4, needed: count < 20 ? 20 : packet.count, found: count)) {
        _ = try IPv4View(packet.span.bytes.extracting(0..<count))
      }
    }
  }

  @Test(
    arguments: [
      (0, 0x55, .malformed(.ipv4, field: .version, found: 5)), (0, 0x65, .malformed(.ipv4, field: .version, found: 6)),
      (0, 0x44, .malformed(.ipv4, field: .headerLength, found: 16)),
      (0, 0x40, .malformed(.ipv4, field: .headerLength, found: 0)),
      (0, 0x4F, .truncated(.ipv4, needed: 60, found: 30)), (3, 19, .malformed(.ipv4, field: .length, found: 19)),
      (3, 31, .truncated(.ipv4, needed: 31, found: 30)),
    ] as [(Int, UInt8, PacketError)])
  func `a version or a length that cannot be is refused`(offset: Int, byte: UInt8, error: PacketError) {
    var packet = plain
    packet[offset] = byte
    #expect(throws: error) { _ = try IPv4View(packet.span.bytes) }
  }

  @Test(arguments: [plain, rich, fragment]) func `a checksum is verified and computed`(packet: [UInt8]) throws {
    let view = try IPv4View(packet.span.bytes)
    try view.verifyChecksum()
    #expect(IPv4Header(view).computedChecksum == view.checksum)
  }

  @Test(arguments: [plain, rich, fragment])
  func `every corrupted bit of a header is an error or a bad checksum`(packet: [UInt8]) throws {
    var read = 0
    let count = try IPv4View(packet.span.bytes).headerByteCount
    for flipped in everyFlip(of: packet, first: count) {
      guard let (header, written) = try? rewritten(flipped) else { continue }
      #expect(written == Array(flipped[..<header.byteCount]))
      #expect(throws: PacketError.self) { try IPv4View(flipped.span.bytes).verifyChecksum() }
      _ = options(header.options)
      read += 1
    }
    #expect(read > count * 6)
  }

  @Test func `a wrong checksum is told with the right one`() throws {
    var packet = plain
    packet[10] = 0xDE
    packet[11] = 0xAD
    #expect(throws: PacketError.badChecksum(.ipv4, found: 0xDEAD, expected: 0x1EAB)) {
      try IPv4View(packet.span.bytes).verifyChecksum()
    }
  }

  // The destinations for which the original's test double computes a wrong sum, or none: from scapy.
  @Test(arguments: [(31, 0x0000), (32, 0xFFFE)] as [(UInt8, UInt16)])
  func `the carry of a sum is folded as often as there is one`(last: UInt8, checksum: UInt16) {
    let header = IPv4Header(
      totalLength: 33, identification: 1, protocolNumber: .udp, source: .init(10, 1, 2, 3),
      destination: .init(192, 168, 174, last))
    #expect(header.computedChecksum == checksum)
  }

  @Test func `options are read one after the other`() throws {
    let (found, error) = options(Array(rich[20..<32]))
    #expect(found == [[1], [7, 4, 1, 2, 3, 4], [148, 0, 0]])
    #expect(error == nil)
  }

  @Test func `nothing behind the end of the options is one`() {
    let (found, error) = options([1, 0, 7, 0])
    #expect(found == [[1]])
    #expect(error == nil)
  }

  @Test(
    arguments: [
      ([7, 0, 0, 0], .malformed(.ipv4, field: .option, found: 0)),
      ([1, 7, 1, 0], .malformed(.ipv4, field: .option, found: 1)),
      ([1, 1, 1, 7], .truncated(.ipv4, needed: 2, found: 1)),
      ([7, 5, 4, 0], .truncated(.ipv4, needed: 5, found: 4)),
    ] as [([UInt8], PacketError)])
  func `an option whose length cannot be ends the options`(bytes: [UInt8], error: PacketError) throws {
    #expect(options(bytes).error == error)
    var options = IPv4Options(bytes.span.bytes)
    while true {
      do { if try options.next() == nil { break } } catch { break }
    }
    let isDone = try options.next() == nil
    #expect(isDone)
  }

  @Test func `headers that no packet has are not written`() throws {
    var memory = [UInt8](repeating: 0xA5, count: 100)
    func write(_ change: (inout IPv4Header) -> Void) throws(PacketError) {
      var header = IPv4Header(protocolNumber: .udp, source: .any, destination: .any)
      change(&header)
      try memory.withMutableRawSpan { (bytes) throws(PacketError) in try header.write(into: &bytes) }
    }
    #expect(throws: PacketError.tooLarge(.ipv4, field: .options, limit: 40, found: 44)) {
      try write { $0.options = [UInt8](repeating: 1, count: 44) }
    }
    #expect(throws: PacketError.malformed(.ipv4, field: .options, found: 3)) { try write { $0.options = [1, 1, 1] } }
    #expect(throws: PacketError.tooLarge(.ipv4, field: .fragmentOffset, limit: 8191, found: 8192)) {
      try write { $0.fragmentOffset = 8192 }
    }
    #expect(memory.allSatisfy { $0 == 0xA5 })
    memory = [UInt8](repeating: 0xA5, count: 19)
    #expect(throws: PacketError.noRoom(.ipv4, needed: 20, found: 19)) { try write { _ in } }
  }

  @Test func `a total length is set where it fits`() throws {
    var header = IPv4Header(protocolNumber: .udp, source: .any, destination: .any, options: [1, 1, 1, 1])
    try header.setTotalLength(payload: 65_511)
    #expect(header.totalLength == 65_535)
    #expect(throws: PacketError.tooLarge(.ipv4, field: .length, limit: 65_535, found: 65_536)) {
      try header.setTotalLength(payload: 65_512)
    }
    #expect(throws: PacketError.self) { try header.setTotalLength(payload: .max) }
  }

  @Test func `random packets are written again as they were, or refused`() throws {
    var random = SplitMix64(seed: 3)
    var read = 0
    for _ in 0..<20_000 {
      var packet = (0..<Int.random(in: 0...90, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      if packet.count > 3 {
        packet[0] = 0x40 | UInt8.random(in: 4...15, using: &random)
        packet[2] = 0
        packet[3] = UInt8.random(in: 0...90, using: &random)
      }
      guard let (header, written) = try? rewritten(packet) else { continue }
      #expect(written == Array(packet[..<header.byteCount]))
      _ = options(header.options)
      let view = try IPv4View(packet.span.bytes)
      let sumsToZero = Checksum.of(view.headerBytes) == 0
      #expect(sumsToZero == ((try? view.verifyChecksum()) != nil))
      read += 1
    }
    #expect(read > 3_000)
  }
}
