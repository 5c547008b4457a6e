import Addresses
import Pair
import Reactor
import Testing

/// Frames from scapy 2.8.0.
private let plain = [UInt8](
  hex: "020000000002 020000000001 0800 4500001e0001000040111eabac100202ac100201c3503039000a47c36869")
private let tagged = [UInt8](hex: "020000000002 020000000001 8100b064 0800 4500")
private let doubleTagged = [UInt8](hex: "020000000002 020000000001 88a860c8 81000064 0800 4500")
private let spanningTree = [UInt8](
  hex: "0180c2000000 020000000001 0026 "
    + "4242030000000000000000000000000000000000000000000000000000000100140002000f00")

/// Looks at a frame and writes its header again.
private func rewritten(_ bytes: [UInt8]) throws -> (header: EthernetHeader, written: [UInt8]) {
  let header = EthernetHeader(try EthernetView(bytes.span.bytes))
  let written = try [UInt8](written: header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory)
  }
  return (header, written)
}

@Suite struct EthernetTests {
  @Test func `addresses, type and payload are read`() throws {
    let view = try EthernetView(plain.span.bytes)
    #expect(view.destination == EthernetAddress(2, 0, 0, 0, 0, 2))
    #expect(view.source == EthernetAddress(2, 0, 0, 0, 0, 1))
    #expect(view.type == .ipv4)
    #expect(view.vlans.count == 0)
    #expect(Array(view.payload) == Array(plain[14...]))
  }

  @Test func `a tag's VLAN, priority and eligibility are read`() throws {
    let view = try EthernetView(tagged.span.bytes)
    var vlans = view.vlans
    let first = vlans.next()
    let second = vlans.next()
    let tag = try #require(first)
    #expect(tag.type == .vlan)
    #expect(tag.vlan == 100)
    #expect(tag.priority == 5)
    #expect(tag.isDropEligible)
    #expect(second == nil)
    #expect(view.type == .ipv4)
    #expect(Array(view.payload) == [0x45, 0])
  }

  @Test func `two tags are walked from the outermost`() throws {
    let header = EthernetHeader(try EthernetView(doubleTagged.span.bytes))
    #expect(header.tags.map(\.type) == [.serviceVLAN, .vlan])
    #expect(header.tags.map(\.vlan) == [200, 100])
    #expect(header.type == .ipv4)
  }

  @Test func `a length is no type, and the padding behind it is no payload`() throws {
    let view = try EthernetView((spanningTree + [0, 0, 0, 0, 0, 0, 0, 0]).span.bytes)
    #expect(view.type.length == 38)
    #expect(Array(view.payload) == Array(spanningTree[14...]))
  }

  @Test(arguments: [1501, 1535]) func `a number between length and type is refused`(number: Int) {
    var frame = [UInt8](repeating: 0, count: 2000)
    frame[12] = UInt8(number >> 8)
    frame[13] = UInt8(number & 0xFF)
    #expect(throws: PacketError.malformed(.ethernet, field: .type, found: number)) {
      _ = try EthernetView(frame.span.bytes)
    }
  }

  @Test(arguments: [(1500, 1500), (1536, nil)] as [(UInt16, Int?)])
  func `the last length is 1500 and the first type is 1536`(number: UInt16, length: Int?) {
    #expect(EtherType(rawValue: number).length == length)
  }

  @Test(arguments: [plain, tagged, doubleTagged, spanningTree])
  func `a frame cut before its header or length ends is refused`(frame: [UInt8]) throws {
    let view = try EthernetView(frame.span.bytes)
    let needed = view.headerByteCount + (view.type.length ?? 0)
    for count in 0..<needed {
      #expect(throws: PacketError.self, "\(count) bytes") {
        _ = try EthernetView(frame.span.bytes.extracting(0..<count))
      }
    }
  }

  @Test func `eight tags are read, a ninth is refused`() throws {
    let tag: [UInt8] = [0x81, 0, 0, 1]
    let start = Array(plain[..<12])
    let eight = start + Array(repeating: tag, count: 8).joined() + [8, 0]
    #expect(try rewritten(eight).header.tags.count == 8)
    let nine = start + Array(repeating: tag, count: 9).joined() + [8, 0]
    #expect(throws: PacketError.tooLarge(.vlan, field: .tagCount, limit: 8, found: 9)) {
      _ = try EthernetView(nine.span.bytes)
    }
    var header = try rewritten(eight).header
    header.tags.append(header.tags[0])
    #expect(throws: PacketError.tooLarge(.vlan, field: .tagCount, limit: 8, found: 9)) {
      _ = try [UInt8](written: header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
    }
  }

  @Test(arguments: [plain, tagged, doubleTagged, spanningTree])
  func `what is written is what was read`(frame: [UInt8]) throws {
    let (header, written) = try rewritten(frame)
    #expect(written == Array(frame[..<header.byteCount]))
  }

  @Test func `too little room is told`() throws {
    let header = try rewritten(doubleTagged).header
    var memory = [UInt8](repeating: 0xA5, count: 21)
    #expect(throws: PacketError.noRoom(.ethernet, needed: 22, found: 21)) {
      try memory.withMutableRawSpan { (bytes) throws(PacketError) in try header.write(into: &bytes) }
    }
    #expect(memory.allSatisfy { $0 == 0xA5 })
  }

  @Test(arguments: [plain, tagged, doubleTagged, spanningTree])
  func `every corrupted bit of a header gives a frame that is written again, or an error`(frame: [UInt8]) throws {
    var read = 0
    let flips = everyFlip(of: frame, first: try EthernetView(frame.span.bytes).headerByteCount)
    for flipped in flips {
      guard let (header, written) = try? rewritten(flipped) else { continue }
      #expect(written == Array(flipped[..<header.byteCount]))
      read += 1
    }
    #expect(read >= 12 * 8)
  }

  @Test func `random frames are written again as they were, or refused`() throws {
    var random = SplitMix64(seed: 1)
    var read = 0
    for _ in 0..<20_000 {
      var frame = (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      // Most frames get tags, or nothing but the shortest path would be seen.
      var offset = 12
      while offset + 2 <= frame.count, Bool.random(using: &random) {
        let type: [UInt8] = Bool.random(using: &random) ? [0x81, 0] : [0x88, 0xA8]
        frame.replaceSubrange(offset..<(offset + 2), with: type)
        offset += 4
      }
      guard let (header, written) = try? rewritten(frame) else { continue }
      #expect(written == Array(frame[..<header.byteCount]))
      read += 1
    }
    #expect(read > 5_000)
  }
}
