import Addresses
import Glibc

/// Names of descriptors that the application hands in: `fd-k`, as long as the number is open on the same thing.
struct DescriptorNames {
  private struct Identity: Hashable {
    let device: UInt
    let inode: UInt
  }

  private var named: [Int32: (identity: Identity?, name: String)] = [:]

  /// The name of an open descriptor that has one.
  func name(of descriptor: Int32) -> String? {
    guard let entry = named[descriptor], entry.identity == Self.identity(of: descriptor) else { return nil }
    return entry.name
  }

  /// Puts a name on a descriptor.
  mutating func bind(_ descriptor: Int32, to name: String) {
    named[descriptor] = (Self.identity(of: descriptor), name)
  }

  /// The open descriptor of a name.
  func descriptor(named name: String) -> Int32? {
    named.first { $0.value.name == name && $0.value.identity == Self.identity(of: $0.key) }?.key
  }

  private static func identity(of descriptor: Int32) -> Identity? {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return nil }
    return Identity(device: UInt(status.st_dev), inode: UInt(status.st_ino))
  }
}

/// What a descriptor is, as far as another program could make an equal one.
struct DescriptorDescription {
  /// Its own address, and whether it listens there.
  var local: Address?
  var isListening = false
  /// The other end, if it is connected.
  var peer: Address?
  /// The other fields of the description, in the trace's words.
  var fields: TraceMapping = [:]

  /// Looks at an open descriptor.
  init(_ descriptor: Int32) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      fields["closed"] = true
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFSOCK: describeSocket(descriptor)
    case S_IFIFO:
      let mode = fcntl(descriptor, F_GETFL) & O_ACCMODE
      fields["pipe"] = .word(mode == O_RDONLY ? "read" : "write")
    default: fields["file"] = ""
    }
  }

  private mutating func describeSocket(_ descriptor: Int32) {
    let type = Self.option(SO_TYPE, of: descriptor)
    fields["socket"] = .word(
      type == Int32(SOCK_STREAM.rawValue) ? "stream" : type == Int32(SOCK_DGRAM.rawValue) ? "datagram" : "raw")
    switch Self.option(SO_DOMAIN, of: descriptor) {
    case AF_INET: fields["family"] = .word("inet")
    case AF_INET6: fields["family"] = .word("inet6")
    case AF_UNIX: fields["family"] = .word("unix")
    default: fields["family"] = .word("other")
    }
    local = unsafe Self.address(descriptor, getsockname)
    peer = unsafe Self.address(descriptor, getpeername)
    isListening = Self.option(SO_ACCEPTCONN, of: descriptor) == 1
    if fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0 { fields["blocking"] = true }
  }

  private static func option(_ option: Int32, of descriptor: Int32) -> Int32 {
    var value: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return unsafe getsockopt(descriptor, SOL_SOCKET, option, &value, &length) == 0 ? value : -1
  }

  /// Asks for one of a socket's addresses.
  static func address(
    _ descriptor: Int32, _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> Address? {
    var storage = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
    var length = socklen_t(storage.count)
    let code = unsafe storage.withUnsafeMutableBytes { bytes in
      // The kernel writes at most `length` bytes into the array, which is as large as any address.
      unsafe bytes.withMemoryRebound(to: sockaddr.self) { pointer in
        unsafe pointer.baseAddress.map { unsafe ask(descriptor, $0, &length) } ?? -1
      }
    }
    guard code == 0 else { return nil }
    return unsafe storage.withUnsafeBytes { bytes in
      unsafe try? Address(sockaddr: UnsafeRawBufferPointer(rebasing: bytes.prefix(Int(length))), transport: .tcp)
    }
  }
}
