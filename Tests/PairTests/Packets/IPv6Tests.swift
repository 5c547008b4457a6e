import Addresses
import Pair
import Testing

private let here = IPv6Address.Host(high: 0x2001_0db8_0000_0000, low: 1)
private let there = IPv6Address.Host(high: 0x2001_0db8_0000_0000, low: 2)

// Packets from 2001:db8::1 to 2001:db8::2, made by Scapy.

/// Router alert, a routing header, an unknown destination option, the first fragment of a UDP datagram.
private let chain = [UInt8](
  hex:
    """
    6b9abcde003b001120010db800000000000000000000000120010db80000000000000000000000022b000502000001003c0200010000000020010d
    b80000000000000000000000032c001e030102030011000001deadbeef03e80035000bdbe2616263
    """)
/// A later fragment, whose first header would have been destination options.
private let laterFragment = [UInt8](
  hex:
    """
    6000000000142c4020010db800000000000000000000000120010db80000000000000000000000023c0005c8deadbeef6d6964646c65206f662069
    74
    """)
/// An authentication header, behind which nothing is to follow, and yet four bytes do.
private let authenticated = [UInt8](
  hex:
    """
    60000000001c334020010db800000000000000000000000120010db80000000000000000000000023b040000000001000000000700010203040506
    0708090a0b72657374
    """)
/// An encrypted packet.
private let encrypted = [UInt8](
  hex:
    "600000000010324020010db800000000000000000000000120010db800000000000000000000000200000200000000091111111111111111")
/// A packet that says it has 70,000 bytes.
private let jumbogram = [UInt8](
  hex:
    "600000000000004020010db800000000000000000000000120010db80000000000000000000000023b00c2040001117078")

/// The extension headers of a packet, as far as they can be read.
private func extensions(_ bytes: [UInt8]) throws -> [IPv6ExtensionHeader] {
  var iterator = try IPv6View(bytes.span.bytes).extensions
  var found: [IPv6ExtensionHeader] = []
  while let header = try iterator.next() { found.append(IPv6ExtensionHeader(header)) }
  return found
}

private func written(_ header: IPv6ExtensionHeader) throws -> [UInt8] {
  var written = Foreign.unwritten(header.byteCount)
  try written.withMutableRawSpan { (bytes) throws(PacketError) in try header.write(into: &bytes) }
  return written
}

private func written(_ header: IPv6Header) throws -> [UInt8] {
  var written = Foreign.unwritten(40)
  try written.withMutableRawSpan { (bytes) throws(PacketError) in try header.write(into: &bytes) }
  return written
}

/// What a packet is when all its headers are written again, as far as the extension headers can be read.
private func rewritten(_ bytes: [UInt8]) throws -> [UInt8] {
  let view = try IPv6View(bytes.span.bytes)
  var result = try written(IPv6Header(view))
  var iterator = view.extensions
  while let header = (try? iterator.next()) { result += try written(IPv6ExtensionHeader(header)) }
  return result + Array(iterator.rest)
}

/// The options in the next extension header; nil where it has none, or there is no other.
private func options(_ headers: inout IPv6ExtensionIterator) throws -> [IPv6Option]? {
  guard let header = try headers.next(), var iterator = header.options else { return nil }
  var found: [IPv6Option] = []
  while let option = try iterator.next() { found.append(IPv6Option(option)) }
  return found
}

/// The next extension header, if it is a fragment header.
private func nextFragment(_ headers: inout IPv6ExtensionIterator) throws -> IPv6FragmentHeader? {
  guard let header = try headers.next() else { return nil }
  return header.fragment
}

/// A packet with a payload.
private func packet(_ nextHeader: IPProtocolNumber, _ payload: [UInt8]) throws -> [UInt8] {
  let header = IPv6Header(
    payloadLength: UInt16(payload.count), nextHeader: nextHeader, source: here, destination: there)
  return try written(header) + payload
}

@Suite struct IPv6Tests {
  @Test func `the fields of the fixed header are read`() throws {
    let view = try IPv6View(chain.span.bytes)
    #expect(view.trafficClass == 0xB9)
    #expect(view.flowLabel == 0xABCDE)
    #expect(view.payloadLength == 59)
    #expect(view.nextHeader == .hopByHopOptions)
    #expect(view.hopLimit == 17)
    #expect(view.source == here)
    #expect(view.destination == there)
    #expect(view.payload.byteCount == 59)
  }

  @Test func `what stands behind the announced length is no payload`() throws {
    let padded = encrypted + [1, 2, 3]
    #expect(Array(try IPv6View(padded.span.bytes).payload) == Array(encrypted[40...]))
  }

  @Test(arguments: [chain, laterFragment, authenticated, encrypted])
  func `a packet cut anywhere is refused`(bytes: [UInt8]) {
    for count in 0..<bytes.count {
      #expect(throws: PacketError.truncated(.ipv6, needed: count < 40 ? 40 : bytes.count, found: count)) {
        _ = try IPv6View(bytes.span.bytes.extracting(0..<count))
      }
    }
  }

  @Test(arguments: 0..<16) func `another version is refused`(version: Int) throws {
    guard version != 6 else { return }
    var bytes = encrypted
    bytes[0] = UInt8(version) << 4
    #expect(throws: PacketError.malformed(.ipv6, field: .version, found: version)) {
      _ = try IPv6View(bytes.span.bytes)
    }
  }

  @Test func `a jumbogram is refused with its length`() {
    #expect(throws: PacketError.malformed(.ipv6, field: .jumboPayload, found: 70_000)) {
      _ = try IPv6View(jumbogram.span.bytes)
    }
    #expect(throws: PacketError.malformed(.ipv6, field: .length, found: 0)) {
      _ = try IPv6View(jumbogram.span.bytes.extracting(0..<47))
    }
  }

  @Test func `every extension header is gone through, in its order`() throws {
    var iterator = try IPv6View(chain.span.bytes).extensions
    let hopByHop = try #require(try options(&iterator))
    #expect(hopByHop == [.routerAlert(0), .padN([])])

    if let header = try iterator.next(), let routing = header.routing {
      #expect(routing.routingType == 0)
      #expect(routing.segmentsLeft == 1)
      #expect(routing.data.byteCount == 20)
    } else {
      Issue.record("there is a routing header")
    }

    let destination = try #require(try options(&iterator))
    #expect(destination == [.unknown(type: 0x1E, data: [1, 2, 3]), .pad1])

    let fragment = try #require(try nextFragment(&iterator))
    #expect(fragment.fragmentOffset == 0)
    #expect(fragment.moreFragments)
    #expect(fragment.identification == 0xDEAD_BEEF)
    #expect(try nextFragment(&iterator) == nil)
    #expect(iterator.nextHeader == .udp)

    let upper = try IPv6View(chain.span.bytes).upperLayer()
    #expect(upper.protocol == .udp)
    #expect(upper.fragment == fragment)
    let datagram = try UDPView(upper.bytes)
    #expect(Array(datagram.payload) == Array("abc".utf8))
    let last = IPv6Address.Host(high: there.high, low: 3)
    #expect(try IPv6View(chain.span.bytes).pseudoHeader == .ipv6(source: here, destination: last))
    try datagram.verifyChecksum(.ipv6(source: here, destination: last))
  }

  @Test(arguments: [(0, 1, 9), (2, 1, 8), (4, 1, 8), (3, 1, 2), (0, 0, 2), (4, 0, 2)] as [(UInt8, UInt8, UInt64)])
  func `the last host on the way is found by the type of the routing header`(
    type: UInt8, left: UInt8, low: UInt64
  ) throws {
    var routing: [UInt8] = [59, 4, type, left, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 32)
    routing.replaceSubrange(8..<10, with: [0x20, 0x01])
    routing.replaceSubrange(24..<26, with: [0x20, 0x01])
    routing.replaceSubrange(10..<12, with: [0x0D, 0xB8])
    routing.replaceSubrange(26..<28, with: [0x0D, 0xB8])
    routing[23] = 8
    routing[39] = 9
    let bytes = try packet(.ipv6Routing, routing)
    #expect(try IPv6View(bytes.span.bytes).finalDestination == .init(high: here.high, low: low))
  }

  @Test func `a routing header too short for a host names none`() throws {
    let bytes = try packet(.ipv6Routing, [59, 0, 0, 1, 0, 0, 0, 0])
    #expect(try IPv6View(bytes.span.bytes).finalDestination == there)
  }

  @Test func `behind the header of a later fragment nothing is taken for a header`() throws {
    let upper = try IPv6View(laterFragment.span.bytes).upperLayer()
    #expect(upper.protocol == .ipv6DestinationOptions)
    #expect(upper.fragment?.fragmentOffset == 1480)
    #expect(upper.fragment?.moreFragments == false)
    #expect(Array(upper.bytes) == Array("middle of it".utf8))
  }

  @Test func `an authentication header is read and passed`() throws {
    let view = try IPv6View(authenticated.span.bytes)
    var iterator = view.extensions
    if let header = try iterator.next(), let authentication = header.authentication {
      #expect(authentication.securityParametersIndex == 0x100)
      #expect(authentication.sequenceNumber == 7)
      #expect(Array(authentication.integrityCheckValue) == Array(0..<12))
    } else {
      Issue.record("there is an authentication header")
    }
    let upper = try view.upperLayer()
    #expect(upper.protocol == .ipv6NoNextHeader)
    #expect(Array(upper.bytes) == Array("rest".utf8))
  }

  @Test func `what is encrypted ends the walk`() throws {
    let upper = try IPv6View(encrypted.span.bytes).upperLayer()
    #expect(upper.protocol == .esp)
    #expect(upper.bytes.byteCount == 16)
    #expect(upper.fragment == nil)
  }

  @Test(
    arguments: [
      (.ipv6Routing, [59, 0, 0, 0, 0, 0, 0], .truncated(.ipv6Extension, needed: 8, found: 7)),
      (.ipv6Routing, [59, 1, 0, 0, 0, 0, 0, 0], .truncated(.ipv6Extension, needed: 16, found: 8)),
      (.ipv6Fragment, [], .truncated(.ipv6Extension, needed: 8, found: 0)),
      (.ah, [59, 0, 0, 0, 0, 0, 0, 0], .malformed(.ipv6Extension, field: .headerLength, found: 8)),
      (
        .ipv6Routing, [0, 0, 0, 0, 0, 0, 0, 0, 59, 0, 1, 4, 0, 0, 0, 0],
        .malformed(.ipv6Extension, field: .type, found: 0)
      ),
    ] as [(IPProtocolNumber, [UInt8], PacketError)])
  func `a broken extension header is refused once, and ends the walk`(
    kind: IPProtocolNumber, payload: [UInt8], error: PacketError
  ) throws {
    let bytes = try packet(kind, payload)
    #expect(throws: error) { _ = try extensions(bytes) }
    #expect(throws: error) { _ = try IPv6View(bytes.span.bytes).upperLayer() }
    var iterator = try IPv6View(bytes.span.bytes).extensions
    var refusals = 0
    while true {
      do {
        guard try iterator.next() != nil else { break }
      } catch {
        refusals += 1
      }
    }
    #expect(refusals == 1)
    #expect(try rewritten(bytes) == bytes)
  }

  @Test func `the longest possible chain is gone through to its end`() throws {
    let count = 8_191
    let header: [UInt8] = [60, 0, 1, 4, 0, 0, 0, 0]
    let bytes = try packet(.ipv6DestinationOptions, [[UInt8]](repeating: header, count: count).flatMap(\.self))
    var iterator = try IPv6View(bytes.span.bytes).extensions
    var found = 0
    #expect(throws: PacketError.truncated(.ipv6Extension, needed: 8, found: 0)) {
      while try iterator.next() != nil { found += 1 }
    }
    #expect(found == count)
  }

  @Test(
    arguments: [
      ([5, 7, 0, 0, 0, 0], .truncated(.ipv6Extension, needed: 9, found: 6)),
      ([0, 0, 0, 0, 0, 5], .truncated(.ipv6Extension, needed: 2, found: 1)),
    ] as [([UInt8], PacketError)])
  func `an option that runs over the end is refused`(data: [UInt8], error: PacketError) throws {
    let bytes = try packet(.hopByHopOptions, [59, 0] + data)
    var iterator = try IPv6View(bytes.span.bytes).extensions
    #expect(throws: error) { _ = try options(&iterator) }
    #expect(try rewritten(bytes) == bytes)
  }

  @Test(arguments: [chain, laterFragment, authenticated, encrypted])
  func `what is written is what was read, whichever bit is changed`(bytes: [UInt8]) throws {
    #expect(try rewritten(bytes) == bytes)
    var readable = 0
    for changed in everyFlip(of: bytes, first: bytes.count) {
      guard let view = try? IPv6View(changed.span.bytes) else { continue }
      readable += 1
      #expect(try rewritten(changed) == Array(changed[..<(40 + Int(view.payloadLength))]))
    }
    #expect(readable > bytes.count * 7)
  }

  @Test func `options are padded to whole units of 8 bytes`() throws {
    for count in 0..<16 {
      let option = IPv6Option.unknown(type: 0x1E, data: [UInt8](repeating: 7, count: count))
      let header = try IPv6ExtensionHeader(kind: .ipv6DestinationOptions, nextHeader: .tcp, options: [option])
      #expect(header.byteCount % 8 == 0)
      let bytes = try packet(.ipv6DestinationOptions, written(header))
      var iterator = try IPv6View(bytes.span.bytes).extensions
      let found = try #require(try options(&iterator))
      #expect(found.first == option)
      #expect(found.count <= 2)
    }
    let alert = try IPv6ExtensionHeader(kind: .hopByHopOptions, nextHeader: .icmpv6, options: [.routerAlert(0)])
    #expect(try written(alert) == [58, 0, 5, 2, 0, 0, 1, 0])
  }

  @Test func `a value that does not fit its field is refused`() throws {
    var header = IPv6Header(payloadLength: 0, nextHeader: .tcp, source: here, destination: there)
    header.flowLabel = 0x10_0000
    #expect(throws: PacketError.tooLarge(.ipv6, field: .flowLabel, limit: 0xF_FFFF, found: 0x10_0000)) {
      _ = try written(header)
    }
    #expect(throws: PacketError.malformed(.ipv6Extension, field: .headerLength, found: 9)) {
      _ = try written(.other(kind: .ipv6Routing, nextHeader: .tcp, data: [UInt8](repeating: 0, count: 7)))
    }
    #expect(throws: PacketError.tooLarge(.ipv6Extension, field: .headerLength, limit: 2048, found: 2056)) {
      _ = try written(.other(kind: .ipv6Routing, nextHeader: .tcp, data: [UInt8](repeating: 0, count: 2054)))
    }
    #expect(throws: PacketError.malformed(.ipv6Extension, field: .fragmentOffset, found: 9)) {
      _ = try IPv6FragmentHeader(nextHeader: .tcp, fragmentOffset: 9, moreFragments: true, identification: 1)
    }
    #expect(
      throws: PacketError.tooLarge(.ipv6Extension, field: .fragmentOffset, limit: 0xFFF8, found: 0x10000)
    ) {
      _ = try IPv6FragmentHeader(nextHeader: .tcp, fragmentOffset: 0x10000, moreFragments: true, identification: 1)
    }
  }

  @Test func `headers for which there is no room are refused`() throws {
    var small = Foreign.unwritten(7)
    let fragment = try IPv6FragmentHeader(
      nextHeader: .tcp, fragmentOffset: 8, moreFragments: true, identification: 1)
    #expect(throws: PacketError.noRoom(.ipv6Extension, needed: 8, found: 7)) {
      try small.withMutableRawSpan { (bytes) throws(PacketError) in try fragment.write(into: &bytes) }
    }
    let header = IPv6Header(payloadLength: 0, nextHeader: .tcp, source: here, destination: there)
    #expect(throws: PacketError.noRoom(.ipv6, needed: 40, found: 7)) {
      try small.withMutableRawSpan { (bytes) throws(PacketError) in try header.write(into: &bytes) }
    }
    #expect(small == Foreign.unwritten(7))
  }

  @Test(arguments: 0..<8) func `extension headers by chance round-trip, or are refused`(seed: UInt64) throws {
    var numbers = Foreign.Numbers(seed: seed)
    let kinds: [IPProtocolNumber] = [
      .hopByHopOptions, .ipv6Routing, .ipv6Fragment, .ah, .ipv6DestinationOptions, .esp, .ipv6NoNextHeader,
    ]
    var headers = 0
    for _ in 0..<500 {
      // Small lengths and known types, so that many of the chains have several headers.
      var payload = numbers.bytes(upTo: 120)
      for offset in stride(from: 0, to: payload.count - 1, by: 8) {
        payload[offset] = kinds.randomElement(using: &numbers)!.rawValue
        payload[offset + 1] &= 1
      }
      let kind = kinds.randomElement(using: &numbers)!
      let bytes = try packet(kind, payload)
      guard let view = try? IPv6View(bytes.span.bytes) else { continue }
      #expect(try rewritten(bytes) == bytes)
      var iterator = view.extensions
      while let header = (try? iterator.next()) {
        headers += 1
        guard var options = header.options else { continue }
        while let option = (try? options.next()) { #expect(option.data.byteCount < header.bytes.byteCount) }
      }
    }
    #expect(headers > 300)
  }
}
