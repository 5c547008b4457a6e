/// A port as an application names it: a number or the name of a service, both as literals.
///
/// Any number can be written, because a number that no socket can have must fail at the time and in the way that Twisted
/// fails, and not in the type.
public enum PortSpecifier: Hashable, Sendable {
  /// A number.
  case number(Int)
  /// The name of a TCP service, such as `http`.
  case service(String)
}

extension PortSpecifier: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  /// Takes a number.
  ///
  /// - Parameter value: The number.
  public init(integerLiteral value: Int) {
    self = .number(value)
  }

  /// Takes the name of a service.
  ///
  /// - Parameter value: The name.
  public init(stringLiteral value: String) {
    self = .service(value)
  }
}
