/// A port to listen on that was described in a way that makes no sense.
public enum PortError: NamedError, Hashable {
  /// It is a service name, where only a number may stand. Twisted's `AssertionError`.
  case serviceName(String)
  /// It is a binding, and the interface beside it is another one than the binding's. Twisted's `ValueError`.
  case inconsistentInterface

  /// The family's name in the trace format.
  public var traceName: String {
    switch self {
    case .serviceName: "assertion"
    case .inconsistentInterface: "value-error"
    }
  }
}
