/// A way in which a connection ends, or an attempt at one, and the side that brings it about.
struct Loss: Hashable {
  /// The ways.
  enum Way: String, CaseIterable {
    // Either side may.
    case close
    case closeAfterOutput = "close after output"
    case halfClose = "half-close"
    case abort
    case idleTimeout = "idle time-out"
    case noProtocol = "no protocol"
    case errorInBuildProtocol = "error in buildProtocol"
    case errorInMakeConnection = "error in makeConnection"
    case errorInDataReceived = "error in dataReceived"
    case errorInReadConnectionLost = "error in readConnectionLost"
    case errorInWriteConnectionLost = "error in writeConnectionLost"
    case errorInConnectionLost = "error in connectionLost"
    case errorInResumeProducing = "error in resumeProducing"
    case errorInPauseProducing = "error in pauseProducing"
    // The client's attempt.
    case refused
    case connectTimeout = "connect time-out"
    case stopConnecting
    case errorInStartFactory = "error in startFactory"
    case errorInStartedConnecting = "error in startedConnecting"
    case errorInClientConnectionFailed = "error in clientConnectionFailed"
    case errorInClientConnectionLost = "error in clientConnectionLost"
    case errorInStopFactory = "error in stopFactory"
    // Left open until the reactor stops.
    case stopIdle = "stop, idle"
    case stopPaused = "stop, paused"
    case stopWithOutput = "stop, output waiting"
    case stopHalfClosed = "stop, half-closed"
    case stopWithProducer = "stop, producer registered"
    case stopInConnectionLost = "stop, error in connectionLost"
    case errorInStopProducing = "stop, error in stopProducing"
    case stopWhileConnecting = "stop, connecting"
  }

  enum Side: String, CaseIterable {
    case client
    case server
  }

  let way: Way
  let side: Side

  /// Whether the connection stays open until the reactor stops.
  var isLeftToStop: Bool {
    switch way {
    case .stopIdle, .stopPaused, .stopWithOutput, .stopHalfClosed, .stopWithProducer, .stopInConnectionLost,
      .errorInStopProducing, .stopWhileConnecting:
      true
    default: false
    }
  }

  private static func sides(of way: Way) -> [Side] {
    switch way {
    case .refused, .connectTimeout, .stopConnecting, .errorInStartFactory, .errorInStartedConnecting,
      .errorInClientConnectionFailed, .errorInClientConnectionLost, .errorInStopFactory, .stopWhileConnecting:
      [.client]
    default: Side.allCases
    }
  }

  /// Every way, with each side that has it.
  static let all = Way.allCases.flatMap { (way) in sides(of: way).map { Loss(way: way, side: $0) } }

  /// Who is told of the end of one connection.
  var expected: Tally {
    switch (way, side) {
    case (.noProtocol, .client): Tally(connectorLost: 1, serverLost: 1)
    case (.noProtocol, .server), (.errorInBuildProtocol, .server): Tally(clientLost: 1, connectorLost: 1)
    case (.errorInBuildProtocol, .client): Tally(failed: 1, serverLost: 1)
    case (.errorInConnectionLost, .client): Tally(clientLost: 1, serverLost: 1)
    case (.refused, _), (.connectTimeout, _), (.stopConnecting, _): Tally(failed: 1)
    // As in Twisted: told again by what ends the descriptor.
    case (.errorInClientConnectionFailed, _): Tally(failed: 2)
    case (.errorInStartFactory, _): Tally()
    default: Tally(clientLost: 1, connectorLost: 1, serverLost: 1)
    }
  }
}

/// How many were told of an end.
struct Tally: Hashable, CustomStringConvertible {
  /// Protocols of clients, by `connectionLost`.
  var clientLost = 0
  /// Factories of clients, by `clientConnectionLost`.
  var connectorLost = 0
  /// Factories of clients, by `clientConnectionFailed`.
  var failed = 0
  /// Protocols of servers, by `connectionLost`.
  var serverLost = 0

  static func * (one: Tally, count: Int) -> Tally {
    Tally(
      clientLost: one.clientLost * count, connectorLost: one.connectorLost * count, failed: one.failed * count,
      serverLost: one.serverLost * count)
  }

  static func += (sum: inout Tally, more: Tally) {
    sum.clientLost += more.clientLost
    sum.connectorLost += more.connectorLost
    sum.failed += more.failed
    sum.serverLost += more.serverLost
  }

  var description: String {
    "connectionLost \(clientLost) clients \(serverLost) servers, clientConnectionLost \(connectorLost), "
      + "clientConnectionFailed \(failed)"
  }
}
