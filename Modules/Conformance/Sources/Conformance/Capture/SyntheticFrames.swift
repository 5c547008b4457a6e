extension SyntheticCapture {
  /// Bytes of packet information that a device without IFF_NO_PI puts before each frame.
  private static let informationByteCount = 4

  private struct Descriptor: Hashable {
    var system: String
    var name: String
  }

  private struct Device {
    var capture: Int
    var hasInformation: Bool
  }

  /// A capture for each device through which frames went; devices are numbered by kind, in the order of their making.
  static func deviceCaptures(of tree: TraceTree, epoch: Int) -> [SyntheticCapture] {
    var found: [SyntheticCapture] = []
    var devices: [Descriptor: Device] = [:]
    var at = 0
    for crossing in tree.crossings {
      let event = crossing.event
      at = event.at ?? at
      guard crossing.kind == .call || crossing.kind == .io, event.raises == nil,
        let name = event.args["fd"]?["fd"]?.text
      else { continue }
      let descriptor = Descriptor(system: crossing.target, name: name)
      switch crossing.method {
      case "ioctl":
        let flags = Self.flags(event)
        let kind = flags.contains("IFF_TAP") ? "tap" : flags.contains("IFF_TUN") ? "tun" : nil
        guard let kind else { continue }
        devices[descriptor] = Device(capture: found.count, hasInformation: !flags.contains("IFF_NO_PI"))
        let number = found.count(where: { $0.name.hasPrefix(kind) })
        found.append(
          SyntheticCapture(name: "\(kind)\(number)", linkType: kind == "tap" ? .ethernet : .ip, epoch: epoch))
      case "read", "write":
        guard let device = devices[descriptor] else { continue }
        let isOutbound = crossing.method == "write"
        // A writer gets the count of what went: nothing of a frame, or all of it.
        if isOutbound, event.gives == 0 { continue }
        guard let bytes = isOutbound ? event.args["data"]?.bytes : event.gives?.bytes, !bytes.isEmpty else { continue }
        let frame = Array(bytes.dropFirst(device.hasInformation ? informationByteCount : 0))
        found[device.capture].packets.append(
          Packet(
            at: at, bytes: frame, events: [crossing.n], object: found[device.capture].name, isOutbound: isOutbound))
      default: continue
      }
    }
    return found.filter { !$0.packets.isEmpty }
  }

  /// The flags that a device got, or those asked for where the answer does not say.
  private static func flags(_ event: TraceEvent) -> [String] {
    for value in [event.gives, event.args["arg"]] {
      if let flags = value?["ifreq"]?["flags"]?.list { return flags.compactMap(\.text) }
    }
    return []
  }
}
