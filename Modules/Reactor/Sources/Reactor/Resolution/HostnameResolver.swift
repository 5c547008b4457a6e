import Addresses

/// Looks up all addresses of a host.
///
/// Mirrors `twisted.internet.interfaces.IHostnameResolver`.
public protocol HostnameResolver: AnyObject {
  /// Begins to look a name up.
  ///
  /// - Parameters:
  ///   - receiver: Told that the resolution began, each address as it is found, and the end, in this order; each may come
  ///     inside this call.
  ///   - hostName: The host's name.
  ///   - portNumber: The port to put into each address.
  ///   - addressTypes: The families that are wanted.
  ///   - transportSemantics: The kind of transport that the addresses are for.
  /// - Returns: The resolution, the same that the receiver was told of.
  /// - Throws: Whatever the application throws.
  func resolveHostName(
    _ receiver: any ResolutionReceiver, hostName: String, portNumber: UInt16, addressTypes: AddressTypes,
    transportSemantics: TransportKind
  ) throws -> any HostResolution
}

/// The address families that a name is looked up for.
public enum AddressTypes: Sendable, Hashable, CaseIterable {
  /// IPv4 only.
  case ipv4
  /// IPv6 only.
  case ipv6
  /// Both.
  case any
}

/// One look-up that is under way.
///
/// Mirrors `twisted.internet.interfaces.IHostResolution`.
public protocol HostResolution: AnyObject {
  /// The name that is looked up.
  var name: String { get }

  /// Asks to stop looking.
  ///
  /// - Throws: Whatever the application throws; the system's own resolver cannot stop.
  func cancel() throws
}

/// Is told the results of one look-up.
///
/// Mirrors `twisted.internet.interfaces.IResolutionReceiver`.
public protocol ResolutionReceiver: AnyObject {
  /// The look-up began; called once and first.
  ///
  /// - Parameter resolution: The look-up.
  /// - Throws: Whatever the application throws.
  func resolutionBegan(_ resolution: any HostResolution) throws

  /// An address was found.
  ///
  /// - Parameter address: The address.
  /// - Throws: Whatever the application throws.
  func addressResolved(_ address: Address) throws

  /// There are no more addresses; called once and last.
  ///
  /// - Throws: Whatever the application throws.
  func resolutionComplete() throws
}
