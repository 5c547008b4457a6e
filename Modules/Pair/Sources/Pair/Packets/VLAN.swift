/// An 802.1Q or 802.1ad tag of an Ethernet frame.
public struct VLANTag: Hashable, Sendable {
  /// The size of a tag, in bytes.
  public static let byteCount = 4

  /// The tag's own type: ``EtherType/vlan`` or ``EtherType/serviceVLAN``.
  public var type: EtherType
  /// The control information as it stands in the tag: priority, eligibility to be dropped, and VLAN.
  public var control: UInt16

  /// Makes a tag from its two words.
  ///
  /// - Parameters:
  ///   - type: The tag's own type.
  ///   - control: The control information.
  public init(type: EtherType = .vlan, control: UInt16) {
    self.type = type
    self.control = control
  }

  /// The VLAN, 0...4095; 0 for a tag that has only a priority.
  public var vlan: UInt16 { control & 0x0FFF }
  /// The priority, 0...7.
  public var priority: UInt8 { UInt8(control >> 13) }
  /// Whether the frame may be dropped first where there is congestion.
  public var isDropEligible: Bool { control & 0x1000 != 0 }
}

/// The tags of a frame in borrowed bytes, the outermost first.
public struct VLANTags: ~Escapable {
  // From the first tag's type to the innermost type, which is not a tag's.
  private let bytes: RawSpan
  private var offset = 0

  /// Looks at tags that were checked before.
  ///
  /// - Parameter bytes: Exactly the tags.
  @_lifetime(copy bytes)
  init(checked bytes: RawSpan) {
    self.bytes = bytes
  }

  /// The number of tags that are still to come.
  public var count: Int { (bytes.byteCount - offset) / VLANTag.byteCount }

  /// Takes the next tag.
  ///
  /// - Returns: The tag; `nil` after the last.
  public mutating func next() -> VLANTag? {
    guard offset < bytes.byteCount else { return nil }
    defer { offset += VLANTag.byteCount }
    return VLANTag(type: EtherType(rawValue: bytes.uint16(offset)), control: bytes.uint16(offset + 2))
  }
}
