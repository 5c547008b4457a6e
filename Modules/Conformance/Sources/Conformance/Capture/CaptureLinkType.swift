import CPcap

/// What the packets of a capture begin with.
public enum CaptureLinkType: Hashable, Sendable {
  /// An Ethernet header: `LINKTYPE_ETHERNET`.
  case ethernet
  /// An IPv4 or IPv6 header, as the version says: `LINKTYPE_RAW`.
  case ip
  /// An IPv4 header: `LINKTYPE_IPV4`.
  case ipv4
  /// An IPv6 header: `LINKTYPE_IPV6`.
  case ipv6
  /// Something else, by libpcap's number for it on this machine (`DLT_…`).
  case other(Int32)

  /// The link type of libpcap's number for it.
  ///
  /// - Parameter number: The number on this machine (`DLT_…`), which is not always the one in a file.
  public init(number: Int32) {
    self =
      switch number {
      case DLT_EN10MB: .ethernet
      case DLT_RAW: .ip
      case DLT_IPV4: .ipv4
      case DLT_IPV6: .ipv6
      default: .other(number)
      }
  }

  /// libpcap's number on this machine (`DLT_…`).
  public var number: Int32 {
    switch self {
    case .ethernet: DLT_EN10MB
    case .ip: DLT_RAW
    case .ipv4: DLT_IPV4
    case .ipv6: DLT_IPV6
    case .other(let number): number
    }
  }

  /// Whether libpcap allows packets of many megabytes.
  var hasHugePackets: Bool {
    [DLT_DBUS, DLT_EBHSCR, DLT_USBPCAP, DLT_USB_LINUX_MMAPPED].contains(number)
  }
}

extension CaptureLinkType: CustomStringConvertible {
  /// libpcap's name, such as `EN10MB` or `LINUX_SLL2`; `DLT` and the number for one without.
  public var description: String {
    guard let name = unsafe pcap_datalink_val_to_name(number) else { return "DLT \(number)" }
    return unsafe String(cString: name)
  }
}
