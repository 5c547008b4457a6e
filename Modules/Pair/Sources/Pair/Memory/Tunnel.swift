import Reactor

/// A device that ``MemoryIOSystem`` opens by its path.
public protocol SpecialDevice: AnyObject {
  /// Reads one packet.
  ///
  /// - Parameter limit: How many bytes are wanted at most.
  /// - Returns: The bytes.
  /// - Throws: What the device refuses.
  func read(_ limit: Int) throws -> [UInt8]

  /// Writes one packet.
  ///
  /// - Parameter datagram: The packet.
  /// - Returns: How many bytes it took.
  /// - Throws: What the device refuses.
  func write(_ datagram: RawSpan) throws -> Int

  /// Sets the device up.
  ///
  /// - Parameter packed: The bytes of a TUNSETIFF request.
  /// - Returns: The bytes as the device answers them.
  /// - Throws: What the device refuses.
  func setInterface(_ packed: [UInt8]) throws -> [UInt8]

  /// Whether a poll finds it readable.
  var isReadable: Bool { get }
}

/// A tun or tap device in memory.
///
/// What is added to the read buffer is what the application reads; what it writes is found in the write buffer. Mirrors
/// `twisted.pair.testing.Tunnel`.
public final class Tunnel: SpecialDevice {
  /// The path that it is registered for.
  public static let deviceName = TunnelRequest.devicePath
  /// The most that one write takes, in bytes.
  public static let sendBufferSize = 1024

  /// The flags that it was opened with.
  public let openFlags: Int32
  /// The flags of the last TUNSETIFF; `nil` before.
  public private(set) var tunnelMode: TunnelFlags?
  /// The 16 bytes of name of the last TUNSETIFF, zero bytes and all; `nil` before.
  public private(set) var requestedName: [UInt8]?
  /// The name that it got: the first 13 of those 16 bytes, and `123`; `nil` before.
  public private(set) var name: [UInt8]?
  /// The packets that wait to be read, the oldest first.
  public var readBuffer: [[UInt8]] = []
  /// The packets that were written, the oldest first.
  public var writeBuffer: [[UInt8]] = []
  /// The signals that are pending: each has one write fail with EINTR.
  public var pendingSignals: [Int32] = []
  /// What reading an empty tunnel throws; ``eagainStyle`` unless it is set.
  public var nonBlockingExceptionStyle: any Error = Tunnel.eagainStyle

  /// What an empty tunnel says on most systems.
  public static let eagainStyle = Errno.wouldBlock
  /// What it says on others; on Linux the number is the same.
  public static let ewouldblockStyle = Errno.wouldBlock
  /// What an interrupted read says.
  public static let eintrStyle = Errno.interrupted

  private let flags: OpenFlags

  /// Makes a tunnel that is not set up.
  ///
  /// - Parameters:
  ///   - system: The system that it is opened on.
  ///   - openFlags: The flags that it is opened with, in the system's numbers.
  public init(_ system: MemoryIOSystem, openFlags: Int32) {
    self.openFlags = openFlags
    flags = system.openFlags
  }

  /// Whether it was opened to block.
  public var blocking: Bool { openFlags & flags.nonBlocking == 0 }
  /// Whether it was opened to be closed on exec.
  public var closeOnExec: Bool { openFlags & flags.closeOnExec != 0 }
  /// Whether a poll finds it readable.
  public var isReadable: Bool { !readBuffer.isEmpty }

  /// Adds a packet to be read; for a tap device an Ethernet header is put before it.
  ///
  /// - Parameter datagram: The packet.
  /// - Throws: ``TunnelError/notConfigured`` before TUNSETIFF; nothing is then added.
  public func addToReadBuffer(_ datagram: [UInt8]) throws(TunnelError) {
    guard let tunnelMode else { throw .notConfigured }
    if tunnelMode.contains(.tap) {
      readBuffer.append(
        MemoryPackets.ethernet(
          source: [UInt8](repeating: 0, count: 6), destination: [UInt8](repeating: 0xFF, count: 6),
          etherType: MemoryPackets.ipv4, payload: datagram))
    } else {
      readBuffer.append(datagram)
    }
  }

  /// Reads the oldest packet; what does not fit is lost.
  ///
  /// Without ``TunnelFlags/noPI`` four zero bytes come first, and take their part of the limit; as Twisted has it, a limit below
  /// 4 then gives the whole packet without its last `4 - limit` bytes.
  ///
  /// - Parameter limit: How many bytes are wanted at most.
  /// - Returns: The bytes.
  /// - Throws: ``TunnelError/blockingRead`` when it is empty and was opened to block; ``nonBlockingExceptionStyle`` when it is
  ///   empty; ``TunnelError/notConfigured`` before TUNSETIFF, and the packet stays.
  public func read(_ limit: Int) throws -> [UInt8] {
    guard let datagram = readBuffer.first else {
      if blocking { throw TunnelError.blockingRead }
      throw nonBlockingExceptionStyle
    }
    guard let tunnelMode else { throw TunnelError.notConfigured }
    readBuffer.removeFirst()
    if tunnelMode.contains(.noPI) { return Array(datagram[upTo: limit]) }
    return [UInt8](repeating: 0, count: Self.packetInformationSize) + datagram[upTo: limit - Self.packetInformationSize]
  }

  /// The size of the packet-information header, in bytes.
  static let packetInformationSize = 4

  /// Takes a packet.
  ///
  /// - Parameter datagram: The packet.
  /// - Returns: Its size in bytes.
  /// - Throws: EINTR for the oldest pending signal, which is then gone; else ENOBUFS for more than 1024 bytes.
  public func write(_ datagram: RawSpan) throws(Errno) -> Int {
    if !pendingSignals.isEmpty {
      pendingSignals.removeFirst()
      throw .interrupted
    }
    if datagram.byteCount > Self.sendBufferSize { throw .noBufferSpace }
    writeBuffer.append(datagram.copied())
    return datagram.byteCount
  }

  /// Sets the tunnel up; it can be done again.
  ///
  /// - Parameter packed: The bytes of a TUNSETIFF request.
  /// - Returns: The bytes with the name that it got.
  /// - Throws: ``TunnelError/badRequest(count:)`` unless there are 18 bytes.
  public func setInterface(_ packed: [UInt8]) throws(TunnelError) -> [UInt8] {
    let request = try TunnelRequest(packed: packed)
    let requested = Array(packed.prefix(TunnelRequest.nameSize))
    let granted = requested.prefix(TunnelRequest.nameSize - 3) + Array("123".utf8)
    tunnelMode = request.flags
    requestedName = requested
    name = Array(granted)
    return granted + packed.suffix(2)
  }
}

extension [UInt8] {
  /// The first bytes as Python's `[:limit]` gives them: a limit below 0 counts from the end.
  subscript(upTo limit: Int) -> ArraySlice<UInt8> {
    limit >= 0 ? prefix(limit) : dropLast(limit == .min ? .max : -limit)
  }
}
