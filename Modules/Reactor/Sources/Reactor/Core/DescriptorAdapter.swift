/// An application's own reader or writer, as the reactor's table holds it.
final class DescriptorAdapter: Selectable {
  let object: any Descriptor
  private unowned let reactor: Reactor

  init(_ object: any Descriptor, reactor: Reactor) {
    self.object = object
    self.reactor = reactor
  }

  var publicObject: AnyObject { object }

  var descriptor: Int32 { (try? object.fileno()) ?? -1 }

  func fileno() throws -> Int32 { try object.fileno() }

  var logPrefix: String { object.logPrefix }

  var isHalfCloseable: Bool { object is any HalfCloseableDescriptor }

  func doRead() throws -> (any Error)? {
    guard let reader = object as? any ReadDescriptor else { throw DescriptorError.wrongDirection }
    return try told(.doRead, "doRead", gives: Self.reason) { try reader.doRead() }
  }

  func doWrite() throws -> (any Error)? {
    guard let writer = object as? any WriteDescriptor else { throw DescriptorError.wrongDirection }
    return try told(.doWrite, "doWrite", gives: Self.reason) { try writer.doWrite() }
  }

  func readConnectionLost(_ reason: any Error) throws {
    guard let halfCloseable = object as? any HalfCloseableDescriptor else { return }
    try told(.readConnectionLost, "readConnectionLost", FileDescriptor.arguments(reason)) {
      try halfCloseable.readConnectionLost(reason)
    }
  }

  func connectionLost(_ reason: any Error) throws {
    try told(.connectionLost, "connectionLost", FileDescriptor.arguments(reason)) { try object.connectionLost(reason) }
  }

  /// Calls back, unless the method is one that a ``FileDescriptor`` has from its class.
  private func told<R>(
    _ member: FileDescriptor.Member, _ name: StaticString, _ arguments: [BoundaryArgument] = [],
    gives: (R) -> BoundaryValue = { _ in .none }, _ body: () throws -> R
  ) throws -> R {
    if let own = object as? FileDescriptor { return try own.tell(member, name, arguments, gives: gives, body) }
    return try reactor.back(object, name, arguments, gives: gives, body)
  }

  private static func reason(_ reason: (any Error)?) -> BoundaryValue {
    reason.map(BoundaryValue.error) ?? .none
  }
}
