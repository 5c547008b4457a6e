/// Where a tunnel is attached: the kind of the device and its name.
///
/// Mirrors `twisted.pair.tuntap.TunnelAddress`. Two are equal when both parts are; unlike Twisted's it can be a key.
public struct TunnelAddress: Hashable, Sendable {
  /// The kind of the device.
  public var type: TunnelFlags
  /// Its name.
  public var name: InterfaceName

  /// Makes an address from its two parts.
  ///
  /// - Parameters:
  ///   - type: The kind of the device.
  ///   - name: Its name.
  public init(type: TunnelFlags, name: InterfaceName) {
    self.type = type
    self.name = name
  }
}

extension TunnelAddress: CustomStringConvertible {
  /// The address for people: `IFF_TAP tap0`.
  public var description: String { "\(type) \(name)" }
}
