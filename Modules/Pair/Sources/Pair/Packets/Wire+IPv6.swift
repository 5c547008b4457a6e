import Addresses

extension RawSpan {
  /// A host of IPv6, at an offset that the caller's own check of the count has covered.
  @inline(__always)
  func ipv6Host(_ offset: Int) -> IPv6Address.Host {
    IPv6Address.Host(
      high: UInt64(uint32(offset)) << 32 | UInt64(uint32(offset + 4)),
      low: UInt64(uint32(offset + 8)) << 32 | UInt64(uint32(offset + 12)))
  }
}

extension MutableRawSpan {
  /// Sets a host of IPv6.
  mutating func setIPv6Host(_ offset: Int, _ host: IPv6Address.Host) {
    storeBytes(of: host.high.bigEndian, toByteOffset: offset, as: UInt64.self)
    storeBytes(of: host.low.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
  }
}
