/// An error that a trace can name: a family, by its name in the trace format, and the operating system's part in it.
///
/// Two errors agree when family and errno agree; messages are for people.
public protocol NamedError: Error {
  /// The family's name in the trace format, such as `refused`.
  var traceName: String { get }
  /// The operating system's error beneath, if there is one.
  var errno: Errno? { get }
}

extension NamedError {
  /// The default: no error of the operating system is beneath.
  public var errno: Errno? { nil }
}
