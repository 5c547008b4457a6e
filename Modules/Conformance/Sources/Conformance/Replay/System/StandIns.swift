import Addresses
import Reactor

/// Plays an application's part of the callback that is under way on the calling thread.
protocol Player: AnyObject {
  /// Makes the calls that the recording has inside this callback, and gives what it returned.
  ///
  /// - Returns: What the recorded callback returned; `nil` for nothing.
  /// - Throws: What it raised.
  func play() throws -> TraceValue?
  /// The live value of a recorded one that stands for an object.
  func object(_ value: TraceValue?) -> AnyObject?
  /// The live error of a recorded one.
  func error(_ value: TraceValue) -> any Error
}

/// An application's object in a replay: it says of itself what the recorded object's introduction said.
protocol StandIn: AnyObject {
  /// What stood beside the object's name where it was introduced: `implements`, `logPrefix`.
  var introduction: TraceMapping { get }
}

extension TraceMapping {
  /// The words of `implements`.
  var interfaces: Set<String> { Set(self["implements"]?.list?.compactMap(\.text) ?? []) }
}

/// A protocol's stand-in.
///
/// Subclasses conform to what the recorded object implemented; the methods are all here.
class StandInProtocol: StreamProtocol, StandIn {
  let introduction: TraceMapping
  private weak var player: (any Player)?

  required init(_ introduction: TraceMapping, _ player: any Player) {
    self.introduction = introduction
    self.player = player
  }

  /// The stand-in of exactly these interfaces.
  static func make(
    _ introduction: TraceMapping, _ interfaces: Set<String>, _ player: any Player
  ) -> StandInProtocol {
    let type: StandInProtocol.Type =
      switch (interfaces.contains("half-close"), interfaces.contains("push"), interfaces.contains("pull")) {
      case (false, false, false): StandInProtocol.self
      case (false, true, _): PushingStandIn.self
      case (false, false, true): PullingStandIn.self
      case (true, false, false): HalfCloseableStandIn.self
      case (true, true, _): HalfCloseablePushingStandIn.self
      case (true, false, true): HalfCloseablePullingStandIn.self
      }
    return type.init(introduction, player)
  }

  var logPrefix: String? { introduction["logPrefix"]?.text }

  func makeConnection(_ transport: any StreamTransport) throws { _ = try player?.play() }
  func dataReceived(_ data: RawSpan) throws { _ = try player?.play() }
  func connectionLost(_ reason: any Error) throws { _ = try player?.play() }
  func readConnectionLost() throws { _ = try player?.play() }
  func writeConnectionLost() throws { _ = try player?.play() }
  func resumeProducing() throws { _ = try player?.play() }
  func pauseProducing() throws { _ = try player?.play() }
  func stopProducing() throws { _ = try player?.play() }
}

private final class PushingStandIn: StandInProtocol, PushProducer {}
private final class PullingStandIn: StandInProtocol, Producer {}
private final class HalfCloseableStandIn: StandInProtocol, HalfCloseableProtocol {}
private final class HalfCloseablePushingStandIn: StandInProtocol, HalfCloseableProtocol, PushProducer {}
private final class HalfCloseablePullingStandIn: StandInProtocol, HalfCloseableProtocol, Producer {}

/// A factory's stand-in, good for clients and servers.
final class StandInFactory: ClientProtocolFactory, StandIn {
  let introduction: TraceMapping
  private weak var player: (any Player)?

  init(_ introduction: TraceMapping, _ player: any Player) {
    self.introduction = introduction
    self.player = player
  }

  var logPrefix: String? { introduction["logPrefix"]?.text }

  func doStart() throws { _ = try player?.play() }
  func doStop() throws { _ = try player?.play() }
  func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? {
    let value = try player?.play()
    return player?.object(value) as? any StreamProtocol
  }
  func startedConnecting(_ connector: Connector) throws { _ = try player?.play() }
  func clientConnectionFailed(_ connector: Connector, reason: any Error) throws { _ = try player?.play() }
  func clientConnectionLost(_ connector: Connector, reason: any Error) throws { _ = try player?.play() }
}

/// A producer's stand-in.
class StandInProducer: Producer, StandIn {
  let introduction: TraceMapping
  private weak var player: (any Player)?

  init(_ introduction: TraceMapping, _ player: any Player) {
    self.introduction = introduction
    self.player = player
  }

  func resumeProducing() throws { _ = try player?.play() }
  func pauseProducing() throws { _ = try player?.play() }
  func stopProducing() throws { _ = try player?.play() }
}

/// The stand-in of a producer that can be paused.
final class StandInPushProducer: StandInProducer, PushProducer {}

/// A stand-in that answers when the reactor asks for its descriptor.
protocol NumberedStandIn: StandIn {
  /// What it answers.
  var number: Int32 { get set }
}

/// The stand-in of an application's own reader or writer.
class StandInReader: ReadDescriptor, WriteDescriptor, NumberedStandIn {
  let introduction: TraceMapping
  /// What it answers when the reactor asks for its descriptor.
  var number: Int32
  private weak var player: (any Player)?

  init(_ introduction: TraceMapping, _ player: any Player, number: Int32) {
    self.introduction = introduction
    self.player = player
    self.number = number
  }

  var logPrefix: String { introduction["logPrefix"]?.text ?? "-" }

  func fileno() -> Int32 { number }

  func doRead() throws -> (any Error)? { try reason() }
  func doWrite() throws -> (any Error)? { try reason() }
  func connectionLost(_ reason: any Error) throws { _ = try player?.play() }
  func readConnectionLost(_ reason: any Error) throws { _ = try player?.play() }

  private func reason() throws -> (any Error)? {
    guard let value = try player?.play(), value["error"] != nil else { return nil }
    return player?.error(value)
  }
}

/// The stand-in of a reader whose two directions end separately.
final class StandInHalfCloseableReader: StandInReader, HalfCloseableDescriptor {}

/// The stand-in of a resolver that gives one address, as text.
final class StandInSimpleResolver: SimpleResolver, StandIn {
  let introduction: TraceMapping
  private weak var player: (any Player)?

  init(_ introduction: TraceMapping, _ player: any Player) {
    self.introduction = introduction
    self.player = player
  }

  func getHostByName(_ name: String, timeout: [Int]) throws -> Deferred<String> {
    let value = try player?.play()
    return player?.object(value) as? Deferred<String> ?? Deferred()
  }
}

/// The stand-in of a resolver that tells a receiver of addresses.
final class StandInHostnameResolver: HostnameResolver, StandIn {
  let introduction: TraceMapping
  private weak var player: (any Player)?

  init(_ introduction: TraceMapping, _ player: any Player) {
    self.introduction = introduction
    self.player = player
  }

  func resolveHostName(
    _ receiver: any ResolutionReceiver, hostName: String, portNumber: UInt16, addressTypes: AddressTypes,
    transportSemantics: TransportKind
  ) throws -> any HostResolution {
    let value = try player?.play()
    return player?.object(value) as? any HostResolution ?? StandInResolution(name: hostName)
  }
}

/// The stand-in of a resolution under way.
final class StandInResolution: HostResolution {
  let name: String

  init(name: String) { self.name = name }

  func cancel() {}
}

/// The stand-in of a factory of TLS contexts; its context is an object that nobody knows.
final class StandInContextFactory: TLSContextFactory, StandIn {
  let introduction: TraceMapping
  private weak var player: (any Player)?

  init(_ introduction: TraceMapping, _ player: any Player) {
    self.introduction = introduction
    self.player = player
  }

  func getContext() throws -> AnyObject {
    let value = try player?.play()
    return player?.object(value) ?? Token()
  }
}

/// An object that means nothing to the system: what is handed on, and what a trace calls opaque.
final class Token {}
