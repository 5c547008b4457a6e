import Glibc
import Reactor

// Mirrors `twisted.pair.tuntap._RealSystem`.
extension SystemIO: InputOutputSystem {
  /// The flags of `open` as this kernel numbers them.
  public var openFlags: OpenFlags {
    OpenFlags(readWrite: O_RDWR, nonBlocking: O_NONBLOCK, closeOnExec: O_CLOEXEC)
  }

  /// Opens a device.
  ///
  /// - Parameters:
  ///   - path: The path of the device; a zero byte ends it.
  ///   - flags: How it is opened.
  /// - Returns: The descriptor.
  /// - Throws: The system's refusal.
  public func open(_ path: [UInt8], flags: Int32) throws(Errno) -> Int32 {
    // The path ends with the zero byte that is added.
    let opened = unsafe (path + [0]).withUnsafeBufferPointer { (bytes) in
      unsafe bytes.withMemoryRebound(to: CChar.self) { unsafe Self.outcome(Glibc.open($0.baseAddress!, flags)) }
    }
    return try opened.get()
  }

  /// Makes a request of a device.
  ///
  /// - Parameters:
  ///   - descriptor: The device.
  ///   - request: The number of the request.
  ///   - argument: What goes with it.
  /// - Returns: The argument as the device left it, of the same size.
  /// - Throws: The system's refusal.
  public func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: [UInt8]) throws(Errno) -> [UInt8] {
    // The kernel copies as many bytes as the request has, which a shorter argument would not hold.
    var bytes = argument + [UInt8](repeating: 0, count: max(0, Self.largestArgument - argument.count))
    let result = unsafe bytes.withUnsafeMutableBytes {
      unsafe Self.outcome(Glibc.ioctl(descriptor, UInt(request), $0.baseAddress!))
    }
    _ = try result.get()
    return Array(bytes.prefix(argument.count))
  }

  /// The most that a request can copy: its size has 14 bits.
  private static var largestArgument: Int { 1 << 14 }

  /// Reads one packet.
  ///
  /// - Parameters:
  ///   - descriptor: The device.
  ///   - limit: How many bytes are wanted at most; the rest of the packet is lost.
  ///   - buffer: Where the bytes go, from its beginning; made as large as the limit.
  /// - Returns: How many bytes there are.
  /// - Throws: The system's refusal, EINTR too.
  public func read(_ descriptor: Int32, limit: Int, into buffer: inout [UInt8]) throws(Errno) -> Int {
    guard limit >= 0 else { throw .invalidArgument }
    if buffer.count < limit { buffer += [UInt8](repeating: 0, count: limit - buffer.count) }
    // The buffer holds `limit` bytes.
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe Self.outcome(Glibc.read(descriptor, $0.baseAddress, limit))
    }
    return try count.get()
  }

  /// Writes one packet.
  ///
  /// - Parameters:
  ///   - descriptor: The device.
  ///   - datagram: The packet.
  /// - Returns: How many bytes the kernel took.
  /// - Throws: The system's refusal, EINTR too.
  public func write(_ descriptor: Int32, _ datagram: RawSpan) throws(Errno) -> Int {
    let count = unsafe datagram.withUnsafeBytes {
      unsafe Self.outcome(Glibc.write(descriptor, $0.baseAddress, $0.count))
    }
    return try count.get()
  }

  /// The outcome of a call that was just made: nothing may come in between that could change `errno`.
  private static func outcome<Value: SignedInteger>(_ value: Value) -> Result<Value, Errno> {
    value == -1 ? .failure(Errno(rawValue: errno)) : .success(value)
  }
}
