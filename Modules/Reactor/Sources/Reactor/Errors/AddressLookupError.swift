/// An address and a port that cannot be turned into a socket's address.
///
/// Mirrors Python's `socket.gaierror`.
public struct AddressLookupError: NamedError, Hashable, CustomStringConvertible {
  /// The address, as it was given.
  public let host: String
  /// The port, as it was given.
  public let port: Int

  /// The family's name in the trace format.
  public var traceName: String { "address-lookup" }

  /// What was asked for.
  public var description: String { "there is no port \(port) at \(host)" }
}
