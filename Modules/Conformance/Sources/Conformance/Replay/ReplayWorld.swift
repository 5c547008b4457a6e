import Addresses
import Glibc
import Reactor

/// What a replay of a reactor runs on.
public enum ReplayWorld: String, Hashable, Sendable, CaseIterable {
  /// The operating system's sockets and clock.
  case system
  /// Sockets in memory, and a clock that moves when something waits: the same each time, and no time passes.
  case memory

  /// The system under the seam, with the link-local host that traces name.
  func makeIO(network: NetworkNamespace?) -> any IOSystem {
    switch self {
    case .system: SystemIO()
    case .memory: MemoryNetwork(ipv6: [network.flatMap { try? IPv6Address.Host($0.linkLocal.host) }].compactMap(\.self))
    }
  }

  /// Lets so many nanoseconds pass before anything else happens.
  func wait(_ nanoseconds: Int64, on io: any IOSystem) {
    switch self {
    case .system:
      var left = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
      var rest = timespec()
      while unsafe nanosleep(&left, &rest) != 0, errno == EINTR { left = rest }
    case .memory:
      (io as? MemoryNetwork)?.advance(.nanoseconds(nanoseconds))
    }
  }
}
