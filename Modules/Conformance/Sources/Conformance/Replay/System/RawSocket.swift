import Addresses
import Glibc
import Reactor

/// A stream socket of the replay's own, outside the reactor: a peer's, or one to hand in.
///
/// Closed when it is let go of.
final class RawSocket {
  /// The descriptor, or -1 once it was closed or taken.
  private(set) var descriptor: Int32
  private var isLent = false

  /// Makes a socket of an address's family, non-blocking.
  init(for address: Address, kind: Int32 = Int32(SOCK_STREAM.rawValue)) throws {
    let family: Int32 =
      switch address {
      case .ipv4, .hostname: AF_INET
      case .ipv6: AF_INET6
      case .unix: AF_UNIX
      }
    descriptor = socket(family, kind | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    if descriptor < 0 { throw Self.failure("make a socket") }
  }

  private init(accepted descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// Works on a descriptor that others own, a socket or a pipe, which is not closed here.
  init(lent descriptor: Int32) {
    self.descriptor = descriptor
    isLent = true
  }

  deinit {
    if !isLent { close() }
  }

  /// Gives the descriptor away: it is no longer closed here.
  func take() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }

  func close() {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  func bind(to address: Address) throws {
    let code = unsafe Self.call(Glibc.bind, descriptor, address)
    guard code == 0 else { throw Self.failure("bind to \(address)") }
  }

  func listen() throws {
    guard Glibc.listen(descriptor, 50) == 0 else { throw Self.failure("listen") }
  }

  /// Connects, waiting for a moment where the kernel does not do it at once.
  func connect(to address: Address) throws {
    if try !connectNow(to: address) { wait(for: POLLOUT) }
  }

  /// Connects, or goes on doing so; false where the kernel has not done it yet.
  func connectNow(to address: Address) throws -> Bool {
    let code = unsafe Self.call(Glibc.connect, descriptor, address)
    if code == 0 || errno == EISCONN { return true }
    guard errno == EINPROGRESS || errno == EALREADY else { throw Self.failure("connect to \(address)") }
    return false
  }

  func accept() throws -> RawSocket {
    wait(for: POLLIN)
    let accepted = Glibc.accept(descriptor, nil, nil)
    guard accepted >= 0 else { throw Self.failure("accept") }
    return RawSocket(accepted: accepted)
  }

  /// Sends as much as the kernel takes at once; waits for a moment where it takes nothing.
  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = try sendNow(rest)
      rest = rest.dropFirst(count)
      if count == 0 {
        guard wait(for: POLLOUT) else { throw Self.failure("send") }
      }
    }
  }

  /// Sends what the kernel takes at once, which may be nothing, and says how much that was.
  func sendNow(_ bytes: ArraySlice<UInt8>) throws -> Int {
    while true {
      let count = unsafe bytes.withUnsafeBytes { (bytes) in
        let sent = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        return sent < 0 && errno == ENOTSOCK ? unsafe write(descriptor, bytes.baseAddress, bytes.count) : sent
      }
      if count >= 0 { return count }
      if errno == EAGAIN { return 0 }
      if errno != EINTR { throw Self.failure("send") }
    }
  }

  /// Receives up to a number of bytes, once some are there.
  func receive(_ most: Int) throws -> [UInt8] {
    wait(for: POLLIN)
    switch receiveNow(most) {
    case .success(let bytes?): return bytes
    case .success(nil): throw Unplayable("receive: nothing came")
    case .failure(let errno): throw Unplayable("receive: \(errno.name)")
    }
  }

  /// Receives up to a number of bytes of those that are there: none at the end of the stream, `nil` where there are none yet.
  func receiveNow(_ most: Int) -> Result<[UInt8]?, Errno> {
    var bytes = [UInt8](repeating: 0, count: max(1, min(most, 1 << 20)))
    while true {
      let count = unsafe read(descriptor, &bytes, bytes.count)
      if count >= 0 { return .success(Array(bytes.prefix(count))) }
      if errno == EAGAIN { return .success(nil) }
      if errno != EINTR { return .failure(Errno(rawValue: errno)) }
    }
  }

  /// Shuts a direction, by the name of its constant.
  func shutdown(_ how: String) throws {
    let directions: [String: Int] = ["SHUT_RD": Int(SHUT_RD), "SHUT_WR": Int(SHUT_WR), "SHUT_RDWR": Int(SHUT_RDWR)]
    guard let direction = directions[how] else { throw Unplayable("a socket has no \(how)") }
    guard Glibc.shutdown(descriptor, Int32(direction)) == 0 else { throw Self.failure("shut down") }
  }

  /// Has the next close reset the connection.
  func resetOnClose() {
    var option = linger(l_onoff: 1, l_linger: 0)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Whether descriptor operations wait.
  func setBlocking(_ isBlocking: Bool) {
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, isBlocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK)
  }

  var localAddress: Address? { unsafe DescriptorDescription.address(descriptor, getsockname) }
  var peerAddress: Address? { unsafe DescriptorDescription.address(descriptor, getpeername) }

  /// What is awaited is there already, but for the kernel's own work.
  @discardableResult
  private func wait(for events: Int32) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return unsafe poll(&waiting, 1, 5_000) > 0
  }

  /// Makes a call that takes an address.
  private static func call(
    _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32, _ address: Address
  ) -> Int32 {
    guard let bytes = address.sockaddrBytes else {
      errno = EAFNOSUPPORT
      return -1
    }
    // The bytes are a whole `sockaddr` of the family, for the length of the call.
    return unsafe bytes.withUnsafeBytes { bytes in
      unsafe bytes.withMemoryRebound(to: sockaddr.self) { pointer in
        unsafe pointer.baseAddress.map { unsafe function(descriptor, $0, socklen_t(bytes.count)) } ?? -1
      }
    }
  }

  private static func failure(_ step: String) -> Unplayable {
    Unplayable(unsafe "\(step): \(String(cString: strerror(errno)))")
  }
}
