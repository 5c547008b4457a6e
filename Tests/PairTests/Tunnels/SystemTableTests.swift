import CLinux
import Foundation
import Glibc
import Pair
import Reactor
import Testing

private typealias Act = @Sendable (_ system: any InputOutputSystem, _ tunnel: Int32) throws -> String

/// What is done with a tunnel that was opened, and what comes of it: on the kernel, and in memory.
private struct Row: Sendable {
  let what: String
  let kernel: String
  let memory: String
  let act: Act

  /// A row on which all systems agree.
  static func same(_ what: String, _ outcome: String, _ act: @escaping Act) -> Row {
    Row(what: what, kernel: outcome, memory: outcome, act: act)
  }

  /// A row on which memory is as Twisted's is, which is not as the kernel is.
  static func different(_ what: String, kernel: String, memory: String, _ act: @escaping Act) -> Row {
    Row(what: what, kernel: kernel, memory: memory, act: act)
  }

  func outcome(on system: any InputOutputSystem) -> String {
    do {
      let tunnel = try open(system)
      defer { try? system.close(tunnel) }
      return try act(system, tunnel)
    } catch {
      return "\(error)"
    }
  }
}

private func open(_ system: any InputOutputSystem, _ path: [UInt8] = Tunnel.deviceName) throws -> Int32 {
  let flags = system.openFlags
  return try system.open(path, flags: flags.readWrite | flags.nonBlocking | flags.closeOnExec)
}

/// Sets a tunnel up, and gives the flags that it got.
@discardableResult
private func setUp(
  _ system: any InputOutputSystem, _ tunnel: Int32, _ name: String = "skein0", _ flags: TunnelFlags = [.tun, .noPI]
) throws -> String {
  let packed = TunnelRequest(name: Array(name.utf8), flags: flags).packed
  return "\(try TunnelRequest(packed: system.ioctl(tunnel, TunnelRequest.setInterface, packed)).flags)"
}

private func write(_ system: any InputOutputSystem, _ tunnel: Int32, _ bytes: [UInt8]) throws -> String {
  "\(try system.write(tunnel, bytes.span.bytes)) bytes"
}

private let packet = hex("4500002000010000400166c80a0900010a090002080006f41234000770696e67")
private let argument = [UInt8](repeating: 0, count: TunnelRequest.byteCount)
private let noSuchRequest: UInt32 = 0x4004_54FF

private let table: [Row] = [
  .same("set up for packets", "IFF_TUN|IFF_NO_PI") { try setUp($0, $1) },
  .same("set up for frames", "IFF_TAP|IFF_NO_PI") { try setUp($0, $1, "skein0", [.tap, .noPI]) },
  .same("read when nothing came", "EAGAIN") { (system, tunnel) in
    try setUp(system, tunnel)
    return "\(try system.read(tunnel, limit: 99))"
  },
  .same("make an unknown request", "EINVAL") { (system, tunnel) in
    try setUp(system, tunnel)
    return "\(try system.ioctl(tunnel, noSuchRequest, argument))"
  },
  .same("close twice", "EBADF") { (system, tunnel) in
    try system.close(tunnel)
    try system.close(tunnel)
    return "closed"
  },
  .same("set up what is closed", "EBADF") { (system, tunnel) in
    try system.close(tunnel)
    return try setUp(system, tunnel)
  },
  .same("read what is closed", "EBADF") { (system, tunnel) in
    try system.close(tunnel)
    return "\(try system.read(tunnel, limit: 99))"
  },
  .same("write to what is closed", "EBADF") { (system, tunnel) in
    try system.close(tunnel)
    return try write(system, tunnel, packet)
  },
  .same("use -1", "EBADF") { (system, _) in try write(system, -1, packet) },
  .same("set up again what was closed", "IFF_TUN|IFF_NO_PI") { (system, tunnel) in
    try setUp(system, tunnel)
    try system.close(tunnel)
    let second = try open(system)
    defer { try? system.close(second) }
    return try setUp(system, second)
  },

  .different("open what is not there", kernel: "ENOENT", memory: "ENOSYS") { (system, _) in
    "\(try open(system, Array("/dev/net/skein".utf8)))"
  },
  .different("read before it is set up", kernel: "EBADFD", memory: "EAGAIN") { "\(try $0.read($1, limit: 99))" },
  .different("write before it is set up", kernel: "EBADFD", memory: "32 bytes") { try write($0, $1, packet) },
  .different("make an unknown request before it is set up", kernel: "EBADFD", memory: "EINVAL") {
    "\(try $0.ioctl($1, noSuchRequest, argument))"
  },
  .different("set up twice", kernel: "EEXIST", memory: "IFF_TUN|IFF_NO_PI") { (system, tunnel) in
    try setUp(system, tunnel)
    return try setUp(system, tunnel)
  },
  .different("set up a second with the same name", kernel: "EBUSY", memory: "IFF_TUN|IFF_NO_PI") {
    (system, tunnel) in
    try setUp(system, tunnel)
    let second = try open(system)
    defer { try? system.close(second) }
    return try setUp(system, second)
  },
  .different("set up neither kind", kernel: "EINVAL", memory: "IFF_NO_PI") { try setUp($0, $1, "skein0", .noPI) },
  .different("set up a name that cannot be", kernel: "EINVAL", memory: "IFF_TUN|IFF_NO_PI") {
    try setUp($0, $1, "a/b")
  },
  .different("leave the name to the system", kernel: "tun0", memory: "123") { (system, tunnel) in
    let packed = TunnelRequest(name: [], flags: [.tun, .noPI]).packed
    let answer = try system.ioctl(tunnel, TunnelRequest.setInterface, packed)
    return "\(InterfaceName(bytes: try TunnelRequest(packed: answer).name))"
  },
  .different("write while the link is down", kernel: "EIO", memory: "32 bytes") { (system, tunnel) in
    try setUp(system, tunnel)
    return try write(system, tunnel, packet)
  },
  .different("write nothing", kernel: "EINVAL", memory: "0 bytes") { (system, tunnel) in
    try setUp(system, tunnel)
    return try write(system, tunnel, [])
  },
  .different("read no bytes", kernel: "[]", memory: "EAGAIN") { (system, tunnel) in
    try setUp(system, tunnel)
    return "\(try system.read(tunnel, limit: 0))"
  },
]

/// The kernel and memory side by side: one table, two systems.
///
/// What takes a link that is up is in `TunnelTests`: the kernel's own packets, no limit of 1024 bytes, devices that go when
/// they are closed.
@Suite struct SystemTableTests {
  /// Why the kernel has no tunnel for us, or `nil`; found out without the code under test.
  static let obstacle: String? = inNamespace {
    let device = Glibc.open("/dev/net/tun", O_RDWR)
    guard device >= 0 else { return "/dev/net/tun: \(Errno(rawValue: errno))" }
    Glibc.close(device)
    return nil
  }

  /// Runs on a thread of its own, in a network namespace of its own, which goes with the thread.
  private static func inNamespace(_ body: @escaping @Sendable () -> String?) -> String? {
    let result = Result()
    let thread = Foundation.Thread {
      result.text = clinux_unshare_network(false) == 0 ? body() : "no network namespace: \(Errno(rawValue: errno))"
      result.done.signal()
    }
    thread.start()
    result.done.wait()
    return result.text
  }

  /// What a thread leaves; unchecked, since it is read only after `done`.
  private final class Result: @unchecked Sendable {
    let done = DispatchSemaphore(value: 0)
    var text: String?
  }

  @Test func `memory does what the table says`() {
    for row in table { #expect(row.outcome(on: MemoryIOSystem.withTunnels()) == row.memory, "\(row.what)") }
  }

  @Test(.enabled(if: obstacle == nil, "\(obstacle ?? "")"))
  func `the kernel does what the table says`() {
    for row in table {
      let outcome = Self.inNamespace { row.outcome(on: SystemIO()) }
      #expect(outcome == row.kernel, "\(row.what)")
    }
  }
}
