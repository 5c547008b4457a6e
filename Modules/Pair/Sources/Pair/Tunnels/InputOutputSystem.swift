import Reactor

/// The calls on the operating system that a tunnel needs.
///
/// Mirrors `twisted.pair.tuntap._IInputOutputSystem`, except `sendUDP` and `receiveUDP`, which only ``MemoryIOSystem`` has.
/// EINTR is not retried below this: the port decides.
public protocol InputOutputSystem: AnyObject {
  /// The flags of `open` as this system numbers them.
  var openFlags: OpenFlags { get }

  /// Opens a device.
  ///
  /// - Parameters:
  ///   - path: The path of the device.
  ///   - flags: How it is opened, in this system's numbers.
  /// - Returns: The descriptor.
  /// - Throws: The system's refusal, an `Errno`; for a stand-in, whatever it throws.
  func open(_ path: [UInt8], flags: Int32) throws -> Int32

  /// Makes a request of a device.
  ///
  /// - Parameters:
  ///   - descriptor: The device.
  ///   - request: The number of the request.
  ///   - argument: What goes with it.
  /// - Returns: The argument as the device left it.
  /// - Throws: The system's refusal, an `Errno`; for a stand-in, whatever it throws.
  func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: [UInt8]) throws -> [UInt8]

  /// Reads one packet.
  ///
  /// - Parameters:
  ///   - descriptor: The device.
  ///   - limit: How many bytes are wanted at most; the rest of the packet is lost.
  ///   - buffer: Where the bytes go, from its beginning; made larger where it is too small.
  /// - Returns: How many bytes there are.
  /// - Throws: The system's refusal, an `Errno`; for a stand-in, whatever it throws.
  func read(_ descriptor: Int32, limit: Int, into buffer: inout [UInt8]) throws -> Int

  /// Writes one packet.
  ///
  /// - Parameters:
  ///   - descriptor: The device.
  ///   - datagram: The packet.
  /// - Returns: How many bytes the system took.
  /// - Throws: The system's refusal, an `Errno`; for a stand-in, whatever it throws.
  func write(_ descriptor: Int32, _ datagram: RawSpan) throws -> Int

  /// Closes a device.
  ///
  /// - Parameter descriptor: The device.
  /// - Throws: The system's refusal, an `Errno`.
  func close(_ descriptor: Int32) throws(Errno)
}

extension InputOutputSystem {
  /// Reads one packet.
  ///
  /// - Parameters:
  ///   - descriptor: The device.
  ///   - limit: How many bytes are wanted at most; the rest of the packet is lost.
  /// - Returns: The bytes.
  /// - Throws: The system's refusal, an `Errno`; for a stand-in, whatever it throws.
  public func read(_ descriptor: Int32, limit: Int) throws -> [UInt8] {
    var buffer: [UInt8] = []
    let count = try read(descriptor, limit: limit, into: &buffer)
    return Array(buffer.prefix(count))
  }

  /// Opens a tunnel without blocking and sets it up.
  ///
  /// - Parameters:
  ///   - name: The name that is asked for.
  ///   - flags: The flags that are asked for.
  ///   - isClosed: Whether a device that cannot be set up is closed again.
  /// - Returns: The descriptor, and the name that the system gave.
  /// - Throws: What `open` and `ioctl` throw.
  func openTunnel(
    _ name: InterfaceName, _ flags: TunnelFlags, closingIfRefused isClosed: Bool
  ) throws -> (descriptor: Int32, name: InterfaceName) {
    let how = openFlags
    let descriptor = try open(
      TunnelRequest.devicePath, flags: how.readWrite | how.closeOnExec | how.nonBlocking)
    do {
      let request = TunnelRequest(name: name.bytes, flags: flags)
      let answer = try ioctl(descriptor, TunnelRequest.setInterface, request.packed)
      return (descriptor, InterfaceName(bytes: try TunnelRequest(packed: answer).name))
    } catch {
      if isClosed { try? close(descriptor) }
      throw error
    }
  }
}

/// The flags of `open` as one system numbers them.
public struct OpenFlags: Hashable, Sendable {
  /// Reading and writing, `O_RDWR`.
  public var readWrite: Int32
  /// Without blocking, `O_NONBLOCK`.
  public var nonBlocking: Int32
  /// Closed on exec, `O_CLOEXEC`.
  public var closeOnExec: Int32

  /// Names three numbers.
  ///
  /// - Parameters:
  ///   - readWrite: Reading and writing.
  ///   - nonBlocking: Without blocking.
  ///   - closeOnExec: Closed on exec.
  public init(readWrite: Int32, nonBlocking: Int32, closeOnExec: Int32) {
    self.readWrite = readWrite
    self.nonBlocking = nonBlocking
    self.closeOnExec = closeOnExec
  }
}
