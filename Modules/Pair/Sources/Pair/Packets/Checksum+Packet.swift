extension Checksum {
  /// Adds a packet as if its own checksum were 0.
  ///
  /// - Parameters:
  ///   - bytes: The whole packet.
  ///   - offset: Where its checksum stands; even, and inside.
  mutating func add(_ bytes: RawSpan, checksumAt offset: Int) {
    add(bytes.extracting(0..<offset))
    add(bytes.extracting((offset + 2)...))
  }

  /// Adds a packet to what was added beneath it, and checks the sum.
  ///
  /// - Parameters:
  ///   - bytes: The whole packet.
  ///   - offset: Where its checksum stands; even, and inside.
  ///   - layer: The layer to name.
  /// - Throws: ``PacketError/badChecksum(_:found:expected:)``.
  func verify(_ bytes: RawSpan, checksumAt offset: Int, layer: PacketLayer) throws(PacketError) {
    var expected = self
    var whole = self
    whole.add(bytes)
    guard whole.value != 0 else { return }
    expected.add(bytes, checksumAt: offset)
    throw .badChecksum(layer, found: bytes.uint16(offset), expected: expected.value)
  }
}
