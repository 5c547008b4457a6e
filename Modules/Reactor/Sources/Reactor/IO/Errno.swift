/// An error number of the operating system, with its name.
///
/// A trace holds the name, never the number, because numbers differ between systems.
public struct Errno: RawRepresentable, Error, Hashable, Sendable {
  /// The number, as `errno` holds it.
  public let rawValue: Int32

  /// Wraps a number.
  ///
  /// - Parameter rawValue: The number, as `errno` holds it.
  @inlinable public init(rawValue: Int32) {
    self.rawValue = rawValue
  }
}

extension Errno {
  /// The name, such as `ECONNREFUSED`; `E` and the number for one that the table does not know.
  public var name: String {
    ErrnoTable.names[rawValue] ?? "E\(rawValue)"
  }

  /// The error of a name, or `nil` for a name that the table does not know.
  ///
  /// - Parameter name: The name, such as `ECONNREFUSED`, or `E` and a number.
  public init?(name: String) {
    if let number = ErrnoTable.numbers[name] ?? name.numberAfterE {
      self.init(rawValue: number)
    } else {
      return nil
    }
  }
}

extension String {
  fileprivate var numberAfterE: Int32? {
    hasPrefix("E") ? Int32(dropFirst()).flatMap { $0 > 0 ? $0 : nil } : nil
  }
}

extension Errno: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

extension Errno: NamedError {
  /// The family's name in the trace format: an error of the system's that nothing wraps, Python's `OSError`.
  public var traceName: String { "os-error" }
  /// The error itself.
  public var errno: Errno? { self }
}
