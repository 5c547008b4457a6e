import Glibc

/// A conversation with the kernel about interfaces and their addresses: `rtnetlink(7)`, as far as a namespace needs it.
///
/// The numbers are those of `linux/netlink.h`, `linux/rtnetlink.h` and `linux/if_addr.h`, which the C library's module
/// does not offer.
struct RouteSocket: ~Copyable {
  private enum Number {
    static let netlinkFamily: UInt16 = 16
    static let newLink: UInt16 = 16
    static let newAddress: UInt16 = 20
    static let error: UInt16 = 2
    static let request: UInt16 = 0x1
    static let acknowledge: UInt16 = 0x4
    static let exclusive: UInt16 = 0x200
    static let create: UInt16 = 0x400
    static let interfaceName: UInt16 = 3
    static let linkInfo: UInt16 = 18
    static let infoKind: UInt16 = 1
    static let address: UInt16 = 1
    static let up: UInt32 = 1
    static let noDuplicateDetection: UInt8 = 2
    static let linkScope: UInt8 = 253
    static let headerLength = 16
  }

  private let descriptor: Int32

  /// Opens the conversation.
  init() throws(NetworkNamespaceError) {
    descriptor = socket(Int32(Number.netlinkFamily), Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    if descriptor < 0 { throw NetworkNamespaceError(step: "socket(AF_NETLINK)", errno: errno) }
  }

  deinit {
    _ = close(descriptor)
  }

  /// Brings an interface up.
  func setUp(interface: Int32) throws(NetworkNamespaceError) {
    var body = Message()
    body.link(index: interface, flags: Number.up, change: Number.up)
    try ask(Number.newLink, 0, body, "bring interface \(interface) up")
  }

  /// Makes an interface that swallows what is sent through it, and returns its number: a `dummy`, or a `bridge` without
  /// ports where the kernel has none.
  func makeSink(named name: String) throws(NetworkNamespaceError) -> UInt32 {
    do throws(NetworkNamespaceError) {
      return try makeInterface(named: name, kind: "dummy")
    } catch {
      guard error.errno == EOPNOTSUPP else { throw error }
      return try makeInterface(named: name, kind: "bridge")
    }
  }

  private func makeInterface(named name: String, kind: String) throws(NetworkNamespaceError) -> UInt32 {
    var body = Message()
    body.link(index: 0, flags: 0, change: 0)
    body.attribute(Number.interfaceName, Array(name.utf8) + [0])
    var info = Message()
    info.attribute(Number.infoKind, Array(kind.utf8))
    body.attribute(Number.linkInfo, info.bytes)
    try ask(Number.newLink, Number.create | Number.exclusive, body, "make the interface \(name)")
    let index = unsafe if_nametoindex(name)
    guard index > 0 else { throw NetworkNamespaceError(step: "find the interface \(name)", errno: errno) }
    return index
  }

  /// Gives an interface an address that is usable at once, without the detection of duplicates.
  func addIPv6(_ address: [UInt8], prefix: UInt8, interface: UInt32) throws(NetworkNamespaceError) {
    var body = Message()
    body.append(UInt8(AF_INET6))
    body.append(prefix)
    body.append(Number.noDuplicateDetection)
    body.append(Number.linkScope)
    body.append(interface)
    body.attribute(Number.address, address)
    try ask(Number.newAddress, Number.create | Number.exclusive, body, "add an address to interface \(interface)")
  }

  private func ask(
    _ type: UInt16, _ flags: UInt16, _ body: Message, _ step: String
  ) throws(NetworkNamespaceError) {
    var message = Message()
    message.append(UInt32(Number.headerLength + body.bytes.count))
    message.append(type)
    message.append(Number.request | Number.acknowledge | flags)
    message.append(UInt32(1))
    message.append(UInt32(0))
    message.bytes += body.bytes
    guard unsafe send(descriptor, message.bytes, message.bytes.count, 0) == message.bytes.count else {
      throw NetworkNamespaceError(step: step, errno: errno)
    }
    var answer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe recv(descriptor, &answer, answer.count, 0)
    guard count >= Number.headerLength + 4 else {
      throw NetworkNamespaceError(step: step, errno: count < 0 ? errno : EIO)
    }
    let type = UInt16(answer[4]) | UInt16(answer[5]) << 8
    let code = (0..<4).reduce(UInt32(0)) { $0 | UInt32(answer[Number.headerLength + $1]) << UInt32(8 * $1) }
    guard type == Number.error else { throw NetworkNamespaceError(step: step, errno: EPROTO) }
    guard code == 0 else { throw NetworkNamespaceError(step: step, errno: -Int32(bitPattern: code)) }
  }
}

/// The bytes of a netlink message, in the machine's order.
private struct Message {
  var bytes: [UInt8] = []

  mutating func append<Number: FixedWidthInteger>(_ number: Number) {
    unsafe withUnsafeBytes(of: number) { unsafe bytes += $0 }
  }

  /// `struct ifinfomsg`.
  mutating func link(index: Int32, flags: UInt32, change: UInt32) {
    append(UInt8(0))
    append(UInt8(0))
    append(UInt16(0))
    append(index)
    append(flags)
    append(change)
  }

  /// `struct rtattr` with its value, padded to four bytes.
  mutating func attribute(_ type: UInt16, _ value: [UInt8]) {
    append(UInt16(4 + value.count))
    append(type)
    bytes += value
    bytes += [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
  }
}
