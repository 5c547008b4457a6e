import Addresses
import Pair
import Testing

private func host(_ text: String) throws -> IPv6Address.Host { try IPv6Address.Host(text) }

// Messages from fe80::1 to ff02::1, made by Scapy; the errors quote a UDP datagram from 2001:db8::1 to 2001:db8::2.

private let beneath = PseudoHeader.ipv6(
  source: .init(high: 0xFE80_0000_0000_0000, low: 1), destination: .init(high: 0xFF02_0000_0000_0000, low: 1))
private let quoted =
  """
  60000000000a114020010db800000000000000000000000120010db800000000000000000000000200010002000a2be97879
  """
private let linkLocal2 = "fe800000000000000000000000000002"

private enum Golden {
  static let echoRequest = [UInt8](hex: "8000ab9812340005616263")
  static let unreachable = [UInt8](hex: "01048fd200000000" + quoted)
  static let packetTooBig = [UInt8](hex: "020089d600000500" + quoted)
  static let timeExceeded = [UInt8](hex: "03018dd500000000" + quoted)
  static let parameterProblem = [UInt8](hex: "04018cad00000028" + quoted)
  static let routerSolicitation = [UInt8](hex: "85007a2d000000000101020000000001")
  static let routerAdvertisement = [UInt8](
    hex: """
      8600b29c4088070800007530000003e801010200000000010501000000000578030440c000015180000038400000000020010db8000000000000
      000000000000
      """)
  static let neighborSolicitation = [UInt8](hex: "8700799a00000000" + linkLocal2 + "0101020000000001")
  static let neighborAdvertisement = [UInt8](hex: "8800b798c0000000" + linkLocal2 + "0201020000000002")
  static let redirect = [UInt8](
    hex: "89004fdd00000000" + linkLocal2 + "20010db8000000000000000000000009" + "0407000000000000" + quoted.dropLast(4))
  static let query = [UInt8](hex: "82005a0f27100000ff020000000000000000000000000005")
  static let report = [UInt8](hex: "8300801f00000000ff020000000000000000000000000005")
  static let done = [UInt8](hex: "84007f1f00000000ff020000000000000000000000000005")
  static let queryV2 = [UInt8](
    hex: """
      8200f3ea27100000ff0200000000000000000000000000050a7d000220010db800000000000000000000000720010db8000000000000000000000
      008
      """)
  static let reportV2 = [UInt8](
    hex: """
      8f007d5f0000000204000000ff02000000000000000000000000000501010001ff02000000000000000000000000000620010db8000000000000
      00000000000761626364
      """)
  static let unknown = [UInt8](hex: "c80931270102030405")

  /// Every message, and what it says.
  static let all: [([UInt8], ICMPv6Message)] = [
    (echoRequest, .echoRequest(identifier: 0x1234, sequenceNumber: 5)),
    (unreachable, .destinationUnreachable(code: 4)),
    (packetTooBig, .packetTooBig(mtu: 1280)),
    (timeExceeded, .timeExceeded(code: 1)),
    (parameterProblem, .parameterProblem(code: 1, pointer: 40)),
    (routerSolicitation, .routerSolicitation),
    (
      routerAdvertisement,
      .routerAdvertisement(
        .init(
          currentHopLimit: 64, flags: 0x88, routerLifetime: 1800, reachableTime: 30_000, retransmitTimer: 1000))
    ),
    (neighborSolicitation, .neighborSolicitation(target: target)),
    (neighborAdvertisement, .neighborAdvertisement(target: target, flags: [.router, .solicited])),
    (redirect, .redirect(target: target, destination: .init(high: 0x2001_0db8_0000_0000, low: 9))),
    (query, .multicastListenerQuery(group: group, maximumResponseDelay: 10_000)),
    (report, .multicastListenerReport(group: group)),
    (done, .multicastListenerDone(group: group)),
    (
      queryV2,
      .multicastListenerQueryV2(
        .init(maximumResponseCode: 10_000, group: group, flags: 0x0A, queryIntervalCode: 125, sourceCount: 2))
    ),
    (reportV2, .multicastListenerReportV2(recordCount: 2)),
    (unknown, .other(type: 200, code: 9, restOfHeader: 0x0102_0304)),
  ]

  private static let target = IPv6Address.Host(high: 0xFE80_0000_0000_0000, low: 2)
  static let group = IPv6Address.Host(high: 0xFF02_0000_0000_0000, low: 5)
}

/// What a message is when its fields are written again.
private func rewritten(_ bytes: [UInt8]) throws -> [UInt8] {
  let view = try ICMPv6View(bytes.span.bytes)
  let header = ICMPv6Header(view)
  let fields = try [UInt8](written: header.byteCount) { (bytes) throws(PacketError) in
    try header.write(into: &bytes)
  }
  return fields + Array(view.payload)
}

/// The options of a message; none for a message that has no options.
private func options(_ bytes: [UInt8]) throws -> [NeighborDiscoveryOption] {
  let view = try ICMPv6View(bytes.span.bytes)
  var found: [NeighborDiscoveryOption] = []
  guard var iterator = view.options else { return found }
  while let option = try iterator.next() { found.append(NeighborDiscoveryOption(option)) }
  return found
}

/// The records of a message; none for a message that has no records.
private func records(_ bytes: [UInt8]) throws -> [MulticastRecord] {
  let view = try ICMPv6View(bytes.span.bytes)
  var found: [MulticastRecord] = []
  guard var iterator = view.multicastRecords else { return found }
  while let record = try iterator.next() { found.append(MulticastRecord(record)) }
  return found
}

/// The sources of a query; none for a message that has no sources.
private func sources(_ bytes: [UInt8]) throws -> [IPv6Address.Host] {
  let view = try ICMPv6View(bytes.span.bytes)
  var found: [IPv6Address.Host] = []
  guard var iterator = view.sources else { return found }
  while let source = try iterator.next() { found.append(source) }
  return found
}

@Suite struct ICMPv6Tests {
  @Test(arguments: Golden.all) func `a message is read, and its checksum fits`(
    bytes: [UInt8], message: ICMPv6Message
  ) throws {
    let view = try ICMPv6View(bytes.span.bytes)
    #expect(view.message == message)
    #expect(ICMPv6Header(view).message == message)
    try view.verifyChecksum(beneath)
  }

  @Test(arguments: Golden.all) func `a message that is built has the bytes that another program gives it`(
    bytes: [UInt8], message: ICMPv6Message
  ) throws {
    let view = try ICMPv6View(bytes.span.bytes)
    var header = try ICMPv6Header(message)
    header.fillChecksum(payload: view.payload, over: beneath)
    #expect(header == ICMPv6Header(view))
    #expect(try rewritten(bytes) == bytes)
  }

  @Test(arguments: Golden.all) func `any changed bit is noticed, and kept`(
    bytes: [UInt8], message: ICMPv6Message
  ) throws {
    var readable = 0
    for changed in everyFlip(of: bytes, first: bytes.count) {
      // A message may have become one that is longer.
      guard let view = try? ICMPv6View(changed.span.bytes) else { continue }
      readable += 1
      #expect(throws: PacketError.self) { try view.verifyChecksum(beneath) }
      #expect(try rewritten(changed) == changed)
      _ = try? options(changed)
      _ = try? records(changed)
      _ = try? sources(changed)
    }
    #expect(readable >= bytes.count * 8 - 6)
  }

  @Test(arguments: Golden.all) func `a message shorter than its fields is refused`(
    bytes: [UInt8], message: ICMPv6Message
  ) throws {
    let fields = try ICMPv6Header(message).byteCount
    for count in 0..<fields {
      guard count != 24 || bytes[0] != 130 else { continue }  // A query of version 1 is shorter than one of version 2.
      #expect(throws: PacketError.self) { _ = try ICMPv6View(bytes.span.bytes.extracting(0..<count)) }
    }
    #expect(try ICMPv6View(bytes.span.bytes.extracting(0..<fields)).payload.byteCount == 0)
  }

  @Test func `the options of neighbour discovery are read`() throws {
    let address = EthernetAddress(0x02, 0, 0, 0, 0, 0x01)
    #expect(try options(Golden.routerSolicitation) == [.sourceLinkLayerAddress(address)])
    #expect(try options(Golden.neighborSolicitation) == [.sourceLinkLayerAddress(address)])
    #expect(
      try options(Golden.neighborAdvertisement) == [.targetLinkLayerAddress(EthernetAddress(0x02, 0, 0, 0, 0, 0x02))])
    #expect(
      try options(Golden.routerAdvertisement) == [
        .sourceLinkLayerAddress(address), .mtu(1400),
        .prefixInformation(
          .init(
            prefix: host("2001:db8::"), prefixLength: 64, flags: 0xC0, validLifetime: 86_400,
            preferredLifetime: 14_400)),
      ])
    #expect(try options(Golden.redirect) == [.redirectedHeader([UInt8](hex: String(quoted.dropLast(4))))])
    #expect(try options(Golden.echoRequest).isEmpty)
  }

  @Test(arguments: [
    (Golden.routerSolicitation, 8), (Golden.routerAdvertisement, 16), (Golden.neighborSolicitation, 24),
    (Golden.neighborAdvertisement, 24), (Golden.redirect, 40),
  ])
  func `options that are built have the bytes that another program gives them`(bytes: [UInt8], offset: Int) throws {
    #expect(try NeighborDiscoveryOption.bytes(options(bytes)) == Array(bytes[offset...]))
  }

  @Test func `an option with reserved bits is kept as it is`() throws {
    let mtu: [UInt8] = [5, 1, 0, 1, 0, 0, 5, 0x78]
    let found = try options(Golden.routerSolicitation[..<8] + mtu)
    #expect(found == [.unknown(type: 5, data: Array(mtu[2...]))])
    #expect(try NeighborDiscoveryOption.bytes(found) == mtu)
  }

  @Test(
    arguments: [
      ([1], .truncated(.icmpv6, needed: 2, found: 1)),
      ([1, 0, 0, 0, 0, 0, 0, 0], .malformed(.icmpv6, field: .option, found: 0)),
      ([1, 2, 0, 0, 0, 0, 0, 0], .truncated(.icmpv6, needed: 16, found: 8)),
    ] as [([UInt8], PacketError)])
  func `a broken option is refused`(bytes: [UInt8], error: PacketError) {
    #expect(throws: error) { _ = try options(Golden.routerSolicitation[..<8] + bytes) }
  }

  @Test func `options that cannot be written are refused`() {
    #expect(throws: PacketError.malformed(.icmpv6, field: .option, found: 3)) {
      _ = try NeighborDiscoveryOption.bytes([.unknown(type: 9, data: [1])])
    }
    #expect(throws: PacketError.tooLarge(.icmpv6, field: .option, limit: 2040, found: 2048)) {
      _ = try NeighborDiscoveryOption.bytes([.redirectedHeader([UInt8](repeating: 0, count: 2040))])
    }
  }

  @Test func `the sources of a query are read`() throws {
    #expect(try sources(Golden.queryV2) == [host("2001:db8::7"), host("2001:db8::8")])
    #expect(try sources(Golden.query).isEmpty)
    #expect(throws: PacketError.truncated(.icmpv6, needed: 16, found: 15)) {
      _ = try sources(Golden.queryV2.dropLast())
    }
  }

  @Test(arguments: 25..<28) func `a query between the lengths of both versions is refused`(count: Int) {
    #expect(throws: PacketError.truncated(.icmpv6, needed: 28, found: count)) {
      _ = try ICMPv6View(Golden.queryV2.span.bytes.extracting(0..<count))
    }
  }

  @Test func `the records of a report are read, and built`() throws {
    let found = try records(Golden.reportV2)
    #expect(
      try found == [
        MulticastRecord(type: 4, group: Golden.group),
        MulticastRecord(
          type: 1, group: host("ff02::6"), sources: [host("2001:db8::7")], auxiliaryData: Array("abcd".utf8)),
      ])
    #expect(try MulticastRecord.bytes(found) == Array(Golden.reportV2[8...]))
    #expect(throws: PacketError.truncated(.icmpv6, needed: 40, found: 39)) {
      _ = try records(Golden.reportV2.dropLast())
    }
  }

  @Test func `records that cannot be written are refused`() {
    #expect(throws: PacketError.malformed(.icmpv6, field: .length, found: 3)) {
      _ = try MulticastRecord.bytes([.init(type: 1, group: Golden.group, auxiliaryData: [1, 2, 3])])
    }
    #expect(throws: PacketError.tooLarge(.icmpv6, field: .length, limit: 1020, found: 1024)) {
      _ = try MulticastRecord.bytes([
        .init(type: 1, group: Golden.group, auxiliaryData: [UInt8](repeating: 0, count: 1024))
      ])
    }
  }

  @Test func `a report that announces more records than there are is refused at the first that is missing`() throws {
    var bytes = Golden.reportV2
    bytes[6] = 0xFF
    bytes[7] = 0xFF
    #expect(throws: PacketError.truncated(.icmpv6, needed: 20, found: 0)) { _ = try records(bytes) }
  }

  @Test(arguments: [(0, 50), (1, 8), (6, 48), (7, 50), (255, 50)])
  func `as much of a packet is quoted as the message says`(words: UInt8, count: Int) throws {
    var bytes = Golden.unreachable
    bytes[4] = words
    let view = try ICMPv6View(bytes.span.bytes)
    #expect(view.quotedPacket?.byteCount == count)
  }

  @Test func `a packet that was too big is quoted whole, and its MTU is no length`() throws {
    var bytes = Golden.packetTooBig
    bytes[4] = 1
    let view = try ICMPv6View(bytes.span.bytes)
    #expect(view.quotedPacket?.byteCount == 50)
    #expect(view.message == .packetTooBig(mtu: 0x0100_0500))
  }

  @Test func `a type with more fields cannot be made without them`() {
    for type in [130, 131, 132, 134, 135, 136, 137] as [UInt8] {
      #expect(throws: PacketError.malformed(.icmpv6, field: .type, found: Int(type))) {
        _ = try ICMPv6Header(.other(type: type, code: 0, restOfHeader: 0))
      }
    }
  }

  @Test func `fields for which there is no room are refused`() throws {
    let header = try ICMPv6Header(.neighborSolicitation(target: host("fe80::1")))
    var bytes = Foreign.unwritten(23)
    #expect(throws: PacketError.noRoom(.icmpv6, needed: 24, found: 23)) {
      try bytes.withMutableRawSpan { (bytes) throws(PacketError) in try header.write(into: &bytes) }
    }
    #expect(bytes == Foreign.unwritten(23))
  }

  @Test(arguments: 0..<8) func `bytes by chance are a message that round-trips, or are refused`(seed: UInt64) throws {
    var numbers = Foreign.Numbers(seed: seed)
    var messages = 0
    var optionCount = 0
    for _ in 0..<2_000 {
      var bytes = numbers.bytes(upTo: 120)
      // Most messages are of types that have a name, most lengths are small, and half of them come out even.
      if Bool.random(using: &numbers) { bytes.removeLast(bytes.count % 8) }
      if let first = bytes.first, first & 3 != 0 { bytes[0] = UInt8.random(in: 128...143, using: &numbers) }
      for offset in stride(from: 9, to: bytes.count, by: 8) { bytes[offset] &= 3 }
      guard let view = try? ICMPv6View(bytes.span.bytes) else { continue }
      messages += 1
      #expect(try rewritten(bytes) == bytes)
      let again = try ICMPv6Header(view.message)
      #expect(again.message == view.message)
      if let found = try? options(bytes), !found.isEmpty {
        optionCount += found.count
        // A redirected packet is padded, so that it comes out as it was.
        #expect(try NeighborDiscoveryOption.bytes(found) == Array(view.payload))
      }
      _ = try? records(bytes)
      _ = try? sources(bytes)
    }
    #expect(messages > 1_000)
    #expect(optionCount > 50)
  }
}
