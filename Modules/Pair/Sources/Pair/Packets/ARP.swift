import Addresses

/// What an ARP packet asks or tells.
public struct ARPOperation: RawRepresentable, Hashable, Sendable {
  /// The number as it stands in the packet.
  public var rawValue: UInt16

  /// Makes an operation from the packet's number.
  ///
  /// - Parameter rawValue: The number; any is allowed.
  public init(rawValue: UInt16) {
    self.rawValue = rawValue
  }

  /// Who has this address? 1.
  public static let request = ARPOperation(rawValue: 1)
  /// I have it: 2.
  public static let reply = ARPOperation(rawValue: 2)
}

/// An ARP packet in borrowed bytes, checked once.
///
/// Addresses of any size are read; those of IPv4 over Ethernet have types of their own in ``ARPHeader``.
public struct ARPView: ~Escapable {
  private let bytes: RawSpan

  /// Where the fields are.
  enum Offset {
    static let hardwareType = 0
    static let protocolType = 2
    static let hardwareLength = 4
    static let protocolLength = 5
    static let operation = 6
    static let addresses = 8
  }

  /// Looks at a packet.
  ///
  /// - Parameter bytes: The packet; padding may follow.
  /// - Throws: ``PacketError/truncated(_:needed:found:)`` when the header or the addresses are not there.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(PacketError) {
    guard bytes.byteCount >= Offset.addresses else {
      throw .truncated(.arp, needed: Offset.addresses, found: bytes.byteCount)
    }
    let pair = Int(bytes.byte(Offset.hardwareLength)) + Int(bytes.byte(Offset.protocolLength))
    let count = Offset.addresses + 2 * pair
    guard count <= bytes.byteCount else { throw .truncated(.arp, needed: count, found: bytes.byteCount) }
    self.bytes = bytes.extracting(0..<count)
  }

  /// The kind of hardware; 1 for Ethernet.
  public var hardwareType: UInt16 { bytes.uint16(Offset.hardwareType) }
  /// The kind of protocol; ``EtherType/ipv4`` for IPv4.
  public var protocolType: EtherType { EtherType(rawValue: bytes.uint16(Offset.protocolType)) }
  /// The size of a hardware address, in bytes.
  public var hardwareLength: Int { Int(bytes.byte(Offset.hardwareLength)) }
  /// The size of a protocol address, in bytes.
  public var protocolLength: Int { Int(bytes.byte(Offset.protocolLength)) }
  /// What is asked or told.
  public var operation: ARPOperation { ARPOperation(rawValue: bytes.uint16(Offset.operation)) }
  /// The size of the packet, in bytes.
  public var byteCount: Int { bytes.byteCount }

  /// The sender's hardware address.
  public var senderHardware: RawSpan {
    @_lifetime(copy self) get { address(after: 0, hardwareLength) }
  }
  /// The sender's protocol address.
  public var senderProtocol: RawSpan {
    @_lifetime(copy self) get { address(after: hardwareLength, protocolLength) }
  }
  /// The target's hardware address.
  public var targetHardware: RawSpan {
    @_lifetime(copy self) get { address(after: hardwareLength + protocolLength, hardwareLength) }
  }
  /// The target's protocol address.
  public var targetProtocol: RawSpan {
    @_lifetime(copy self) get { address(after: 2 * hardwareLength + protocolLength, protocolLength) }
  }

  @_lifetime(copy self)
  private func address(after count: Int, _ length: Int) -> RawSpan {
    let start = Offset.addresses + count
    return bytes.extracting(start..<(start + length))
  }
}

/// The addresses of an ARP packet.
public enum ARPAddresses: Hashable, Sendable {
  /// IPv4 over Ethernet.
  case ethernetIPv4(
    senderHardware: EthernetAddress, senderProtocol: IPv4Address.Host, targetHardware: EthernetAddress,
    targetProtocol: IPv4Address.Host)
  /// Another hardware or protocol, or addresses of another size than theirs; both of a kind have the same size.
  case raw(
    hardwareType: UInt16, protocolType: EtherType, senderHardware: [UInt8], senderProtocol: [UInt8],
    targetHardware: [UInt8], targetProtocol: [UInt8])
}

/// An ARP packet, as a value.
public struct ARPHeader: Hashable, Sendable {
  /// What is asked or told.
  public var operation: ARPOperation
  /// The addresses.
  public var addresses: ARPAddresses

  /// Makes a packet from its fields.
  ///
  /// - Parameters:
  ///   - operation: What is asked or told.
  ///   - addresses: The addresses.
  public init(operation: ARPOperation, addresses: ARPAddresses) {
    self.operation = operation
    self.addresses = addresses
  }

  /// Copies a packet.
  ///
  /// - Parameter view: The packet.
  public init(_ view: borrowing ARPView) {
    operation = view.operation
    if view.hardwareType == Self.ethernet, view.protocolType == .ipv4, view.hardwareLength == 6,
      view.protocolLength == 4
    {
      addresses = .ethernetIPv4(
        senderHardware: view.senderHardware.ethernetAddress(0),
        senderProtocol: IPv4Address.Host(bits: view.senderProtocol.uint32(0)),
        targetHardware: view.targetHardware.ethernetAddress(0),
        targetProtocol: IPv4Address.Host(bits: view.targetProtocol.uint32(0)))
    } else {
      addresses = .raw(
        hardwareType: view.hardwareType, protocolType: view.protocolType,
        senderHardware: view.senderHardware.copied(), senderProtocol: view.senderProtocol.copied(),
        targetHardware: view.targetHardware.copied(), targetProtocol: view.targetProtocol.copied())
    }
  }

  private static let ethernet: UInt16 = 1

  /// The size of the packet, in bytes.
  public var byteCount: Int {
    switch addresses {
    case .ethernetIPv4: ARPView.Offset.addresses + 20
    case .raw(_, _, let hardware, let network, let otherHardware, let otherNetwork):
      ARPView.Offset.addresses + hardware.count + network.count + otherHardware.count + otherNetwork.count
    }
  }

  /// Writes the packet.
  ///
  /// - Parameter bytes: Where it goes; its first ``byteCount`` bytes are written.
  /// - Throws: ``PacketError/noRoom(_:needed:found:)``; for raw addresses ``PacketError/tooLarge(_:field:limit:found:)`` for
  ///   more than 255 bytes, and ``PacketError/malformed(_:field:found:)`` when the sender's and the target's differ in size.
  public func write(into bytes: inout MutableRawSpan) throws(PacketError) {
    guard bytes.byteCount >= byteCount else { throw .noRoom(.arp, needed: byteCount, found: bytes.byteCount) }
    bytes.setUInt16(ARPView.Offset.operation, operation.rawValue)
    switch addresses {
    case .ethernetIPv4(let senderHardware, let senderProtocol, let targetHardware, let targetProtocol):
      Self.writeTypes(Self.ethernet, .ipv4, 6, 4, into: &bytes)
      bytes.setEthernetAddress(8, senderHardware)
      bytes.setUInt32(14, senderProtocol.bits)
      bytes.setEthernetAddress(18, targetHardware)
      bytes.setUInt32(24, targetProtocol.bits)
    case .raw(
      let hardwareType, let protocolType, let senderHardware, let senderProtocol, let targetHardware, let targetProtocol
    ):
      let hardwareLength = try Self.commonLength(senderHardware, targetHardware)
      let protocolLength = try Self.commonLength(senderProtocol, targetProtocol)
      Self.writeTypes(hardwareType, protocolType, hardwareLength, protocolLength, into: &bytes)
      bytes.setBytes(
        ARPView.Offset.addresses, senderHardware + senderProtocol + targetHardware + targetProtocol)
    }
  }

  private static func writeTypes(
    _ hardwareType: UInt16, _ protocolType: EtherType, _ hardwareLength: UInt8, _ protocolLength: UInt8,
    into bytes: inout MutableRawSpan
  ) {
    bytes.setUInt16(ARPView.Offset.hardwareType, hardwareType)
    bytes.setUInt16(ARPView.Offset.protocolType, protocolType.rawValue)
    bytes.setByte(ARPView.Offset.hardwareLength, hardwareLength)
    bytes.setByte(ARPView.Offset.protocolLength, protocolLength)
  }

  private static func commonLength(_ sender: [UInt8], _ target: [UInt8]) throws(PacketError) -> UInt8 {
    guard let length = UInt8(exactly: sender.count) else {
      throw .tooLarge(.arp, field: .addressLength, limit: Int(UInt8.max), found: sender.count)
    }
    guard target.count == sender.count else {
      throw .malformed(.arp, field: .addressLength, found: target.count)
    }
    return length
  }
}
