/// What the TUNSETIFF request carries both ways: a name of at most 16 bytes and the flags.
///
/// Mirrors the packing in `twisted.pair.tuntap.TuntapPort`; on the wire 16 bytes of name and a 16-bit number in the
/// machine's byte order.
public struct TunnelRequest: Hashable, Sendable {
  /// The path of the device that all tunnels are opened by.
  public static let devicePath = Array("/dev/net/tun".utf8)
  /// The room for a name, in bytes.
  public static let nameSize = 16
  /// The size of the packed request, in bytes.
  public static let byteCount = 18
  /// The number of the request, on every machine that Swift runs on.
  public static let setInterface: UInt32 = 0x4004_54CA

  /// The name, without the zero bytes that pad it.
  public var name: [UInt8]
  /// The flags.
  public var flags: TunnelFlags

  /// Makes a request.
  ///
  /// - Parameters:
  ///   - name: The name; what is longer than 16 bytes is cut.
  ///   - flags: The flags.
  public init(name: [UInt8], flags: TunnelFlags) {
    self.name = Array(name.prefix(Self.nameSize))
    self.flags = flags
  }

  /// Reads a packed request.
  ///
  /// The name loses the zero bytes at both of its ends, and keeps those inside, as Twisted has it.
  ///
  /// - Parameter packed: The bytes.
  /// - Throws: ``TunnelError/badRequest(count:)`` unless there are 18.
  public init(packed: [UInt8]) throws(TunnelError) {
    guard packed.count == Self.byteCount else { throw .badRequest(count: packed.count) }
    let isZero = { (byte: UInt8) in byte == 0 }
    var name = packed.prefix(Self.nameSize).drop(while: isZero)
    while name.last == 0 { name.removeLast() }
    self.name = Array(name)
    flags = TunnelFlags(hostBytes: packed[16], packed[17])
  }

  /// The packed request: the name padded with zero bytes, and the flags in the machine's byte order.
  public var packed: [UInt8] {
    let padding = [UInt8](repeating: 0, count: Self.nameSize - name.count)
    return name + padding + flags.hostBytes
  }
}

extension TunnelFlags {
  /// The two bytes as they lie in this machine's memory.
  fileprivate var hostBytes: [UInt8] {
    let low = UInt8(truncatingIfNeeded: rawValue)
    let high = UInt8(truncatingIfNeeded: rawValue >> 8)
    return Self.isLittleEndian ? [low, high] : [high, low]
  }

  fileprivate init(hostBytes first: UInt8, _ second: UInt8) {
    self.init(
      rawValue: Self.isLittleEndian ? UInt16(first) | UInt16(second) << 8 : UInt16(first) << 8 | UInt16(second))
  }

  private static var isLittleEndian: Bool { UInt16(littleEndian: 1) == 1 }
}
