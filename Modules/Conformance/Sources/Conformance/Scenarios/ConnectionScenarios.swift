import Addresses
import Reactor

/// What holds for both sides of most connections, after `twisted.internet.test.connectionmixins.ConnectionTestsMixin`.
public enum ConnectionScenarios {
  /// All of them, in the order of their names in the suite.
  public static let all = [logPrefix, writeAfterDisconnect, protocolGarbageAfterLostConnection]

  /// A transport's log prefix speaks of the protocol it runs.
  public static let logPrefix = ReactorScenario(
    "logPrefix", "client and server transports are named in the log after their protocols"
  ) { (builder) in
    let client = CustomLogPrefixProtocol("Custom Client")
    let server = CustomLogPrefixProtocol("Custom Server")
    try builder.runProtocols(server: server, client: client)
    try expect(client.system.contains("Custom Client"), "the client's log lines bear \(client.system)")
    try expect(server.system.contains("Custom Server"), "the server's log lines bear \(server.system)")
  }

  /// Writing after the loss of a connection does nothing.
  public static let writeAfterDisconnect = ReactorScenario(
    "writeAfterDisconnect", "after a connection is lost, write and writeSequence do nothing"
  ) { (builder) in
    let reactor = try builder.buildReactor()
    var finished = 0
    var failure: (any Error)?
    func disconnected(_ transport: (any StreamTransport)?) throws {
      try transport?.write("some bytes to get lost")
      try transport?.writeSequence([Array("some".utf8), Array("more".utf8)])
      finished += 1
      if finished == 2 { try reactor.stop() }
    }
    let listening = builder.endpoints.server(reactor).listen(
      Named("ServerFactory") { ClosingLaterProtocol(onConnectionLost: disconnected) })
    try reactor.callWhenRunning {
      listening.whenDone(failure: { failure = $0 }) { (port) in
        // Asked twice, as the original logs the address before it uses it.
        _ = try port.getHost()
        let client = ClosingLaterProtocol(onConnectionLost: disconnected)
        let connecting = try builder.endpoints.client(reactor, port.getHost()).connect(
          Named("ClientFactory") { client })
        connecting.whenDone(failure: { failure = $0 }) { _ in try client.transport?.write("x") }
      }
    }
    try builder.runReactor(reactor)
    if let failure { throw failure }
    try expect(finished, is: 2, "protocols that wrote after their connection was lost")
  }

  /// The reactor forgets a protocol whose connection is gone.
  public static let protocolGarbageAfterLostConnection = ReactorScenario(
    "protocolGarbageAfterLostConnection", "a lost connection leaves no reference to its protocol"
  ) { (builder) in
    let reactor = try builder.buildReactor()
    var failure: (any Error)?
    var protocol_: ClosingLaterProtocol? = ClosingLaterProtocol { _ in try reactor.stop() }
    weak let reference = protocol_
    let listening = builder.endpoints.server(reactor).listen(Named("ServerFactory") { NamedProtocol("Protocol") })
    try reactor.callWhenRunning {
      listening.whenDone(failure: { failure = $0 }) { (port) in
        _ = try port.getHost()
        guard let client = reference else { throw ScenarioFailure("the protocol was gone too early") }
        let connecting = try builder.endpoints.client(reactor, port.getHost()).connect(
          Named("ClientFactory") { [weak client] in client })
        connecting.whenDone(failure: { failure = $0 }) { (made) in
          try (made as? ClosingLaterProtocol)?.transport?.loseConnection()
        }
      }
    }
    try builder.runReactor(reactor)
    if let failure { throw failure }
    let name = protocol_.flatMap { builder.recorder?.drop($0) }
    protocol_ = nil
    try expect(reference == nil, "the protocol is still referred to")
    if let name { builder.recorder?.check(released: name) }
  }
}

/// A factory with a given name in the log, as the original's classes have.
final class Named: ClientFactory {
  private let name: String

  init(_ name: String, _ protocol: @escaping () -> (any StreamProtocol)?) {
    self.name = name
    build = `protocol`
    super.init()
  }

  private let build: () -> (any StreamProtocol)?

  override func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? { build() }

  override var logPrefix: String? { name }
}

/// A protocol that does nothing, with a given name in the log.
final class NamedProtocol: Protocol {
  private let name: String

  init(_ name: String) {
    self.name = name
  }

  override var logPrefix: String? { name }
}

/// Sends a byte, answers one, and remembers how the log spoke of it meanwhile.
private final class CustomLogPrefixProtocol: ConnectableProtocol {
  private let prefix: String
  private(set) var system = ""

  init(_ prefix: String) {
    self.prefix = prefix
  }

  override var logPrefix: String? { prefix }

  override func connectionMade() throws {
    try transport?.write("a")
  }

  override func dataReceived(_ data: RawSpan) throws {
    system = reactor?.logContext ?? ""
    try transport?.write("b")
    // In bounds: the offsets are those of the span itself.
    let hasAnswer = (0..<data.byteCount).contains {
      unsafe data.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == UInt8(ascii: "b")
    }
    if hasAnswer { try transport?.loseConnection() }
  }
}

/// Closes when it has received something, and tells when it is lost.
final class ClosingLaterProtocol: Protocol {
  private let onConnectionLost: ((any StreamTransport)?) throws -> Void

  init(onConnectionLost: @escaping ((any StreamTransport)?) throws -> Void) {
    self.onConnectionLost = onConnectionLost
  }

  override var logPrefix: String? { "ClosingLaterProtocol" }

  override func dataReceived(_ data: RawSpan) throws {
    try transport?.loseConnection()
  }

  override func connectionLost(_ reason: any Error) throws {
    try onConnectionLost(transport)
  }
}
