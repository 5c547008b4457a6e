/// The reactor's own reader: an eventfd that other threads and signal handlers write to.
final class Waker: Selectable {
  let descriptor: Int32
  private unowned let reactor: Reactor

  init(_ descriptor: Int32, reactor: Reactor) {
    self.descriptor = descriptor
    self.reactor = reactor
  }

  var logPrefix: String { "-" }

  var isHalfCloseable: Bool { false }

  func doRead() throws -> (any Error)? {
    // Whatever comes, it only says that there is something to look at; level triggering tells of what is left.
    var count: UInt64 = 0
    _ = unsafe withUnsafeMutableBytes(of: &count) { unsafe reactor.io.receive(descriptor, into: $0) }
    reactor.takeSignals()
    return nil
  }

  func doWrite() throws -> (any Error)? { nil }

  func readConnectionLost(_ reason: any Error) throws {}

  func connectionLost(_ reason: any Error) throws {}
}
