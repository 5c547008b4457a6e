/// Looks up the IPv4 address of a host.
///
/// Mirrors `twisted.internet.interfaces.IResolverSimple`.
public protocol SimpleResolver: AnyObject {
  /// Looks a name up.
  ///
  /// - Parameters:
  ///   - name: The host's name; never an address literal.
  ///   - timeout: How long to wait for each attempt, in seconds.
  /// - Returns: Fires with an IPv4 address literal, or fails with a ``DNSLookupError``.
  /// - Throws: Whatever the application throws; it leaves ``Reactor/resolve(_:timeout:)``.
  func getHostByName(_ name: String, timeout: [Int]) throws -> Deferred<String>
}
