/// A name that no resolver knows.
///
/// Mirrors `twisted.internet.error.DNSLookupError`.
public struct DNSLookupError: NamedError, Hashable, CustomStringConvertible {
  /// The name.
  public var name: String

  /// Makes an error.
  ///
  /// - Parameter name: The name that was looked up.
  public init(_ name: String) {
    self.name = name
  }

  /// The family's name in the trace format.
  public var traceName: String { "dns" }

  /// What happened, in a few words for people.
  public var description: String { "nobody knows the host \"\(name)\"" }
}
