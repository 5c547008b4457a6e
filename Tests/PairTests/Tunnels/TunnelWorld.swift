import Pair
import Reactor

/// Receives frames or packets, and writes down what it is told.
class Recorder: AbstractDatagramProtocol {
  var received: [[UInt8]] = []
  var happened: [String] = []
  /// What is done with each packet, beside keeping it.
  var onReceive: (() throws -> Void)?
  var stopError: (any Error)?

  func take(_ data: RawSpan) throws {
    received.append(Array(data))
    happened.append("received")
    try onReceive?()
  }

  override func startProtocol() throws { happened.append("start \(transport == nil ? "without" : "with") transport") }

  override func stopProtocol() throws {
    happened.append("stop \(transport == nil ? "without" : "with") transport")
    if let stopError { throw stopError }
  }
}

final class FrameRecorder: Recorder, EthernetReceiver {
  func datagramReceived(_ data: RawSpan, partial: Int) throws { try take(data) }
}

final class PacketRecorder: Recorder, RawPacketReceiver {
  func datagramReceived(_ data: RawSpan, partial: Int, link: LinkHeader?) throws { try take(data) }
}

/// A reactor of one port: a clock, and a set of readers.
final class PortReactor: ReactorFDSet, ReactorTime {
  let clock = ManualClock()
  var readers: [ObjectIdentifier] = []
  var happened: [String] = []

  func addReader(_ reader: any ReadDescriptor) throws {
    happened.append("addReader")
    readers.append(ObjectIdentifier(reader))
  }

  func addWriter(_ writer: any WriteDescriptor) throws { happened.append("addWriter") }

  func removeReader(_ reader: any ReadDescriptor) {
    happened.append("removeReader")
    readers.removeAll { $0 == ObjectIdentifier(reader) }
  }

  func removeWriter(_ writer: any WriteDescriptor) { happened.append("removeWriter") }

  func seconds() -> Double { clock.seconds() }

  func callLater(_ delay: Duration, _ callable: Callable) -> DelayedCall {
    happened.append("callLater")
    return clock.callLater(delay, callable)
  }

  func getDelayedCalls() -> [DelayedCall] { clock.getDelayedCalls() }
}

/// A port over memory, of one kind, with all that belongs to it.
final class TunnelWorld {
  let system = MemoryIOSystem.withTunnels()
  let reactor = PortReactor()
  let receiver: Recorder
  let port: TuntapPort
  let log = LogLines()

  init(_ mode: TunnelFlags, maxPacketSize: Int = 8192, profile: PairProfile = .twistedCompatible) throws {
    receiver = mode == .tap ? FrameRecorder() : PacketRecorder()
    port = try TuntapPort(
      "tun0", receiver, maxPacketSize: maxPacketSize, reactor: reactor, system: system, log: log.sink,
      profile: profile)
  }

  var tunnel: Tunnel { get throws { try system.getTunnel(port) } }
}

/// The lines of a log.
final class LogLines: @unchecked Sendable {
  // Written on the one thread of its test.
  private(set) var events: [LogEvent] = []
  var sink: LogSink { LogSink { [unowned self] in events.append($0) } }
}

/// An error of a test's own.
struct Planned: Error, Equatable {}
