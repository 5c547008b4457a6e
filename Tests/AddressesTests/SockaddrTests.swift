import Addresses
import Glibc
import Testing

@Suite struct `Sockaddrs` {
  /// What C makes of the same IPv4 address.
  private func inet(_ host: UInt32, _ port: UInt16) -> [UInt8] {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = host.bigEndian
    return rawBytes(address)
  }

  /// What C makes of the same IPv6 address.
  private func inet6(_ address: IPv6Address) -> [UInt8] {
    var structure = sockaddr_in6()
    structure.sin6_family = sa_family_t(AF_INET6)
    structure.sin6_port = address.port.bigEndian
    structure.sin6_flowinfo = address.flowInfo.bigEndian
    structure.sin6_scope_id = address.scopeID
    let bytes = address.host.bytes
    withUnsafeMutableBytes(of: &structure.sin6_addr) { target in
      for index in bytes.indices { target[index] = bytes[index] }
    }
    return rawBytes(structure)
  }

  /// AF_UNIX and a name.
  private func unix(_ name: [UInt8]) -> [UInt8] {
    rawBytes(sa_family_t(AF_UNIX)) + name
  }

  private func read(_ bytes: [UInt8], _ transport: TransportKind = .tcp) throws(AddressError) -> Address {
    try Address(sockaddr: bytes.span.bytes, transport: transport)
  }

  @Test func `an IPv4 address is laid out as C does and comes back`() throws {
    var generator = SeededGenerator(seed: 4)
    for round in 0..<2000 {
      let transport = TransportKind.allCases[round % 2]
      let host = IPv4Address.Host(bits: .random(in: 0 ... .max, using: &generator))
      let address = IPv4Address(transport: transport, host: host, port: .random(in: 0 ... .max, using: &generator))
      #expect(address.sockaddrBytes == inet(host.bits, address.port))
      #expect(try read(address.sockaddrBytes, transport) == .ipv4(address))
    }
  }

  @Test func `an IPv6 address is laid out as C does and comes back`() throws {
    var generator = SeededGenerator(seed: 5)
    for round in 0..<2000 {
      let transport = TransportKind.allCases[round % 2]
      let address = IPv6Address(
        transport: transport,
        host: IPv6Address.Host(
          high: .random(in: 0 ... .max, using: &generator), low: .random(in: 0 ... .max, using: &generator)),
        port: .random(in: 0 ... .max, using: &generator), flowInfo: .random(in: 0 ... .max, using: &generator),
        scopeID: .random(in: 0 ... .max, using: &generator))
      #expect(address.sockaddrBytes == inet6(address))
      #expect(try read(address.sockaddrBytes, transport) == .ipv6(address))
    }
  }

  @Test func `paths and abstract names of every length come back`() throws {
    #expect(UNIXAddress.unnamed.sockaddrBytes == unix([]))
    #expect(try read(unix([])) == .unix(.unnamed))
    for count in 1...108 {
      let path = (0..<count).map { UInt8(1 + $0) }
      let address = try UNIXAddress(.path(path))
      #expect(address.sockaddrBytes == unix(path + (count < 108 ? [0] : [])))
      #expect(try read(address.sockaddrBytes) == .unix(address))
      #expect(try read(unix(path)) == .unix(address))
      // The kernel counts the zero byte even where there is no room for it.
      #expect(try read(unix(path + [0])) == .unix(address))
    }
    for count in 0...107 {
      let name = (0..<count).map { UInt8($0 % 3) }
      let address = try UNIXAddress(.abstract(name))
      #expect(address.sockaddrBytes == unix([0] + name))
      #expect(try read(address.sockaddrBytes) == .unix(address))
    }
  }

  @Test func `a path padded with zeros is that path`() throws {
    #expect(try read(unix([97, 98] + [UInt8](repeating: 0, count: 106))) == .unix(UNIXAddress(path: "ab")))
  }

  @Test func `what C would overlook after a path is refused`() {
    expectError(.sockaddr, .zeroByte, .byte(99), at: 6) { () throws(AddressError) in
      _ = try read(unix([97, 98, 0, 0, 99, 0]))
    }
  }

  @Test func `a UNIX name that is too long is refused, not cut`() {
    expectError(.sockaddr, .atMost(bytes: 110), .bytes(111), at: 110) { () throws(AddressError) in
      _ = try read(unix([UInt8](repeating: 97, count: 109)))
    }
    expectError(.sockaddr, .atMost(bytes: 111), .bytes(112), at: 111) { () throws(AddressError) in
      _ = try read(unix([UInt8](repeating: 97, count: 108) + [0, 0]))
    }
    expectError(.sockaddr, .atMost(bytes: 110), .bytes(111), at: 110) { () throws(AddressError) in
      _ = try read(unix([97, 0] + [UInt8](repeating: 0, count: 107)))
    }
    expectError(.sockaddr, .atMost(bytes: 110), .bytes(111), at: 110) { () throws(AddressError) in
      _ = try read(unix([UInt8](repeating: 0, count: 109)))
    }
    expectError(.sockaddr, .atMost(bytes: 110), .bytes(100_002), at: 110) { () throws(AddressError) in
      _ = try read(unix([UInt8](repeating: 97, count: 100_000)))
    }
  }

  @Test func `every short sockaddr is refused`() {
    for count in 0..<2 {
      expectError(.sockaddr, .atLeast(bytes: 2), .bytes(count), at: count) { () throws(AddressError) in
        _ = try read([UInt8](repeating: 2, count: count))
      }
    }
    for count in 2..<16 {
      expectError(.sockaddr, .atLeast(bytes: 16), .bytes(count), at: count) { () throws(AddressError) in
        _ = try read(Array(inet(1, 2).prefix(count)))
      }
    }
    let address = IPv6Address(transport: .tcp, host: .loopback, port: 1)
    for count in 2..<28 {
      expectError(.sockaddr, .atLeast(bytes: 28), .bytes(count), at: count) { () throws(AddressError) in
        _ = try read(Array(inet6(address).prefix(count)))
      }
    }
  }

  @Test func `Internet addresses may be followed by the rest of a storage`() throws {
    let rest = [UInt8](repeating: 0xA5, count: 100)
    #expect(try read(inet(0x7F00_0001, 80) + rest) == .ipv4(IPv4Address(transport: .tcp, host: .loopback, port: 80)))
    let address = IPv6Address(transport: .udp, host: .loopback, port: 80, flowInfo: 1, scopeID: 2)
    #expect(try read(inet6(address) + rest, .udp) == .ipv6(address))
  }

  @Test(arguments: [AF_UNSPEC, AF_NETLINK, AF_PACKET, AF_VSOCK, 0xFFFF])
  func `another family is refused`(family: Int32) {
    let number = UInt16(truncatingIfNeeded: family)
    expectError(.sockaddr, .family, .family(number), at: 0) { () throws(AddressError) in
      _ = try read(rawBytes(number) + [UInt8](repeating: 0, count: 126))
    }
  }

  @Test func `random bytes are read and written back, or refused`() {
    var generator = SeededGenerator(seed: 6)
    var accepted = 0
    for _ in 0..<20_000 {
      let families: [UInt16] = [1, 2, 10, 0]
      let family = families[Int.random(in: 0..<4, using: &generator)]
      let count = Int.random(in: 0..<115, using: &generator)
      let bytes = rawBytes(family) + (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      guard let address = try? read(bytes), let written = address.sockaddrBytes else { continue }
      #expect((try? read(written)) == address)
      accepted += 1
    }
    #expect(accepted > 1000)
  }

  @Test func `memory that C filled is read the same way`() throws {
    let bytes = inet(0xC000_0201, 443)
    let address = try bytes.withUnsafeBytes { try Address(sockaddr: $0, transport: .udp) }
    #expect(address == .ipv4(IPv4Address(transport: .udp, host: IPv4Address.Host(192, 0, 2, 1), port: 443)))
    expectError(.sockaddr, .atLeast(bytes: 2), .bytes(0), at: 0) { () throws(AddressError) in
      _ = try Address(sockaddr: UnsafeRawBufferPointer(start: nil, count: 0), transport: .tcp)
    }
  }

  @Test func `the bytes handed to C are aligned and as many as count`() throws {
    let addresses: [Address] = [
      .ipv4(IPv4Address(transport: .tcp, host: .loopback, port: 80)),
      .ipv6(IPv6Address(transport: .tcp, host: .loopback, port: 80)), .unix(.unnamed),
      .unix(try UNIXAddress(path: "/x")),
    ]
    for (address, count) in zip(addresses, [16, 28, 2, 5]) {
      let seen = address.withUnsafeSockaddr { bytes in
        (copy: Array(bytes), isAligned: Int(bitPattern: bytes.baseAddress) % 8 == 0)
      }
      #expect(seen?.copy == address.sockaddrBytes)
      #expect(seen?.copy.count == count)
      #expect(seen?.isAligned == true)
    }
  }

  @Test func `a host name has no sockaddr`() throws {
    let address = Address.hostname(try HostnameAddress(hostname: "example.com", port: 80))
    #expect(address.sockaddrBytes == nil)
    var called = false
    let result: Void? = address.withUnsafeSockaddr { _ in called = true }
    #expect(result == nil)
    #expect(!called)
  }

  @Test func `what the body throws comes out`() {
    struct Refusal: Error, Equatable {}
    let address = IPv4Address(transport: .tcp, host: .loopback, port: 80)
    #expect(throws: Refusal()) {
      try Address.ipv4(address).withUnsafeSockaddr { _ throws(Refusal) in throw Refusal() }
    }
    #expect(throws: Refusal()) {
      try address.withUnsafeSockaddr { _ throws(Refusal) in throw Refusal() }
    }
  }

  @Test func `the kernel binds what is written and returns what is read`() throws {
    for address in [
      Address.ipv4(IPv4Address(transport: .tcp, host: .loopback, port: 0)),
      .unix(try UNIXAddress(.abstract(Array("skein-\(getpid())-".utf8) + [0, 7, 0]))),
    ] {
      let isUNIX = address.port == nil
      let descriptor = socket(isUNIX ? AF_UNIX : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      try #require(descriptor >= 0)
      defer { close(descriptor) }
      let status = address.withUnsafeSockaddr { bytes in
        bind(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
      }
      try #require(status == 0)
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let bound = try withUnsafeMutableBytes(of: &storage) { bytes in
        let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
        try #require(getsockname(descriptor, pointer, &length) == 0)
        return try Address(sockaddr: UnsafeRawBufferPointer(rebasing: bytes[..<Int(length)]), transport: .tcp)
      }
      switch bound {
      case .ipv4(let bound):
        #expect(bound.host == .loopback)
        #expect(bound.port != 0)
      case .unix: #expect(bound == address)
      case .ipv6, .hostname: Issue.record("\(bound) was bound")
      }
    }
  }
}
