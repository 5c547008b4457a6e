import Pair

/// Builds the IP packets of a synthetic stream, each with one TCP segment and its checksums.
enum SyntheticSegment {
  private static let window: UInt16 = 65_535
  private static let hops: UInt8 = 64
  private static let tcpByteCount = 20

  /// The most bytes that a packet has room for behind 20 bytes of TCP.
  static func maximumPayload(_ place: SyntheticPlace.End) -> Int {
    switch place.header {
    case .ipv4: Int(UInt16.max) - IPv4Header.minimumByteCount - tcpByteCount
    case .ipv6: Int(UInt16.max) - tcpByteCount
    }
  }

  /// A packet; a SYN bears the maximum segment size.
  ///
  /// - Parameters:
  ///   - source: The sender.
  ///   - destination: The receiver, whose header is the sender's the other way round.
  ///   - sequenceNumber: The number of the first byte.
  ///   - acknowledgmentNumber: The number of the next byte that is expected.
  ///   - flags: The flags.
  ///   - payload: At most ``maximumPayload(_:)`` bytes.
  /// - Returns: The packet, from its IP header on.
  /// - Throws: ``PacketError`` for a payload that does not fit.
  static func packet(
    from source: SyntheticPlace.End, to destination: SyntheticPlace.End, sequenceNumber: UInt32,
    acknowledgmentNumber: UInt32, flags: TCPFlags, payload: ArraySlice<UInt8>
  ) throws(PacketError) -> [UInt8] {
    let payload = Array(payload)
    let most = UInt16(truncatingIfNeeded: maximumPayload(source))
    let options = flags.contains(.syn) ? try TCPHeader.optionBytes([.maximumSegmentSize(most)]) : []
    var segment = TCPHeader(
      sourcePort: source.port, destinationPort: destination.port, sequenceNumber: sequenceNumber,
      acknowledgmentNumber: acknowledgmentNumber, flags: flags, window: window, optionBytes: options)
    try segment.fillChecksum(payload: unsafe payload.span.bytes, over: source.header)
    let length = segment.byteCount + payload.count
    var packet: [UInt8]
    switch source.header {
    case .ipv4(let from, let to):
      // Identification 0 and "don't fragment": nothing may cut it, so nothing needs to tell its pieces apart.
      var header = IPv4Header(
        dontFragment: true, timeToLive: hops, protocolNumber: .tcp, source: from, destination: to)
      try header.setTotalLength(payload: length)
      header.checksum = header.computedChecksum
      packet = try bytes(header.byteCount) { (span) throws(PacketError) in try header.write(into: &span) }
    case .ipv6(let from, let to):
      let header = IPv6Header(
        payloadLength: UInt16(clamping: length), nextHeader: .tcp, hopLimit: hops, source: from, destination: to)
      packet = try bytes(IPv6Header.byteCount) { (span) throws(PacketError) in try header.write(into: &span) }
    }
    packet += try bytes(segment.byteCount) { (span) throws(PacketError) in try segment.write(into: &span) }
    return packet + payload
  }

  private static func bytes(
    _ count: Int, _ write: (inout MutableRawSpan) throws(PacketError) -> Void
  ) throws(PacketError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    var raw = unsafe span.mutableBytes
    try write(&raw)
    return bytes
  }
}
