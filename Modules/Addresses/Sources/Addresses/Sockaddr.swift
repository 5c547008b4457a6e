/// The bytes of a `sockaddr` while it is built, on the stack and aligned as C would have it.
struct Sockaddr {
  /// Room for the longest, that of a UNIX address.
  private var words = InlineArray<14, UInt64>(repeating: 0)
  private var count = SockaddrLayout.Family.size

  init(family: UInt16) {
    store(family, at: SockaddrLayout.Family.offset)
  }

  /// Stores an integer in the machine's own byte order and grows to hold it.
  mutating func store<Integer: FixedWidthInteger & BitwiseCopyable>(_ value: Integer, at offset: Int) {
    var words = words.mutableSpan
    // "Unsafe" because not every type is valid for every bit pattern; an integer is. The bounds are checked.
    var bytes = unsafe words.mutableBytes
    bytes.storeBytes(of: value, toByteOffset: offset, as: Integer.self)
    count = max(count, offset + MemoryLayout<Integer>.size)
  }

  /// Grows to a size; the bytes in between are zero.
  mutating func pad(to size: Int) {
    count = max(count, size)
  }

  /// Calls `body` with the bytes, which live as long as the call.
  func withUnsafeBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // The pointer leaves this function only as the argument of `body`, whose caller promises not to keep it.
    try unsafe Swift.withUnsafeBytes(of: words) { (all) throws(Failure) in
      try unsafe body(UnsafeRawBufferPointer(rebasing: all[..<count]))
    }
  }

  /// A copy of the bytes.
  var bytes: [UInt8] {
    // Copied before the call ends.
    unsafe withUnsafeBytes { unsafe Array($0) }
  }
}

extension IPv4Address {
  var sockaddr: Sockaddr {
    var sockaddr = Sockaddr(family: SockaddrLayout.Family.inet)
    sockaddr.store(port.bigEndian, at: SockaddrLayout.Inet.port)
    sockaddr.store(host.bits.bigEndian, at: SockaddrLayout.Inet.host)
    sockaddr.pad(to: SockaddrLayout.Inet.size)
    return sockaddr
  }
}

extension IPv6Address {
  var sockaddr: Sockaddr {
    var sockaddr = Sockaddr(family: SockaddrLayout.Family.inet6)
    sockaddr.store(port.bigEndian, at: SockaddrLayout.Inet6.port)
    sockaddr.store(flowInfo.bigEndian, at: SockaddrLayout.Inet6.flowInfo)
    sockaddr.store(host.high.bigEndian, at: SockaddrLayout.Inet6.host)
    sockaddr.store(host.low.bigEndian, at: SockaddrLayout.Inet6.host + 8)
    sockaddr.store(scopeID, at: SockaddrLayout.Inet6.scopeID)
    return sockaddr
  }
}

extension UNIXAddress {
  var sockaddr: Sockaddr {
    var sockaddr = Sockaddr(family: SockaddrLayout.Family.unix)
    var offset = SockaddrLayout.UNIX.path
    switch name {
    case .unnamed:
      return sockaddr
    case .path(let path):
      for byte in path {
        sockaddr.store(byte, at: offset)
        offset += 1
      }
      // The zero byte that ends the path; a path of full length has no room for it and needs none.
      sockaddr.pad(to: min(offset + 1, SockaddrLayout.UNIX.size))
    case .abstract(let name):
      // The zero byte that makes the name abstract.
      offset += 1
      sockaddr.pad(to: offset)
      for byte in name {
        sockaddr.store(byte, at: offset)
        offset += 1
      }
    }
    return sockaddr
  }
}
