import Pair

/// The first byte chooses what the packet begins with and which checksums are verified.
func fuzzDecoder(_ bytes: RawSpan) {
  guard bytes.byteCount > 0 else { return }
  let choice = bytes.unsafeByte(0)
  let packet = bytes.extracting(1...)
  let start: PacketDecoder.Start = choice & 0x80 == 0 ? .ethernet : .ip
  let decoded = PacketDecoder(start: start, verifying: Checksums(rawValue: choice & 31)).decode(packet)
  if let failure = decoded.failure { use(failure.description) }
  var layers = 0
  if let ethernet = decoded.ethernet { walk(ethernet) }
  if let arp = decoded.arp { walk(arp) }
  if let packet = decoded.ipv4 { walk(packet) }
  if let packet = decoded.ipv6 { walk(packet) }
  if let datagram = decoded.udp {
    walk(datagram)
    layers += 1
  }
  if let segment = decoded.tcp {
    walk(segment)
    layers += 1
  }
  if let message = decoded.icmpv4 {
    walk(message)
    layers += 1
  }
  if let message = decoded.icmpv6 {
    walk(message)
    layers += 1
  }
  check(layers <= 1, "two protocols above one IP header")
  check(decoded.arp == nil || (decoded.ipv4 == nil && decoded.ipv6 == nil), "ARP and IP in one frame")
  check(decoded.ipv4 == nil || decoded.ipv6 == nil, "two versions of IP in one packet")
  read(decoded.payload)
  expectSubset(decoded, packet, start)
}

/// Without checksums, at least the layers are found that are found with them.
private func expectSubset(_ decoded: borrowing DecodedPacket, _ bytes: RawSpan, _ start: PacketDecoder.Start) {
  let lenient = PacketDecoder(start: start, verifying: []).decode(bytes)
  check(decoded.ipv4 == nil || lenient.ipv4 != nil, "checksums make IPv4 appear")
  check(decoded.ipv6 == nil || lenient.ipv6 != nil, "checksums make IPv6 appear")
  check(decoded.udp == nil || lenient.udp != nil, "checksums make UDP appear")
  check(decoded.tcp == nil || lenient.tcp != nil, "checksums make TCP appear")
  check(decoded.failure != nil || lenient.failure == nil, "leaving checksums out makes an error appear")
}
