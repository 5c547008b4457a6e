import Addresses
import Glibc
import Reactor

/// What a trace takes from the machine it runs on: free ports, a link-local host, descriptors handed in.
///
/// Everything is on loopback or in the worker's own namespace, whatever the trace says.
final class Inputs {
  /// The network that the replay has to itself, if it has one.
  let network: NetworkNamespace?
  /// The descriptors made so far, by their recorded names.
  var descriptors: [String: Int32] = [:]
  /// The other ends of those, kept open until the end.
  private var kept: [Int32] = []
  private var ports: [String: Int] = [:]
  private var exhausted: [Int32] = []
  private var formerLimit: rlimit?

  init(network: NetworkNamespace?) {
    self.network = network
  }

  /// A link-local host with its zone.
  func host() throws -> String {
    guard let network else { throw Unplayable("there is no link-local address without a network namespace") }
    return "\(network.linkLocal.host)%\(network.linkLocal.interface)"
  }

  /// A free port by its name; it is not bound until it is used.
  func port(_ name: String) throws -> Int {
    if let port = ports[name] { return port }
    for _ in FreePorts.range {
      let candidate = FreePorts.next()
      guard Self.isFree(candidate) else { continue }
      ports[name] = candidate
      return candidate
    }
    throw Unplayable("no port is free")
  }

  private static func isFree(_ port: Int) -> Bool {
    guard let number = UInt16(exactly: port) else { return false }
    let places: [Address] = [
      .ipv4(IPv4Address(transport: .tcp, host: .any, port: number)),
      .ipv6(IPv6Address(transport: .tcp, host: .any, port: number)),
    ]
    return places.allSatisfy { place in
      guard let socket = try? RawSocket(for: place) else { return true }
      return (try? socket.bind(to: place)) != nil
    }
  }

  /// Keeps a descriptor until the end.
  func keep(_ descriptor: Int32) {
    kept.append(descriptor)
  }

  /// Closes one that the recorded application closed.
  func close(_ name: String) {
    guard let descriptor = descriptors.removeValue(forKey: name) else { return }
    _ = Glibc.close(descriptor)
  }

  /// Uses up every descriptor that the process may have, under a limit that makes it quick.
  func exhaustDescriptors() throws {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw Unplayable("the limit of descriptors cannot be read")
    }
    formerLimit = limit
    var highest: Int32 = 64
    for descriptor in 0..<Int32(1024) where fcntl(descriptor, F_GETFD) >= 0 { highest = max(highest, descriptor + 8) }
    limit.rlim_cur = min(limit.rlim_cur, rlim_t(highest))
    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
      throw Unplayable("the limit of descriptors cannot be set")
    }
    while case let descriptor = dup(STDIN_FILENO), descriptor >= 0 { exhausted.append(descriptor) }
  }

  /// Gives the descriptors back.
  func releaseDescriptors() {
    for descriptor in exhausted { _ = Glibc.close(descriptor) }
    exhausted = []
    if var limit = formerLimit { unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
    formerLimit = nil
  }

  /// Lets go of everything.
  func close() {
    releaseDescriptors()
    for descriptor in kept + Array(descriptors.values) { _ = Glibc.close(descriptor) }
    kept = []
    descriptors = [:]
  }
}

/// The ports that are handed out as free: below the range that the kernel assigns from, so that nothing else takes one that
/// is not bound yet, and each after all others, so that none is still held by a connection that has just ended.
private enum FreePorts {
  static let range = 20_000..<32_000
  private static let last = LastPort()

  static func next() -> Int { last.advance() }

  private final class LastPort: @unchecked Sendable {
    // Read and changed under the lock only.
    private let lock = RecursiveLock()
    private var offset = Int(getpid()) % range.count

    func advance() -> Int {
      lock.locked {
        offset = (offset + 1) % range.count
        return range.lowerBound + offset
      }
    }
  }
}
