import Addresses
import Pair

private let limits = FragmentLimits(memory: 2048, datagrams: 4, fragments: 8, lifetime: .seconds(10))

/// Reads a script: five bytes a fragment, with payloads that follow from their place, so that a whole datagram can be told
/// from one with a gap or with bytes of another.
func fuzzReassembler(_ script: RawSpan) {
  var reassembler = FragmentReassembler<UInt8>(limits: limits)
  var now = Duration.zero
  var offset = 0
  while offset + 5 <= script.byteCount {
    let choice = script.unsafeByte(offset)
    let place = Int(script.unsafeByte(offset + 1)) * 8 - Int(script.unsafeByte(offset + 2) & 1) * 3
    let count = Int(script.unsafeByte(offset + 3)) * 4
    now += .milliseconds(Int(script.unsafeByte(offset + 4)) * 10)
    offset += 5
    let key = choice & 7
    let head = place == 0 ? [key, key] : []
    let payload = (0..<count).map { content(place + $0, key: key) }
    let result = unsafe reassembler.add(
      payload.span.bytes, at: place, moreFragments: choice & 0x80 != 0, head: head.span.bytes, key: key, now: now)
    check(reassembler.memory <= limits.memory && reassembler.memory >= 0, "more memory than allowed")
    check(reassembler.count <= limits.datagrams, "more datagrams than allowed")
    if case .complete(let whole) = result.outcome {
      check(Array(whole.prefix(2)) == [key, key], "a datagram without its head")
      for (index, byte) in whole.dropFirst(2).enumerated() {
        check(byte == content(index, key: key), "a datagram with another's bytes, or a gap")
      }
    }
  }
  use(reassembler.expire(now: now + .seconds(100)))
  check(reassembler.memory == 0 && reassembler.count == 0, "datagrams outlive their time")
}

private func content(_ place: Int, key: UInt8) -> UInt8 { UInt8(truncatingIfNeeded: place &* 31 &+ place >> 8) ^ key }

/// Reads packets, each behind two bytes with its length, as a strange host sends them.
func fuzzFragments(_ bytes: RawSpan) {
  var reassembler = FragmentReassembler<FragmentKey>(limits: limits)
  var rest = bytes
  var now = Duration.zero
  while rest.byteCount > 2 {
    let length = min(Int(rest.unsafeByte(0)) << 8 | Int(rest.unsafeByte(1)), rest.byteCount - 2)
    let packet = rest.extracting(2..<(2 + length))
    rest = rest.extracting((2 + length)...)
    now += .milliseconds(700)
    guard let view = try? IPv4View(packet) else { continue }
    let result = reassembler.add(view, now: now)
    check(reassembler.memory <= limits.memory && reassembler.memory >= 0, "more memory than allowed")
    check(reassembler.count <= limits.datagrams, "more datagrams than allowed")
    guard case .complete(let whole) = result.outcome, view.isFragment else { continue }
    checkDatagram(unsafe whole.span.bytes)
  }
}

/// A datagram that was put together is a packet, with a checksum of its own.
private func checkDatagram(_ bytes: RawSpan) {
  do throws(PacketError) {
    let datagram = try IPv4View(bytes)
    check(!datagram.isFragment && Int(datagram.totalLength) == bytes.byteCount, "a datagram with a fragment's header")
    try datagram.verifyChecksum()
  } catch {
    fatalError("a datagram that is no packet: \(error)")
  }
}
