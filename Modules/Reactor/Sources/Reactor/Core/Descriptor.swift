/// An application's own descriptor, for the reactor to poll.
///
/// Mirrors `twisted.internet.interfaces.IFileDescriptor`.
public protocol Descriptor: AnyObject {
  /// The descriptor's number.
  ///
  /// - Returns: The number, or -1 once it is closed.
  /// - Throws: Whatever the application throws: it leaves `addReader` and `addWriter`, has `removeReader` and `removeWriter`
  ///   look for the object itself, and in a poll ends the descriptor.
  func fileno() throws -> Int32

  /// Tells that the reactor polls it no more, because of an error, a hang-up, or the reactor's shutdown.
  ///
  /// - Parameter reason: A ``ConnectionClosed``, or the error that `doRead` or `doWrite` gave.
  /// - Throws: Whatever the application throws: it is logged.
  func connectionLost(_ reason: any Error) throws

  /// The name in log lines about it. Mirrors `twisted.internet.interfaces.ILoggingContext`.
  var logPrefix: String { get }
}

extension Descriptor {
  /// The default: the name of the type.
  public var logPrefix: String { "\(type(of: self))" }
}

/// A descriptor that can be polled for reading.
///
/// Mirrors `twisted.internet.interfaces.IReadDescriptor`.
public protocol ReadDescriptor: Descriptor {
  /// Reads what is there.
  ///
  /// - Returns: Nothing to go on, or the reason to stop polling it, which `connectionLost` is then called with.
  /// - Throws: Whatever the application throws: it is logged, and is the reason to stop polling it.
  func doRead() throws -> (any Error)?
}

/// A descriptor that can be polled for writing.
///
/// Mirrors `twisted.internet.interfaces.IWriteDescriptor`.
public protocol WriteDescriptor: Descriptor {
  /// Writes what there is to write.
  ///
  /// - Returns: Nothing to go on, or the reason to stop polling it, which `connectionLost` is then called with.
  /// - Throws: Whatever the application throws: it is logged, and is the reason to stop polling it.
  func doWrite() throws -> (any Error)?
}

/// A descriptor whose two directions end separately.
///
/// Mirrors `twisted.internet.interfaces.IHalfCloseableDescriptor`.
public protocol HalfCloseableDescriptor: Descriptor {
  /// Tells that the other side will send nothing more; it is not polled for reading any more.
  ///
  /// - Parameter reason: Always ``ConnectionClosed/done``.
  /// - Throws: Whatever the application throws: it is logged.
  func readConnectionLost(_ reason: any Error) throws
}
