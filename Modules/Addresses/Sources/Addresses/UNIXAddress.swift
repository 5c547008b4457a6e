/// The name of a UNIX domain socket: a path, an abstract name, or none.
///
/// Mirrors `twisted.internet.address.UNIXAddress`, whose `name` is None or empty where this one is `.unnamed`, and begins
/// with a zero byte where this one is `.abstract`. Two addresses are equal when their bytes are; Twisted also compares
/// the files that two paths lead to, which takes a file system and is no matter of values.
public struct UNIXAddress: Hashable, Sendable {
  /// The three kinds of name that Linux has (unix(7)).
  public enum Name: Hashable, Sendable {
    /// No name: a socket that was not bound.
    case unnamed
    /// A path in the file system: 1 to 108 bytes, none of them zero.
    case path([UInt8])
    /// A name in the abstract namespace: 0 to 107 bytes of any value, without the zero byte that the kernel puts before
    /// it.
    case abstract([UInt8])
  }

  /// The most bytes a path may have.
  ///
  /// Where it has all of them, no zero byte ends it in the `sockaddr`. Portable programs keep to one less; Python, and so Twisted, insists on that.
  public static let maximumPathLength = 108
  /// The most bytes an abstract name may have.
  public static let maximumAbstractLength = 107

  /// The name.
  public let name: Name

  /// Makes an address from a name.
  ///
  /// - Parameter name: The name.
  /// - Throws: `AddressError` for a path that is empty, too long or has a zero byte in it, and for an abstract name that
  ///   is too long. The position is an offset into the path or name.
  public init(_ name: Name) throws(AddressError) {
    switch name {
    case .unnamed: break
    case .path(let path): try Self.check(path: path.span)
    case .abstract(let name): try Self.check(name.span, isAtMost: Self.maximumAbstractLength)
    }
    self.name = name
  }

  /// Makes an address from a path.
  ///
  /// - Parameter path: The path as it is, with no escapes: 1 to 108 bytes of UTF-8, none of them zero.
  /// - Throws: `AddressError` for a path that is empty, too long or has a zero byte in it.
  public init(path: String) throws(AddressError) {
    try self.init(.path(Array(path.utf8)))
  }

  /// The address of a socket without a name.
  public static let unnamed = UNIXAddress()

  private init() {
    name = .unnamed
  }

  private static func check(path: Span<UInt8>) throws(AddressError) {
    guard path.count > 0 else {
      throw AddressError(.unixName, expected: .atLeast(bytes: 1), found: .bytes(0), position: 0)
    }
    for position in 0..<path.count where path[position] == 0 {
      throw AddressError(.unixName, expected: .nonzeroByte, in: path, at: position)
    }
    try check(path, isAtMost: maximumPathLength)
  }

  private static func check(_ name: Span<UInt8>, isAtMost limit: Int) throws(AddressError) {
    guard name.count <= limit else {
      throw AddressError(.unixName, expected: .atMost(bytes: limit), found: .bytes(name.count), position: limit)
    }
  }
}
