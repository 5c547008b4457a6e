import Addresses
import Pair

// A target a parser: bytes that it takes are walked to their ends and written again.

func fuzzEthernet(_ bytes: RawSpan) {
  guard let view = try? EthernetView(bytes) else { return }
  walk(view)
  let header = EthernetHeader(view)
  check(header.byteCount == view.headerByteCount, "two sizes of an Ethernet header")
  expectRoundTrip(bytes, header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
}

func fuzzARP(_ bytes: RawSpan) {
  guard let view = try? ARPView(bytes) else { return }
  walk(view)
  let header = ARPHeader(view)
  check(header.byteCount == view.byteCount, "two sizes of an ARP packet")
  expectRoundTrip(bytes, header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
}

func fuzzIPv4(_ bytes: RawSpan) {
  guard let view = try? IPv4View(bytes) else { return }
  walk(view)
  let header = IPv4Header(view)
  expectRoundTrip(bytes, header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  let isRight = (try? view.verifyChecksum()) != nil
  expectVerdict(isRight, view.headerBytes.copy, rule: "the checksum of an IPv4 header")
  if isRight, header.checksum != 0xFFFF {
    check(header.computedChecksum == header.checksum, "the computed checksum of an IPv4 header")
  }
}

func fuzzIPv6(_ bytes: RawSpan) {
  guard let view = try? IPv6View(bytes) else { return }
  walk(view)
  let header = IPv6Header(view)
  expectRoundTrip(bytes, IPv6Header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  var extensions = view.extensions
  while let next = try? extensions.next() {
    let header = IPv6ExtensionHeader(next)
    check(header.byteCount == next.bytes.byteCount, "two sizes of an extension header")
    expectRoundTrip(next.bytes, header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
    if next.options != nil { expectSameOptions(next) }
  }
}

/// Options that can all be read give the same header when one is made of them.
private func expectSameOptions(_ header: borrowing IPv6ExtensionView) {
  guard var iterator = header.options else { return }
  var options: [IPv6Option] = []
  do throws(PacketError) {
    while let option = try iterator.next() { options.append(IPv6Option(option)) }
  } catch { return }
  do throws(PacketError) {
    let again = try IPv6ExtensionHeader(kind: header.kind, nextHeader: header.nextHeader, options: options)
    check(again == IPv6ExtensionHeader(header), "options change when written again")
  } catch {
    fatalError("options that were read cannot be written: \(error)")
  }
}

/// Addresses for the checksums of what stands above IP.
private let beneath = PseudoHeader.ipv6(
  source: IPv6Address.Host(high: 0x2001_0DB8_0000_0000, low: 1),
  destination: IPv6Address.Host(high: 0xFE80_0000_0000_0000, low: 0xFFFF_0000_FFFF_0000))

private func pseudoHeader(_ number: UInt8, _ count: Int) -> [UInt8] {
  [
    0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0xFF,
    0xFF,
    0, 0, 0, 0, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count), 0, 0, 0, number,
  ]
}

func fuzzUDP(_ bytes: RawSpan) {
  guard let view = try? UDPView(bytes) else { return }
  walk(view)
  let header = UDPHeader(view)
  expectRoundTrip(bytes, UDPHeader.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  let datagram = bytes.extracting(0..<Int(view.length)).copy
  expectVerdict(
    (try? view.verifyChecksum(beneath)) != nil, pseudoHeader(17, datagram.count), datagram, rule: "the checksum of UDP")
  do throws(PacketError) {
    let made = try UDPHeader(
      sourcePort: view.sourcePort, destinationPort: view.destinationPort, payload: view.payload, over: beneath)
    let head = try written(UDPHeader.byteCount) { (memory) throws(PacketError) in try made.write(into: &memory) }
    expectVerdict(true, pseudoHeader(17, datagram.count), head, view.payload.copy, rule: "a made UDP header")
  } catch {
    fatalError("a payload that was read cannot be sent: \(error)")
  }
}

func fuzzTCP(_ bytes: RawSpan) {
  guard let view = try? TCPView(bytes) else { return }
  walk(view)
  var header = TCPHeader(view)
  check(header.byteCount == view.headerByteCount, "two sizes of a TCP header")
  expectRoundTrip(bytes, header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  if bytes.byteCount <= 0xFFFF {
    expectVerdict(
      (try? view.verifyChecksum(beneath)) != nil, pseudoHeader(6, bytes.byteCount), bytes.copy,
      rule: "the checksum of TCP")
  }
  var iterator = view.options
  var options: [TCPOption] = []
  do throws(PacketError) {
    while let option = try iterator.next() { options.append(TCPOption(option)) }
    let again = try TCPHeader.optionBytes(options)
    // Behind the end of the list a sender may have anything.
    let end = options.firstIndex(of: .endOfOptionList).map { _ in again.lastIndex { $0 != 0 } ?? -1 }
    let compared = end.map { $0 + 1 } ?? again.count
    check(again[..<compared] == header.optionBytes[..<compared], "TCP options change when written again")
  } catch {
    // Options that cannot be read are the sender's mistake.
  }
  try? header.fillChecksum(payload: view.payload, over: beneath)
  if bytes.byteCount <= 0xFFFF {
    let head = try? written(header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
    expectVerdict(
      true, pseudoHeader(6, bytes.byteCount), head ?? [], view.payload.copy, rule: "a filled TCP checksum")
  }
}

func fuzzICMPv4(_ bytes: RawSpan) {
  guard let view = try? ICMPv4View(bytes) else { return }
  walk(view)
  let header = ICMPv4Header(view)
  check(header.byteCount == view.headerByteCount, "two sizes of an ICMP header")
  expectRoundTrip(bytes, header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  expectVerdict((try? view.verifyChecksum()) != nil, bytes.copy, rule: "the checksum of ICMP")
  check(header.message == view.message, "two messages in one ICMP header")
}

func fuzzICMPv6(_ bytes: RawSpan) {
  guard let view = try? ICMPv6View(bytes) else { return }
  walk(view)
  let header = ICMPv6Header(view)
  check(header.byteCount == view.headerByteCount, "two sizes of an ICMPv6 header")
  expectRoundTrip(bytes, header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  if bytes.byteCount <= 0xFFFF {
    expectVerdict(
      (try? view.verifyChecksum(beneath)) != nil, pseudoHeader(58, bytes.byteCount), bytes.copy,
      rule: "the checksum of ICMPv6")
  }
  expectSameNeighborOptions(view)
  expectSameRecords(view)
}

private func expectSameNeighborOptions(_ view: borrowing ICMPv6View) {
  guard var iterator = view.options else { return }
  var options: [NeighborDiscoveryOption] = []
  do throws(PacketError) {
    while let option = try iterator.next() { options.append(NeighborDiscoveryOption(option)) }
  } catch { return }
  do throws(PacketError) {
    check(
      try NeighborDiscoveryOption.bytes(options) == view.payload.copy, "neighbour options change when written again")
  } catch {
    fatalError("neighbour options that were read cannot be written: \(error)")
  }
}

private func expectSameRecords(_ view: borrowing ICMPv6View) {
  guard var iterator = view.multicastRecords else { return }
  var records: [MulticastRecord] = []
  do throws(PacketError) {
    while let record = try iterator.next() { records.append(MulticastRecord(record)) }
  } catch { return }
  do throws(PacketError) {
    let again = try MulticastRecord.bytes(records)
    check(Array(view.payload.copy.prefix(again.count)) == again, "multicast records change when written again")
  } catch {
    fatalError("multicast records that were read cannot be written: \(error)")
  }
}
