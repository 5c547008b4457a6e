import Addresses
import Reactor

/// A protocol that knows its peer, for scenarios that join two with ``ReactorBuilder/runProtocols(server:client:)``.
///
/// Mirrors `twisted.internet.test.connectionmixins.ConnectableProtocol`.
open class ConnectableProtocol: Protocol {
  /// The reactor of the scenario.
  public internal(set) var reactor: Reactor?
  /// The other side.
  public internal(set) weak var peer: ConnectableProtocol?
  /// Why the connection was lost.
  public private(set) var disconnectReason: (any Error)?
  var done: (() throws -> Void)?

  open override func connectionLost(_ reason: any Error) throws {
    disconnectReason = reason
    let done = done
    self.done = nil
    try done?()
  }
}

/// Always gives the same protocol: for a single connection.
private final class SingleProtocolFactory: ClientFactory {
  let single: ConnectableProtocol

  init(_ single: ConnectableProtocol) {
    self.single = single
    super.init()
  }

  override func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? { single }

  override var logPrefix: String? { "_SingleProtocolFactory" }
}

extension ReactorBuilder {
  /// Connects two protocols on a new reactor, and runs it until both connections are lost.
  ///
  /// When one side is lost the other one writes, so that it notices.
  ///
  /// - Parameters:
  ///   - server: The accepting side.
  ///   - client: The connecting side.
  /// - Returns: The reactor, stopped.
  /// - Throws: ``ScenarioFailure`` when it had to be stopped, and what the reactor throws.
  @discardableResult
  public func runProtocols(server: ConnectableProtocol, client: ConnectableProtocol) throws -> Reactor {
    let reactor = try buildReactor()
    var lost = 0
    for (one, other) in [(server, client), (client, server)] {
      one.reactor = reactor
      one.peer = other
      one.done = {
        try other.transport?.write("GOODBYE")
        lost += 1
        if lost == 2 { try reactor.stop() }
      }
    }
    var failure: (any Error)?
    try reactor.callWhenRunning { [endpoints] in
      let listening = endpoints.server(reactor).listen(SingleProtocolFactory(server))
      listening.whenDone(failure: { failure = $0 }) { (port) in
        let connecting = try endpoints.client(reactor, port.getHost()).connect(SingleProtocolFactory(client))
        connecting.addErrback { failure = $0 }
      }
    }
    try runReactor(reactor)
    if let failure { throw failure }
    return reactor
  }
}

extension Deferred {
  /// Goes on with the value; an error of its own, or of what goes on, is handed to `failure`.
  func whenDone(failure: @escaping (any Error) -> Void, _ body: @escaping (Value) throws -> Void) {
    addBoth { (result) in
      do { try body(result.get()) } catch { failure(error) }
    }
  }
}
