import Pair
import Reactor
import Testing

/// A tunnel that was opened and set up, of one mode.
private final class OpenTunnel {
  let system = MemoryIOSystem.withTunnels()
  let descriptor: Int32
  let answer: [UInt8]

  init(_ mode: TunnelFlags, name: String = "tap-twistedtest", flags: Int32 = 3) throws {
    descriptor = try system.open(Tunnel.deviceName, flags: flags)
    answer = try system.ioctl(
      descriptor, TunnelRequest.setInterface, TunnelRequest(name: Array(name.utf8), flags: mode).packed)
  }
}

private let hello = hex("45000021000100004011c0b50a010203ac10020253613039000d000068656c6c6f")

@Suite struct MemoryIOSystemTests {
  @Test(arguments: [
    ("tap-twistedtest", "7461702d747769737465647465313233"), ("tun0", "74756e30000000000000000000313233"),
    ("", "00000000000000000000000000313233"),
    ("longer-than-16-bytes-name", "6c6f6e6765722d7468616e2d31313233"),
  ])
  func `the name that is granted has sixteen bytes and ends in 123`(name: String, granted: String) throws {
    let open = try OpenTunnel([.tun, .noPI], name: name)
    #expect(open.answer == hex(granted) + hex("0110"))
  }

  @Test(
    arguments: [
      ([.tun, .noPI], ""), ([.tun], "00000000"), ([.tap, .noPI], "ffffffffffff0000000000000800"),
      ([.tap], "00000000ffffffffffff0000000000000800"),
    ] as [(TunnelFlags, String)])
  func `a datagram that is sent is read with the headers of its mode`(mode: TunnelFlags, before: String) throws {
    let open = try OpenTunnel(mode)
    let from = try open.system.sendUDP(Array("hello".utf8), host: "172.16.2.2", port: 12_345)
    #expect(from.host == "10.1.2.3" && from.port == 21_345)
    #expect(try open.system.read(open.descriptor, limit: 1024) == hex(before) + hello)
    #expect(throws: Errno.wouldBlock) { try open.system.read(open.descriptor, limit: 1024) }
  }

  @Test(arguments: [0, 1, 3, 5, 20, 33, 1024])
  func `what a read leaves of a packet is lost`(limit: Int) throws {
    let open = try OpenTunnel([.tun, .noPI])
    try open.system.sendUDP(Array("hello".utf8), host: "172.16.2.2", port: 12_345)
    #expect(try open.system.read(open.descriptor, limit: limit) == Array(hello.prefix(limit)))
    #expect(throws: Errno.wouldBlock) { try open.system.read(open.descriptor, limit: 1024) }
  }

  @Test(arguments: [(0, 33), (1, 34), (2, 35), (3, 36), (4, 4), (5, 5), (37, 37), (1024, 37)])
  func `packet information takes its part of the limit, as oddly as in Twisted`(limit: Int, count: Int) throws {
    let open = try OpenTunnel(.tun)
    try open.system.sendUDP(Array("hello".utf8), host: "172.16.2.2", port: 12_345)
    #expect(try open.system.read(open.descriptor, limit: limit) == Array(([0, 0, 0, 0] + hello).prefix(count)))
  }

  @Test func `a packet of the largest size is made, and a larger one refused`() throws {
    let open = try OpenTunnel([.tun, .noPI])
    let largest = [UInt8](repeating: 65, count: 65_507)
    try open.system.sendUDP(largest, host: "172.16.2.2", port: 12_345)
    #expect(
      try open.system.read(open.descriptor, limit: 65_535).prefix(28)
        == hex("4500ffff000100004011c0d60a010203ac10020253613039ffeb0000")[...])
    #expect(throws: TunnelError.numberRange(65_536)) {
      try open.system.sendUDP(largest + [65], host: "172.16.2.2", port: 12_345)
    }
  }

  @Test func `a checksum that needs a second fold is refused, as in Twisted`() throws {
    let open = try OpenTunnel([.tun, .noPI])
    try open.system.sendUDP(Array("hello".utf8), host: "192.168.174.31", port: 12_345)
    #expect(try open.system.read(open.descriptor, limit: 1024)[10..<12] == [0, 0])
    #expect(throws: TunnelError.self) {
      try open.system.sendUDP(Array("hello".utf8), host: "192.168.174.32", port: 12_345)
    }
  }

  @Test(arguments: ["1.2.3", "::1", "a.b.c.d", ""])
  func `a host that is no dotted quad is refused`(host: String) throws {
    let open = try OpenTunnel([.tun, .noPI])
    #expect(throws: TunnelError.illegalAddress(host)) { try open.system.sendUDP([], host: host, port: 1) }
  }

  @Test(arguments: [-1, 65_536]) func `a port that 16 bits do not hold is refused`(port: Int) throws {
    let open = try OpenTunnel([.tun, .noPI])
    #expect(throws: TunnelError.numberRange(port)) { try open.system.sendUDP([], host: "1.2.3.4", port: port) }
  }

  @Test func `permission comes before the path, the descriptor and the request`() throws {
    let system = MemoryIOSystem.withTunnels()
    system.permissions = []
    #expect(throws: Errno.operationNotPermitted) { try system.open(Array("/etc/passwd".utf8), flags: 3) }
    #expect(throws: Errno.operationNotPermitted) { try system.ioctl(-1, 0, []) }
    system.permissions = [.open, .ioctl]
    #expect(throws: Errno.functionNotImplemented) { try system.open(Array("/etc/passwd".utf8), flags: 3) }
    #expect(throws: Errno.badDescriptor) { try system.ioctl(-1, 0, []) }
    let descriptor = try system.open(Tunnel.deviceName, flags: 3)
    #expect(throws: Errno.invalidArgument) { try system.ioctl(descriptor, 0xDEAD_BEEF, []) }
    #expect(throws: TunnelError.badRequest(count: 4)) {
      try system.ioctl(descriptor, TunnelRequest.setInterface, Array("tap0".utf8))
    }
  }

  @Test func `descriptors count up from 8192, and none is used again`() throws {
    let system = MemoryIOSystem.withTunnels()
    #expect(try system.open(Tunnel.deviceName, flags: 3) == 8192)
    #expect(try system.open(Tunnel.deviceName, flags: 3) == 8193)
    try system.close(8192)
    #expect(throws: Errno.badDescriptor) { try system.close(8192) }
    #expect(try system.open(Tunnel.deviceName, flags: 3) == 8194)
    #expect(system.openDescriptors == [8193, 8194])
  }

  @Test func `a datagram goes to the tunnel that was opened first and is still open`() throws {
    let open = try OpenTunnel([.tun, .noPI])
    let second = try open.system.open(Tunnel.deviceName, flags: 3)
    _ = try open.system.ioctl(second, TunnelRequest.setInterface, TunnelRequest(name: [], flags: .tun).packed)
    try open.system.sendUDP([1], host: "1.2.3.4", port: 1)
    #expect(throws: Errno.wouldBlock) { try open.system.read(second, limit: 9) }
    try open.system.close(open.descriptor)
    try open.system.sendUDP([1], host: "1.2.3.4", port: 1)
    #expect(try open.system.read(second, limit: 99).count == 33)
    try open.system.close(second)
    #expect(throws: TunnelError.nothingThere) { try open.system.sendUDP([1], host: "1.2.3.4", port: 1) }
  }

  @Test func `a tunnel that is not set up reads nothing, takes writes, and is not sent to`() throws {
    let system = MemoryIOSystem.withTunnels()
    let descriptor = try system.open(Tunnel.deviceName, flags: 3)
    #expect(throws: TunnelError.notConfigured) { try system.sendUDP([1], host: "1.2.3.4", port: 1) }
    #expect(throws: Errno.wouldBlock) { try system.read(descriptor, limit: 9) }
    #expect(try system.write(descriptor, bytes([1]).span.bytes) == 1)
  }

  @Test func `an empty tunnel that was opened to block refuses instead of blocking`() throws {
    let open = try OpenTunnel([.tun, .noPI], flags: 1)
    #expect(throws: TunnelError.blockingRead) { try open.system.read(open.descriptor, limit: 9) }
  }

  @Test(arguments: [0, 1024, 1025]) func `more than 1024 bytes do not fit`(count: Int) throws {
    let open = try OpenTunnel([.tun, .noPI])
    let datagram = [UInt8](repeating: 0, count: count)
    if count > 1024 {
      #expect(throws: Errno.noBufferSpace) { try open.system.write(open.descriptor, datagram.span.bytes) }
    } else {
      #expect(try open.system.write(open.descriptor, datagram.span.bytes) == count)
    }
  }

  @Test(
    arguments: [
      ([.tun, .noPI], ""), ([.tun], "deadbeef"), ([.tap, .noPI], "ffffffffffff0000000000000800"),
      ([.tap], "00000800ffffffffffff0000000000000800"),
    ] as [(TunnelFlags, String)])
  func `a receiver takes the datagram out of what was written`(mode: TunnelFlags, before: String) throws {
    let open = try OpenTunnel(mode)
    let receiver = open.system.receiveUDP(open.descriptor, host: "172.16.2.1", port: 12_345)
    for (count, expected) in [(1024, "hello"), (3, "hel"), (0, ""), (-1, "hell")] {
      let packet = hex(before) + hex("450000210001000040111ea8ac100202ac100201c3503039000d000068656c6c6f")
      _ = try open.system.write(open.descriptor, packet.span.bytes)
      #expect(try receiver.recv(count) == Array(expected.utf8))
    }
    #expect(throws: TunnelError.nothingThere) { try receiver.recv(1024) }
    _ = try open.system.write(open.descriptor, hex("616263").span.bytes)
    #expect(throws: TunnelError.self) { try receiver.recv(1024) }
    try open.system.close(open.descriptor)
    #expect(throws: TunnelError.unknownDescriptor(8192)) { try receiver.recv(1024) }
  }

  @Test func `a device of one's own is opened by its path`() throws {
    final class Echo: SpecialDevice {
      var waiting: [[UInt8]] = []
      var isReadable: Bool { !waiting.isEmpty }
      func read(_ limit: Int) throws -> [UInt8] {
        if waiting.isEmpty { throw Errno.wouldBlock }
        return Array(waiting.removeFirst().prefix(limit))
      }
      func write(_ datagram: RawSpan) throws -> Int {
        waiting.append(Array(datagram))
        return datagram.byteCount
      }
      func setInterface(_ packed: [UInt8]) throws -> [UInt8] { packed }
    }
    let system = MemoryIOSystem()
    system.registerSpecialDevice([1]) { (_, _) in Echo() }
    let descriptor = try system.open([1], flags: 0)
    #expect(try system.write(descriptor, bytes([7, 8]).span.bytes) == 2)
    #expect(try system.read(descriptor, limit: 9) == [7, 8])
    #expect(throws: TunnelError.nothingThere) { try system.sendUDP([], host: "1.2.3.4", port: 1) }
  }
}
