/// What kind of tunnel a device is, and how it is used: the flags of the TUN/TAP driver.
///
/// Mirrors `twisted.pair.tuntap.TunnelFlags`; the numbers are those of Linux's `linux/if_tun.h`, the older `TUN_` ones too.
public struct TunnelFlags: OptionSet, Hashable, Sendable {
  /// The bits, as the driver takes them.
  public let rawValue: UInt16

  /// Makes a set of flags.
  ///
  /// - Parameter rawValue: The bits, as the driver takes them.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// A tunnel of IP packets, `IFF_TUN`.
  public static let tun = TunnelFlags(rawValue: 0x0001)
  /// A tunnel of Ethernet frames, `IFF_TAP`.
  public static let tap = TunnelFlags(rawValue: 0x0002)
  /// `TUN_FASYNC`.
  public static let fasync = TunnelFlags(rawValue: 0x0010)
  /// `TUN_NOCHECKSUM`.
  public static let noChecksum = TunnelFlags(rawValue: 0x0020)
  /// `TUN_NO_PI`.
  public static let tunNoPI = TunnelFlags(rawValue: 0x0040)
  /// `TUN_ONE_QUEUE`.
  public static let tunOneQueue = TunnelFlags(rawValue: 0x0080)
  /// The device outlives its descriptor, `TUN_PERSIST`.
  public static let persist = TunnelFlags(rawValue: 0x0100)
  /// `TUN_VNET_HDR`.
  public static let tunVnetHeader = TunnelFlags(rawValue: 0x0200)
  /// No packet-information header before each packet, `IFF_NO_PI`.
  public static let noPI = TunnelFlags(rawValue: 0x1000)
  /// `IFF_ONE_QUEUE`.
  public static let oneQueue = TunnelFlags(rawValue: 0x2000)
  /// `IFF_VNET_HDR`.
  public static let vnetHeader = TunnelFlags(rawValue: 0x4000)
  /// The device must not exist yet, `IFF_TUN_EXCL`.
  public static let exclusive = TunnelFlags(rawValue: 0x8000)

  /// Each flag with the name that Linux and Twisted give it, in the order of their numbers.
  public static let names: [(flag: TunnelFlags, name: String)] = [
    (.tun, "IFF_TUN"), (.tap, "IFF_TAP"), (.fasync, "TUN_FASYNC"), (.noChecksum, "TUN_NOCHECKSUM"),
    (.tunNoPI, "TUN_NO_PI"), (.tunOneQueue, "TUN_ONE_QUEUE"), (.persist, "TUN_PERSIST"),
    (.tunVnetHeader, "TUN_VNET_HDR"), (.noPI, "IFF_NO_PI"), (.oneQueue, "IFF_ONE_QUEUE"),
    (.vnetHeader, "IFF_VNET_HDR"), (.exclusive, "IFF_TUN_EXCL"),
  ]
}

extension TunnelFlags: CustomStringConvertible {
  /// The names of the flags, joined by `|`; bits without a name as one number.
  public var description: String {
    var parts: [String] = []
    var rest = self
    for (flag, name) in Self.names where contains(flag) {
      parts.append(name)
      rest.remove(flag)
    }
    if rest.rawValue != 0 || parts.isEmpty { parts.append("0x" + String(rest.rawValue, radix: 16)) }
    return parts.joined(separator: "|")
  }
}
