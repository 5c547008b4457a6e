import CLinux
import Glibc

/// The network that a worker replays in: one of its own where the system lets it, with a loopback and one more interface.
///
/// That interface carries a link-local IPv6 address, which traces of link-local tests need: the machine's own
/// interfaces may have none, and traffic never leaves the namespace.
struct NetworkNamespace {
  /// A link-local address that connects to itself.
  struct LinkLocal: Equatable {
    /// The address in text, without a zone.
    var host: String
    /// The name of its interface, which is also its zone in text.
    var interface: String
    /// The number of its interface: the scope.
    var scope: UInt32
  }

  /// The link-local address to use.
  let linkLocal: LinkLocal

  private static let interfaceName = "skein0"

  /// Moves the calling process into a network namespace of its own and furnishes it.
  ///
  /// Call it before the process has a second thread: threads made later follow, earlier ones do not.
  ///
  /// - Returns: The namespace, furnished.
  /// - Throws: ``NetworkNamespaceError`` when the system refuses; what was done by then stays.
  static func enter() throws(NetworkNamespaceError) -> NetworkNamespace {
    let user = (id: getuid(), group: getgid())
    if clinux_unshare_network(false) != 0 {
      guard clinux_unshare_network(true) == 0 else {
        throw NetworkNamespaceError(step: "unshare(CLONE_NEWNET)", errno: errno)
      }
      // In a user namespace of one's own, an unmapped user may do everything here; the map only keeps files readable.
      write("deny", to: "/proc/self/setgroups")
      write("\(user.id) \(user.id) 1", to: "/proc/self/uid_map")
      write("\(user.group) \(user.group) 1", to: "/proc/self/gid_map")
    }
    let route = try RouteSocket()
    try route.setUp(interface: 1)
    let index = try route.makeSink(named: interfaceName)
    let address: [UInt8] = [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    try route.addIPv6(address, prefix: 64, interface: index)
    try route.setUp(interface: Int32(bitPattern: index))
    return NetworkNamespace(linkLocal: LinkLocal(host: "fe80::1", interface: interfaceName, scope: index))
  }

  private static func write(_ text: String, to path: String) {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = unsafe text.withCString { unsafe Glibc.write(descriptor, $0, strlen($0)) }
    _ = close(descriptor)
  }
}

/// Why a worker has no network namespace of its own.
struct NetworkNamespaceError: Error, CustomStringConvertible {
  /// What was being done.
  let step: String
  /// The system's error number.
  let errno: Int32

  var description: String { unsafe "\(step): \(String(cString: strerror(errno)))" }
}
