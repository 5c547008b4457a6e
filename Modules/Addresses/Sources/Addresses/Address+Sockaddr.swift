extension Address {
  /// Reads a `struct sockaddr` as Linux lays it out.
  ///
  /// - Parameters:
  ///   - sockaddr: The bytes. An AF_INET or AF_INET6 address may be followed by more (a `sockaddr_storage`), which is not
  ///     looked at. Of an AF_UNIX address the length matters: give exactly as many bytes as the kernel said there are.
  ///   - transport: The kind of the socket's transport, which a `sockaddr` does not say; AF_UNIX does not need it.
  /// - Throws: `AddressError` for too few bytes, for a family other than AF_INET, AF_INET6 and AF_UNIX, and for an AF_UNIX
  ///   name that is too long or goes on after the zero byte that ends a path.
  public init(sockaddr: RawSpan, transport: TransportKind) throws(AddressError) {
    try sockaddr.requireAtLeast(SockaddrLayout.Family.size)
    let family = sockaddr.native(UInt16.self, at: SockaddrLayout.Family.offset)
    switch family {
    case SockaddrLayout.Family.inet:
      self = .ipv4(try IPv4Address(inet: sockaddr, transport: transport))
    case SockaddrLayout.Family.inet6:
      self = .ipv6(try IPv6Address(inet6: sockaddr, transport: transport))
    case SockaddrLayout.Family.unix:
      self = .unix(try UNIXAddress(unix: sockaddr))
    default:
      throw AddressError(
        .sockaddr, expected: .family, found: .family(family), position: SockaddrLayout.Family.offset)
    }
  }

  /// Reads a `struct sockaddr` as Linux lays it out, from memory that C filled.
  ///
  /// - Parameters:
  ///   - sockaddr: The bytes, as `init(sockaddr:transport:)` for `RawSpan` wants them; valid during the call.
  ///   - transport: The kind of the socket's transport.
  /// - Throws: `AddressError`, as `init(sockaddr:transport:)` for `RawSpan`.
  public init(sockaddr: UnsafeRawBufferPointer, transport: TransportKind) throws(AddressError) {
    // The caller vouches for the memory during the call; the span does not outlive it.
    try self.init(sockaddr: unsafe sockaddr.bytes, transport: transport)
  }

  /// Calls a function with the address as a `struct sockaddr`, without allocating.
  ///
  /// - Parameter body: Gets the bytes, whose count is the `socklen_t` to pass on, and which are valid during the call.
  /// - Returns: What `body` returns, or nil for a host name, which has no `sockaddr`: then `body` is not called.
  /// - Throws: What `body` throws.
  public func withUnsafeSockaddr<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    switch self {
    case .ipv4(let address): try unsafe address.withUnsafeSockaddr(body)
    case .ipv6(let address): try unsafe address.withUnsafeSockaddr(body)
    case .unix(let address): try unsafe address.withUnsafeSockaddr(body)
    case .hostname: nil
    }
  }

  /// The address as the bytes of a `struct sockaddr`, or nil for a host name, which has none.
  public var sockaddrBytes: [UInt8]? {
    switch self {
    case .ipv4(let address): address.sockaddrBytes
    case .ipv6(let address): address.sockaddrBytes
    case .unix(let address): address.sockaddrBytes
    case .hostname: nil
    }
  }
}

extension IPv4Address {
  /// Calls a function with the address as a `struct sockaddr_in` of 16 bytes, without allocating.
  ///
  /// - Parameter body: Gets the bytes, which are valid during the call.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func withUnsafeSockaddr<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe sockaddr.withUnsafeBytes(body)
  }

  /// The address as the 16 bytes of a `struct sockaddr_in`.
  public var sockaddrBytes: [UInt8] { sockaddr.bytes }

  fileprivate init(inet sockaddr: RawSpan, transport: TransportKind) throws(AddressError) {
    try sockaddr.requireAtLeast(SockaddrLayout.Inet.size)
    self.init(
      transport: transport,
      host: Host(bits: sockaddr.bigEndian(UInt32.self, at: SockaddrLayout.Inet.host)),
      port: sockaddr.bigEndian(UInt16.self, at: SockaddrLayout.Inet.port))
  }
}

extension IPv6Address {
  /// Calls a function with the address as a `struct sockaddr_in6` of 28 bytes, without allocating.
  ///
  /// - Parameter body: Gets the bytes, which are valid during the call.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func withUnsafeSockaddr<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe sockaddr.withUnsafeBytes(body)
  }

  /// The address as the 28 bytes of a `struct sockaddr_in6`.
  public var sockaddrBytes: [UInt8] { sockaddr.bytes }

  fileprivate init(inet6 sockaddr: RawSpan, transport: TransportKind) throws(AddressError) {
    try sockaddr.requireAtLeast(SockaddrLayout.Inet6.size)
    self.init(
      transport: transport,
      host: Host(
        high: sockaddr.bigEndian(UInt64.self, at: SockaddrLayout.Inet6.host),
        low: sockaddr.bigEndian(UInt64.self, at: SockaddrLayout.Inet6.host + 8)),
      port: sockaddr.bigEndian(UInt16.self, at: SockaddrLayout.Inet6.port),
      flowInfo: sockaddr.bigEndian(UInt32.self, at: SockaddrLayout.Inet6.flowInfo),
      scopeID: sockaddr.native(UInt32.self, at: SockaddrLayout.Inet6.scopeID))
  }
}

extension UNIXAddress {
  /// Calls a function with the address as a `struct sockaddr_un`, without allocating.
  ///
  /// - Parameter body: Gets the bytes, valid during the call: 2 for no name; 3 and an abstract name's length; 3 and a path's
  ///   length with the zero byte that ends it, but for a path of 108 bytes 110.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  public func withUnsafeSockaddr<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe sockaddr.withUnsafeBytes(body)
  }

  /// The address as the bytes of a `struct sockaddr_un`, as many as count.
  public var sockaddrBytes: [UInt8] { sockaddr.bytes }

  fileprivate init(unix sockaddr: RawSpan) throws(AddressError) {
    let path = SockaddrLayout.UNIX.path
    let size = SockaddrLayout.UNIX.size
    let bytes = (path..<max(path, sockaddr.byteCount)).prefix(size + 1 - path).map {
      sockaddr.native(UInt8.self, at: $0)
    }
    guard bytes.first != 0 else {
      try sockaddr.requireAtMost(size)
      try self.init(.abstract(Array(bytes.dropFirst())))
      return
    }
    // Linux counts the zero byte that ends a path, even where it has no room for it (unix(7), BUGS).
    let end = bytes.firstIndex(of: 0) ?? bytes.count
    try sockaddr.requireAtMost(end == size - path ? size + 1 : size)
    if let stray = bytes[end...].firstIndex(where: { $0 != 0 }) {
      throw AddressError(.sockaddr, expected: .zeroByte, found: .byte(bytes[stray]), position: path + stray)
    }
    try self.init(bytes.isEmpty ? .unnamed : .path(Array(bytes[..<end])))
  }
}

extension RawSpan {
  fileprivate func requireAtLeast(_ count: Int) throws(AddressError) {
    guard byteCount >= count else {
      throw AddressError(
        .sockaddr, expected: .atLeast(bytes: count), found: .bytes(byteCount), position: byteCount)
    }
  }

  fileprivate func requireAtMost(_ count: Int) throws(AddressError) {
    guard byteCount <= count else {
      throw AddressError(.sockaddr, expected: .atMost(bytes: count), found: .bytes(byteCount), position: count)
    }
  }
}
