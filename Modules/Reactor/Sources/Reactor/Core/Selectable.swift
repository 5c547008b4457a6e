/// What the reactor's table of descriptors holds: a transport, a port, or an adapter around an application's own reader.
///
/// The reactor calls `doRead` before `doWrite` on one descriptor. A returned reason, or a thrown error, ends it: the reactor
/// removes it and calls `readConnectionLost` or `connectionLost`, as `twisted.internet.posixbase` does.
package protocol Selectable: AnyObject {
  /// The descriptor, or -1 once it is closed.
  var descriptor: Int32 { get }
  /// The descriptor, asked for just before it is served. Mirrors `fileno`.
  func fileno() throws -> Int32
  /// The name in log lines about it.
  var logPrefix: String { get }
  /// Whether an orderly end seen while reading goes to `readConnectionLost` (`IHalfCloseableDescriptor`).
  var isHalfCloseable: Bool { get }
  /// Reads once; a returned error is the reason to disconnect it.
  func doRead() throws -> (any Error)?
  /// Writes once; a returned error is the reason to disconnect it.
  func doWrite() throws -> (any Error)?
  /// The peer closed its sending side.
  func readConnectionLost(_ reason: any Error) throws
  /// It is gone: already removed from the reactor.
  func connectionLost(_ reason: any Error) throws
  /// Whom `getReaders` and its kin return: itself, or the application's own object.
  var publicObject: AnyObject { get }
}

extension Selectable {
  /// The default: the descriptor, as it is.
  package func fileno() throws -> Int32 { descriptor }
  /// The default: itself.
  package var publicObject: AnyObject { self }
}
