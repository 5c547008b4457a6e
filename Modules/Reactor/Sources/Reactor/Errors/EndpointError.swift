import Addresses

/// Why an endpoint's `connect` gave no protocol, beside the errors of connecting.
public enum EndpointError: NamedError, Hashable {
  /// Its Deferred was cancelled; the address is the destination.
  ///
  /// `ConnectingCancelledError`.
  case cancelled(Address)
  /// The factory returned no protocol.
  ///
  /// `NoProtocol`.
  case noProtocol

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .cancelled: "connecting-cancelled"
    case .noProtocol: "no-protocol"
    }
  }
}
