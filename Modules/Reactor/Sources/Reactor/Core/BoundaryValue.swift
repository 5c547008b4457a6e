import Addresses

/// A value that crosses the boundary between application and system, as a trace would write it.
public indirect enum BoundaryValue {
  /// Nothing: Python's `None`.
  case none
  /// A truth value.
  case bool(Bool)
  /// An integer.
  case int(Int)
  /// A number of seconds, or another number.
  case double(Double)
  /// A length of time.
  case duration(Duration)
  /// A text.
  case text(String)
  /// Bytes.
  case bytes([UInt8])
  /// An address.
  case address(Address)
  /// An error given as a value, such as the reason of a loss.
  case error(any Error)
  /// One of the objects that a trace names.
  case object(AnyObject, ObjectKind)
  /// A function.
  case callable(Callable)
  /// A Deferred, with its value or error if it has one.
  case deferred(AnyObject, fired: BoundaryValue?)
  /// Values in order.
  case list([BoundaryValue])
  /// Values in no order.
  case set([BoundaryValue])
  /// Several values of one argument, such as a host and a port.
  case tuple([BoundaryValue])
  /// A descriptor handed over.
  case descriptor(Int32)
}

/// An argument, under the name that Twisted's interface gives it.
///
/// One equal to its default is left out.
public struct BoundaryArgument {
  /// The name.
  public let name: StaticString
  /// The value.
  public let value: BoundaryValue

  /// Makes an argument.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - value: The value.
  public init(_ name: StaticString, _ value: BoundaryValue) {
    self.name = name
    self.value = value
  }
}

/// How a crossing ended.
public enum BoundaryOutcome {
  /// It returned a value.
  case gave(BoundaryValue)
  /// It threw.
  case raised(any Error)
}

/// The kinds of object that a trace names, numbered by kind in the order of their introduction.
public enum ObjectKind: String, Sendable, CaseIterable {
  /// A reactor.
  case reactor
  /// A factory of protocols.
  case factory
  /// A protocol.
  case `protocol`
  /// One connection's transport.
  case transport
  /// A listening port, or a datagram port.
  case port
  /// A connector.
  case connector
  /// A delayed call.
  case timer
  /// The id of a system event trigger.
  case trigger
  /// A call from a thread.
  case threadcall
  /// A function.
  case function
  /// A producer.
  case producer
  /// An application's reader or writer.
  case reader
  /// A resolver of names.
  case resolver
  /// A receiver of resolved addresses.
  case receiver
  /// One resolution under way.
  case resolution
  /// A TLS context or its factory.
  case context
  /// A Deferred.
  case deferred
  /// A pool of threads.
  case pool = "threadpool"
  /// A clock of the application's own.
  case clock
}
