/// A call that a connector refuses in its state.
public enum ConnectorError: NamedError, Hashable {
  /// `connect` on a connector that is connecting or connected: a plain `RuntimeError` of Twisted's.
  case notDisconnected
  /// `stopConnecting` on a connector that is not connecting.
  ///
  /// `NotConnectingError`.
  case notConnecting

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .notDisconnected: "runtime"
    case .notConnecting: "not-connecting"
    }
  }
}
