// One task on the packets of a capture, as many times over as each line of the standard input says; answers each line with the
// nanoseconds it took and a digest of what was found.
import Addresses
import Conformance
import Glibc
import Pair

/// What a UDP datagram over IPv4 over Ethernet says.
struct Fields {
  var destination = EthernetAddress.broadcast
  var source = EthernetAddress.broadcast
  var type: UInt16 = 0
  var from = IPv4Address.Host(bits: 0)
  var to = IPv4Address.Host(bits: 0)
  var totalLength: UInt16 = 0
  var identification: UInt16 = 0
  var timeToLive: UInt8 = 0
  var protocolNumber: UInt8 = 0
  var sourcePort: UInt16 = 0
  var destinationPort: UInt16 = 0
  var length: UInt16 = 0
  var payloadCount = 0

  @inline(__always)
  mutating func take(_ frame: EthernetView, _ ip: IPv4View, _ datagram: UDPView, _ payload: RawSpan) {
    destination = frame.destination
    source = frame.source
    type = frame.type.rawValue
    from = ip.source
    to = ip.destination
    totalLength = ip.totalLength
    identification = ip.identification
    timeToLive = ip.timeToLive
    protocolNumber = ip.protocolNumber.rawValue
    sourcePort = datagram.sourcePort
    destinationPort = datagram.destinationPort
    length = datagram.length
    payloadCount = payload.byteCount
  }
}

/// Reads a frame; false when it is anything but a whole datagram.
@inline(never)
func decode(_ bytes: RawSpan, _ decoder: PacketDecoder, _ fields: inout Fields) -> Bool {
  if let plain = PlainDatagram(bytes, verifying: decoder.verifying) {
    fields.take(plain.ethernet, plain.ipv4, plain.udp, plain.payload)
    return true
  }
  let packet = decoder.decode(bytes)
  guard packet.failure == nil, let frame = packet.ethernet, let ip = packet.ipv4, let datagram = packet.udp else {
    return false
  }
  fields.take(frame, ip, datagram, packet.payload)
  return true
}

func load(_ path: String) throws -> (memory: [UInt8], ends: [Int]) {
  var memory: [UInt8] = []
  var ends: [Int] = []
  var reader = try CaptureReader(path: path)
  while let record = try reader.next() {
    record.bytes.withUnsafeBytes { memory.append(contentsOf: $0) }
    ends.append(memory.count)
  }
  return (memory, ends)
}

func decodeAll(_ memory: RawSpan, _ ends: [Int], verifying: Checksums) -> UInt64 {
  let decoder = PacketDecoder(start: .ethernet, verifying: verifying)
  var digest: UInt64 = 0
  var start = 0
  var found = Fields()
  for end in ends {
    if decode(memory.extracting(start..<end), decoder, &found) {
      digest &+= UInt64(found.destination.bytes[5]) &+ UInt64(found.source.bytes[5])
      digest &+= UInt64(found.from.bits) &+ UInt64(found.to.bits)
      digest &+= UInt64(found.totalLength) &+ UInt64(found.identification) &+ UInt64(found.timeToLive)
      digest &+= UInt64(found.sourcePort) &+ UInt64(found.destinationPort) &+ UInt64(found.length)
      digest &+= UInt64(found.payloadCount)
    }
    start = end
  }
  return digest
}

func readAll(_ path: String) throws -> UInt64 {
  var reader = try CaptureReader(path: path)
  var digest: UInt64 = 0
  var last = Duration.zero
  while let record = try reader.next() {
    digest &+= UInt64(record.bytes.byteCount) &+ UInt64(record.originalLength) &+ UInt64(record.bytes.firstByte)
    last = max(last, record.time)
  }
  return digest &+ UInt64(last.components.attoseconds / 1_000_000_000)
}

func writeAll(_ memory: RawSpan, _ ends: [Int], _ path: String) throws -> UInt64 {
  var writer = try CaptureWriter(path: path, linkType: .ethernet)
  var start = 0
  var time = Duration.seconds(1_000_000_000)
  for end in ends {
    try writer.write(memory.extracting(start..<end), at: time)
    start = end
    time += .nanoseconds(1)
  }
  try writer.close()
  return UInt64(ends.count)
}

extension RawSpan {
  var firstByte: UInt8 { unsafeLoad(fromByteOffset: 0, as: UInt8.self) }
}

let arguments = CommandLine.arguments
guard arguments.count == 4 else {
  print("usage: packets-skein headers|checksums|read|write CAPTURE OUTPUT")
  exit(1)
}
let (memory, ends) = arguments[1] == "read" ? ([], []) : try load(arguments[2])
while let line = readLine(), let passes = Int(line) {
  let bytes = memory.span.bytes
  let began = ContinuousClock.now
  var digest: UInt64 = 0
  for _ in 0..<passes {
    switch arguments[1] {
    case "headers": digest &+= decodeAll(bytes, ends, verifying: [])
    case "checksums": digest &+= decodeAll(bytes, ends, verifying: .all)
    case "read": digest &+= try readAll(arguments[2])
    default: digest &+= try writeAll(bytes, ends, arguments[3])
    }
  }
  let (seconds, attoseconds) = (ContinuousClock.now - began).components
  print(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, digest)
  fflush(nil)
}
