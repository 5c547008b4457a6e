/// Builds packets from the inside out: the payload first, each header around what is there.
///
/// Lengths and checksums are made to fit, or stand as the headers say: which, is the caller's choice, so that a wrong packet can be
/// built too. Headers without a checksum or a length go in front as they are.
public struct PacketBuilder: Sendable {
  /// Whether the lengths in headers are made to fit.
  public var fixesLengths: Bool
  /// Which checksums are made to fit.
  public var filling: Checksums

  // The packet is at the end; headers are written into the room before it.
  private var storage: [UInt8]
  private var start: Int

  /// Begins with the payload.
  ///
  /// - Parameters:
  ///   - payload: The payload.
  ///   - fixesLengths: Whether the lengths in headers are made to fit.
  ///   - filling: Which checksums are made to fit.
  public init(payload: [UInt8] = [], fixesLengths: Bool = true, filling: Checksums = .all) {
    self.fixesLengths = fixesLengths
    self.filling = filling
    // All headers of a packet over tagged Ethernet and IPv6 fit.
    start = 128
    storage = [UInt8](repeating: 0, count: start) + payload
  }

  /// The packet so far.
  public var bytes: [UInt8] { Array(storage[start...]) }
  /// The size of the packet so far, in bytes.
  public var byteCount: Int { storage.count - start }

  /// Puts bytes in front, as they are.
  ///
  /// - Parameter bytes: The bytes.
  public mutating func prepend(_ bytes: [UInt8]) {
    makeRoom(bytes.count)
    start -= bytes.count
    storage.replaceSubrange(start..<(start + bytes.count), with: bytes)
  }

  /// Puts padding behind the packet, so that a frame has its least length.
  ///
  /// - Parameter count: The size that the packet has afterwards, in bytes, if it was shorter; 60 for an Ethernet frame.
  public mutating func pad(to count: Int) {
    guard byteCount < count else { return }
    storage.append(contentsOf: repeatElement(0, count: count - byteCount))
  }

  /// Puts an Ethernet header in front; a length in its type field is made to fit.
  ///
  /// - Parameter header: The header.
  /// - Throws: ``PacketError`` for a header that cannot be written, or a payload that is too long for an 802.3 frame.
  public mutating func prepend(_ header: EthernetHeader) throws(PacketError) {
    var header = header
    if fixesLengths, header.type.length != nil {
      guard byteCount <= EtherType.greatestLength else {
        throw .tooLarge(.ethernet, field: .length, limit: Int(EtherType.greatestLength), found: byteCount)
      }
      header.type = EtherType(rawValue: UInt16(byteCount))
    }
    try prepend(header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  }

  /// Puts an ARP packet in front.
  ///
  /// - Parameter header: The packet.
  /// - Throws: ``PacketError`` for a packet that cannot be written.
  public mutating func prepend(_ header: ARPHeader) throws(PacketError) {
    try prepend(header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  }

  /// Puts an IPv4 header in front.
  ///
  /// - Parameter header: The header.
  /// - Throws: ``PacketError`` for a header that cannot be written, or a packet that is too long.
  public mutating func prepend(_ header: IPv4Header) throws(PacketError) {
    var header = header
    if fixesLengths { try header.setTotalLength(payload: byteCount) }
    if filling.contains(.ipv4) { header.checksum = header.computedChecksum }
    try prepend(header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  }

  /// Puts an IPv6 header in front.
  ///
  /// - Parameter header: The header.
  /// - Throws: ``PacketError`` for a header that cannot be written, or a packet that is too long.
  public mutating func prepend(_ header: IPv6Header) throws(PacketError) {
    var header = header
    if fixesLengths { header.payloadLength = try checkedLength(byteCount, .ipv6) }
    try prepend(IPv6Header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  }

  /// Puts an extension header of IPv6 in front.
  ///
  /// - Parameter header: The header.
  /// - Throws: ``PacketError`` for a header that cannot be written.
  public mutating func prepend(_ header: IPv6ExtensionHeader) throws(PacketError) {
    try prepend(header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  }

  /// Puts a UDP header in front.
  ///
  /// - Parameters:
  ///   - header: The header.
  ///   - beneath: What is to stand in the IP header beneath.
  /// - Throws: ``PacketError`` for a datagram that is too long.
  public mutating func prepend(_ header: UDPHeader, over beneath: PseudoHeader) throws(PacketError) {
    var header = header
    if fixesLengths { header.length = try checkedLength(UDPHeader.byteCount + byteCount, .udp) }
    if filling.contains(.udp) { header.fillChecksum(payload: payload, over: beneath) }
    try prepend(UDPHeader.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  }

  /// Puts a TCP header in front.
  ///
  /// - Parameters:
  ///   - header: The header.
  ///   - beneath: What is to stand in the IP header beneath.
  /// - Throws: ``PacketError`` for a header that cannot be written.
  public mutating func prepend(_ header: TCPHeader, over beneath: PseudoHeader) throws(PacketError) {
    var header = header
    if filling.contains(.tcp) { try header.fillChecksum(payload: payload, over: beneath) }
    try prepend(header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  }

  /// Puts the header of a control message over IPv4 in front.
  ///
  /// - Parameter header: The header.
  /// - Throws: ``PacketError`` for a header that cannot be written.
  public mutating func prepend(_ header: ICMPv4Header) throws(PacketError) {
    var header = header
    if filling.contains(.icmpv4) { header.fillChecksum(payload: payload) }
    try prepend(header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  }

  /// Puts the header of a control message over IPv6 in front.
  ///
  /// - Parameters:
  ///   - header: The header.
  ///   - beneath: What is to stand in the IP header beneath.
  /// - Throws: ``PacketError`` for a header that cannot be written.
  public mutating func prepend(_ header: ICMPv6Header, over beneath: PseudoHeader) throws(PacketError) {
    var header = header
    if filling.contains(.icmpv6) { header.fillChecksum(payload: payload, over: beneath) }
    try prepend(header.byteCount) { (memory) throws(PacketError) in try header.write(into: &memory) }
  }

  private var payload: RawSpan {
    @_lifetime(borrow self) get { storage.rawSpan.extracting(start...) }
  }

  private func checkedLength(_ count: Int, _ layer: PacketLayer) throws(PacketError) -> UInt16 {
    guard let length = UInt16(exactly: count) else {
      throw .tooLarge(layer, field: .length, limit: Int(UInt16.max), found: count)
    }
    return length
  }

  /// Has a header written in front; when that fails, the packet is what it was.
  private mutating func prepend(
    _ count: Int, write: (inout MutableRawSpan) throws(PacketError) -> Void
  ) throws(PacketError) {
    var header = [UInt8](repeating: 0, count: count)
    try header.withMutableBytes(write)
    prepend(header)
  }

  private mutating func makeRoom(_ count: Int) {
    guard start < count else { return }
    let more = max(count, storage.count)
    storage.insert(contentsOf: repeatElement(0, count: more), at: 0)
    start += more
  }
}
