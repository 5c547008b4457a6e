import Glibc

extension SyntheticCapture {
  /// Writes all captures of a trace as one pcapng file in which each packet says its events.
  ///
  /// Each object whose socket or device it is has an interface of its name. A packet's comments name its events, one each:
  /// `event 17 in 5 transport-1.write`. Its direction is the object's, its packet id its number in its own capture. The
  /// bytes are those of `skeintrace export --pcapng`.
  ///
  /// - Parameters:
  ///   - captures: The captures of one trace.
  ///   - tree: That trace's crossings.
  ///   - path: The file, which is made or emptied.
  /// - Throws: ``CaptureError`` when the file cannot be written, or when a time is not between 1970 and 2106.
  public static func writePcapng(
    _ captures: [SyntheticCapture], of tree: TraceTree, path: String
  ) throws(CaptureError) {
    var file = try PcapngFile(path: path)
    try file.writeSection(application: "skeintrace")
    var interfaces: [Interface: UInt32] = [:]
    var numbered: [(packet: Packet, number: Int, capture: SyntheticCapture)] = []
    for capture in captures {
      for (index, packet) in capture.packets.enumerated() {
        numbered.append((packet, index + 1, capture))
        let interface = Interface(capture: capture.name, object: packet.object)
        guard interfaces[interface] == nil else { continue }
        interfaces[interface] = UInt32(interfaces.count)
        try file.writeInterface(name: packet.object, linkType: capture.linkType == .ethernet ? 1 : 101)
      }
    }
    // Packets of one time stay in their capture's order.
    let order = numbered.indices.sorted {
      (numbered[$0].packet.at, $0) < (numbered[$1].packet.at, $1)
    }
    for (packet, number, capture) in order.lazy.map({ numbered[$0] }) {
      let interface = Interface(capture: capture.name, object: packet.object)
      try file.writePacket(
        packet.bytes, number: number, epoch: capture.epoch, at: packet.at, interface: interfaces[interface] ?? 0,
        isOutbound: packet.isOutbound, comments: packet.events.map { comment($0, in: tree) })
    }
    try file.close()
  }

  private struct Interface: Hashable {
    var capture: String
    var object: String
  }

  /// What a packet says of an event of its.
  private static func comment(_ n: Int, in tree: TraceTree) -> String {
    guard let crossing = tree[n] else { return "event \(n)" }
    let inside = crossing.parent.map { " in \($0)" } ?? ""
    return "event \(n)\(inside) \(crossing.name)"
  }
}

/// A pcapng file as it is written, a block at a time, little-endian whatever the machine.
///
/// Blocks are those of draft-ietf-opsawg-pcapng. libpcap reads this format and does not write it.
@safe struct PcapngFile: ~Copyable {
  private let path: String
  private var packets = 0
  private let stream: UnsafeMutablePointer<FILE>

  /// Makes the file, or empties it.
  init(path: String) throws(CaptureError) {
    try CaptureError.checkNoZero(path, .unwritable)
    guard let stream = unsafe fopen(path, "wbe") else { throw .system(.unwritable, path) }
    self.path = path
    unsafe self.stream = stream
  }

  deinit {
    unsafe fclose(stream)
  }

  /// Writes what is buffered; the file is closed when the value goes, also when this throws.
  consuming func close() throws(CaptureError) {
    guard unsafe fflush(stream) == 0 else { throw .system(.unwritable, path, packets: packets) }
  }

  /// The header of the file's one section.
  mutating func writeSection(application: String) throws(CaptureError) {
    var body = Body()
    body.append(0x1A2B_3C4D, UInt32.self)
    body.append(1, UInt16.self)
    body.append(0, UInt16.self)
    // The section's length is not said.
    body.append(UInt64.max, UInt64.self)
    body.appendOption(4, Array(application.utf8))
    try write(0x0A0D_0D0A, body)
  }

  /// An interface, whose times are nanoseconds.
  mutating func writeInterface(name: String, linkType: UInt16) throws(CaptureError) {
    var body = Body()
    body.append(linkType, UInt16.self)
    body.append(0, UInt16.self)
    body.append(UInt32(CaptureLimits.packetLength), UInt32.self)
    body.appendOption(2, Array(name.utf8))
    body.appendOption(9, [9])
    try write(1, body)
  }

  /// A packet of an interface that was written before.
  mutating func writePacket(
    _ bytes: [UInt8], number: Int, epoch: Int, at: Int, interface: UInt32, isOutbound: Bool, comments: [String]
  ) throws(CaptureError) {
    let (time, overflow) = epoch.multipliedReportingOverflow(by: 1_000_000_000)
    let (nanoseconds, overflows) = time.addingReportingOverflow(at)
    guard !overflow, !overflows, nanoseconds >= 0, UInt32(exactly: nanoseconds / 1_000_000_000) != nil else {
      throw CaptureError(.time, path, packets: packets, "the time of the next packet is not between 1970 and 2106")
    }
    var body = Body()
    body.append(interface, UInt32.self)
    body.append(UInt32(truncatingIfNeeded: nanoseconds >> 32), UInt32.self)
    body.append(UInt32(truncatingIfNeeded: nanoseconds), UInt32.self)
    let kept = bytes.prefix(CaptureLimits.packetLength)
    body.append(UInt32(kept.count), UInt32.self)
    body.append(UInt32(clamping: bytes.count), UInt32.self)
    body.appendPadded(kept)
    for comment in comments { body.appendOption(1, Array(comment.utf8)) }
    var direction = Body()
    direction.append(isOutbound ? 2 : 1, UInt32.self)
    body.appendOption(2, direction.bytes)
    var identifier = Body()
    identifier.append(UInt64(number), UInt64.self)
    body.appendOption(5, identifier.bytes)
    try write(6, body)
    packets += 1
  }

  private func write(_ kind: UInt32, _ body: Body) throws(CaptureError) {
    var block = Body()
    let length = UInt32(body.bytes.count + 16)
    block.append(kind, UInt32.self)
    block.append(length, UInt32.self)
    block.bytes += body.bytes
    // The end of the options.
    block.append(0, UInt32.self)
    block.append(length, UInt32.self)
    let written = unsafe block.bytes.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, stream) }
    guard written == block.bytes.count else { throw .system(.unwritable, path, packets: packets) }
  }

  /// The bytes of a block between its two lengths.
  private struct Body {
    var bytes: [UInt8] = []

    mutating func append<Number: FixedWidthInteger>(_ number: Number, _: Number.Type) {
      for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
      }
    }

    mutating func appendPadded(_ data: some Sequence<UInt8>) {
      bytes += data
      while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
    }

    mutating func appendOption(_ code: UInt16, _ value: [UInt8]) {
      // An option's length has 16 bits; names and comments are far shorter in a trace that its limits let through.
      let value = value.prefix(Int(UInt16.max))
      append(code, UInt16.self)
      append(UInt16(value.count), UInt16.self)
      appendPadded(value)
    }
  }
}
