/// A port that could not be opened for listening.
///
/// Mirrors `twisted.internet.error.CannotListenError`.
public struct CannotListenError: NamedError, Hashable {
  /// The interface that was asked for; empty for any.
  public var interface: String
  /// The port that was asked for.
  public var port: Int
  /// The system's refusal of the socket or of `bind`.
  public var cause: Errno

  /// Makes the error.
  ///
  /// - Parameters:
  ///   - interface: The interface that was asked for; empty for any.
  ///   - port: The port that was asked for.
  ///   - cause: The system's refusal.
  public init(interface: String, port: Int, cause: Errno) {
    self.interface = interface
    self.port = port
    self.cause = cause
  }

  /// The family's name in the trace format.
  public var traceName: String { "cannot-listen" }

  /// The operating system's error beneath.
  public var errno: Errno? { cause }
}

/// A descriptor of a kind that the reactor cannot adopt.
///
/// Mirrors `twisted.internet.error.UnsupportedAddressFamily`.
public struct UnsupportedAddressFamily: NamedError, Hashable {
  /// The family that was given.
  public var family: AddressFamily

  /// Makes the error.
  ///
  /// - Parameter family: The family that was given.
  public init(family: AddressFamily) { self.family = family }

  /// The family's name in the trace format.
  public var traceName: String { "unsupported-address-family" }
}

/// A number that the operating system has no room for, such as port 70000.
///
/// Python's `OverflowError`.
public struct OverflowError: NamedError, Hashable {
  /// The number.
  public var value: Int

  /// Makes the error.
  ///
  /// - Parameter value: The number.
  public init(value: Int) { self.value = value }

  /// The family's name in the trace format.
  public var traceName: String { "overflow" }
}
