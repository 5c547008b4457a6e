import Reactor

/// A tun or tap device as a packet device, for others to be put around.
///
/// It is opened without packet information, and closed with this value.
public struct TunnelLink: PacketDevice, ~Copyable {
  /// What its frames begin with: Ethernet of a tap device, IP of a tun device.
  public let medium: PacketMedium
  /// The name that the system gave it.
  public let name: InterfaceName
  /// The descriptor, for a poll; it does not block.
  public let descriptor: Int32

  private let system: any InputOutputSystem
  private var buffer: [UInt8] = []

  /// Opens a device.
  ///
  /// - Parameters:
  ///   - name: The name that is asked for.
  ///   - medium: What its frames begin with.
  ///   - system: What it is opened by: ``SystemIO`` or a ``MemoryIOSystem``.
  /// - Throws: The system's refusal, an `Errno`; for a stand-in, whatever it throws.
  public init(_ name: InterfaceName, medium: PacketMedium, system: any InputOutputSystem) throws {
    let mode: TunnelFlags = medium == .ethernet ? .tap : .tun
    let opened = try system.openTunnel(name, mode.union(.noPI), closingIfRefused: true)
    self.medium = medium
    self.name = opened.name
    descriptor = opened.descriptor
    self.system = system
  }

  deinit { try? system.close(descriptor) }

  /// Receives the next frame.
  ///
  /// - Parameters:
  ///   - buffer: Where the frame goes; the rest of one that is longer is lost.
  ///   - time: The time; it does not matter here.
  /// - Returns: The number of bytes that were written, or nothing when there is no frame.
  /// - Throws: The system's refusal, an `Errno`; for a stand-in, whatever it throws.
  public mutating func receive(into buffer: inout MutableRawSpan, at time: Duration) throws -> Int? {
    let limit = buffer.byteCount
    do {
      let count = min(try system.read(descriptor, limit: limit, into: &self.buffer), limit)
      for index in 0..<count { buffer.setByte(index, self.buffer[index]) }
      return count
    } catch let error as Errno where error == .wouldBlock || error == .interrupted {
      return nil
    }
  }

  /// Sends a frame.
  ///
  /// - Parameters:
  ///   - frame: The frame.
  ///   - time: The time; it does not matter here.
  /// - Returns: Whether the device took it.
  /// - Throws: The system's refusal, an `Errno`; for a stand-in, whatever it throws.
  public mutating func send(_ frame: RawSpan, at time: Duration) throws -> Bool {
    while true {
      do {
        return try system.write(descriptor, frame) == frame.byteCount
      } catch let error as Errno where error == .wouldBlock {
        return false
      } catch let error as Errno where error == .interrupted {
        continue
      }
    }
  }
}
