import Addresses
import Reactor

/// Input and output in memory: stands in for the operating system under a ``TuntapPort``, and under a whole reactor.
///
/// Nothing of it is random, waits, or reads a clock. Mirrors `twisted.pair.testing.MemoryIOSystem`.
public final class MemoryIOSystem: InputOutputSystem {
  /// What an application may be allowed to do.
  public enum Permission: String, Hashable, Sendable, CaseIterable {
    /// To open a device.
    case open
    /// To set one up.
    case ioctl
  }

  /// Makes a device that is being opened.
  public typealias DeviceFactory = (_ system: MemoryIOSystem, _ flags: Int32) throws -> any SpecialDevice

  /// What the application may do; everything unless something is removed.
  public var permissions = Set(Permission.allCases)
  /// The flags of `open`: 1, 2 and 4, which are no system's.
  public let openFlags = OpenFlags(readWrite: 1, nonBlocking: 2, closeOnExec: 4)
  /// The next descriptor: they count up from 8192 and none is used again.
  public private(set) var nextDescriptor: Int32 = 8192
  /// The descriptors that are open, in the order in which they were opened.
  public var openDescriptors: [Int32] { openFiles.map(\.descriptor) }

  private var devices: [[UInt8]: DeviceFactory] = [:]
  private var openFiles: [(descriptor: Int32, device: any SpecialDevice)] = []
  /// The clock, the poller and the waker of a reactor that runs over it.
  var world = MemoryWorld()

  /// Makes a system without devices.
  public init() {}

  /// Makes a system on which tunnels can be opened, by `/dev/net/tun`.
  ///
  /// - Returns: The system.
  public static func withTunnels() -> MemoryIOSystem {
    let system = MemoryIOSystem()
    system.registerSpecialDevice(Tunnel.deviceName) { Tunnel($0, openFlags: $1) }
    return system
  }

  /// The tunnel behind a port.
  ///
  /// - Parameter port: A port that listens on this system.
  /// - Returns: The tunnel.
  /// - Throws: ``TunnelError/notStarted`` before the port was started; ``TunnelError/unknownDescriptor(_:)`` after it was closed,
  ///   and for a device that is no tunnel.
  public func getTunnel(_ port: TuntapPort) throws -> Tunnel {
    try tunnel(at: try port.fileno())
  }

  /// The tunnel of a descriptor.
  package func tunnel(at descriptor: Int32) throws(TunnelError) -> Tunnel {
    guard let tunnel = device(at: descriptor) as? Tunnel else { throw .unknownDescriptor(descriptor) }
    return tunnel
  }

  /// Says how a device is opened.
  ///
  /// - Parameters:
  ///   - name: The path, byte for byte.
  ///   - make: Makes the device.
  public func registerSpecialDevice(_ name: [UInt8], _ make: @escaping DeviceFactory) {
    devices[name] = make
  }

  /// Opens a device.
  ///
  /// - Parameters:
  ///   - path: The path that it was registered for.
  ///   - flags: How it is opened; kept by the device, not looked at here.
  /// - Returns: The descriptor.
  /// - Throws: EPERM without the permission; ENOSYS for a path that nothing is registered for; what the device's maker throws,
  ///   and the number is used up.
  public func open(_ path: [UInt8], flags: Int32) throws -> Int32 {
    guard permissions.contains(.open) else { throw Errno.operationNotPermitted }
    guard let make = devices[path] else { throw Errno.functionNotImplemented }
    let descriptor = nextDescriptor
    nextDescriptor += 1
    openFiles.append((descriptor, try make(self, flags)))
    return descriptor
  }

  /// Reads one packet.
  ///
  /// - Parameters:
  ///   - descriptor: The device.
  ///   - limit: How many bytes are wanted at most.
  ///   - buffer: Where the bytes go.
  /// - Returns: How many bytes there are; for a tunnel with packet information and a limit below 4, more than the limit.
  /// - Throws: EBADF for a descriptor that is not open; what the device throws.
  public func read(_ descriptor: Int32, limit: Int, into buffer: inout [UInt8]) throws -> Int {
    buffer = try openDevice(at: descriptor).read(limit)
    return buffer.count
  }

  /// Writes one packet.
  ///
  /// - Parameters:
  ///   - descriptor: The device.
  ///   - datagram: The packet.
  /// - Returns: How many bytes it took.
  /// - Throws: EBADF for a descriptor that is not open; what the device throws.
  public func write(_ descriptor: Int32, _ datagram: RawSpan) throws -> Int {
    try openDevice(at: descriptor).write(datagram)
  }

  /// Forgets a device, and what waits in it.
  ///
  /// - Parameter descriptor: The device.
  /// - Throws: EBADF for a descriptor that is not open.
  public func close(_ descriptor: Int32) throws(Errno) {
    if try world.close(descriptor) { return }
    guard let index = openFiles.firstIndex(where: { $0.descriptor == descriptor }) else { throw .badDescriptor }
    openFiles.remove(at: index)
  }

  /// Sets a device up.
  ///
  /// - Parameters:
  ///   - descriptor: The device.
  ///   - request: The number of the request: TUNSETIFF.
  ///   - argument: The 18 bytes that go with it.
  /// - Returns: The bytes as the device answers them.
  /// - Throws: In this order: EPERM without the permission, EBADF for a descriptor that is not open, EINVAL for any other
  ///   request, what the device throws.
  public func ioctl(_ descriptor: Int32, _ request: UInt32, _ argument: [UInt8]) throws -> [UInt8] {
    guard permissions.contains(.ioctl) else { throw Errno.operationNotPermitted }
    let device = try openDevice(at: descriptor)
    guard request == TunnelRequest.setInterface else { throw Errno.invalidArgument }
    return try device.setInterface(argument)
  }

  /// Has a UDP datagram come in from 10.1.2.3, port 21345, on the tunnel that was opened first.
  ///
  /// - Parameters:
  ///   - datagram: The payload.
  ///   - host: The host that it is for, as a dotted quad.
  ///   - port: The port that it is for.
  /// - Returns: Whom it is from.
  /// - Throws: ``TunnelError/nothingThere`` when no tunnel is open; ``TunnelError/illegalAddress(_:)``;
  ///   ``TunnelError/numberRange(_:)``; ``TunnelError/notConfigured`` before TUNSETIFF. Nothing then comes in.
  @discardableResult
  public func sendUDP(
    _ datagram: [UInt8], host: String, port: Int
  ) throws(TunnelError) -> (host: String, port: Int) {
    let udp = try MemoryPackets.udp(source: Self.remotePort, destination: port, payload: datagram)
    guard let destination = try? IPv4Address.Host(host) else { throw .illegalAddress(host) }
    let packet = try MemoryPackets.ip(source: Self.remoteHost, destination: destination, payload: udp)
    guard let tunnel = openFiles.first?.device as? Tunnel else { throw .nothingThere }
    try tunnel.addToReadBuffer(packet)
    return ("\(Self.remoteHost)", Self.remotePort)
  }

  private static let remoteHost = IPv4Address.Host(10, 1, 2, 3)
  private static let remotePort = 21_345

  /// Makes what receives the UDP datagrams that are written to a tunnel.
  ///
  /// - Parameters:
  ///   - descriptor: The tunnel; looked up at each receive.
  ///   - host: Not looked at.
  ///   - port: Not looked at: it receives what is for port 12345.
  /// - Returns: The receiver.
  public func receiveUDP(_ descriptor: Int32, host: String, port: Int) -> FakePort {
    FakePort(self, descriptor)
  }

  /// The device of a descriptor, or `nil`.
  func device(at descriptor: Int32) -> (any SpecialDevice)? {
    openFiles.first { $0.descriptor == descriptor }?.device
  }

  private func openDevice(at descriptor: Int32) throws(Errno) -> any SpecialDevice {
    guard let device = device(at: descriptor) else { throw .badDescriptor }
    return device
  }
}
