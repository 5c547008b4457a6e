import Addresses
import Glibc
import Reactor
import Testing

@testable import Conformance

/// Faults below the boundary: recorded with their injector, replayed without it.
@Suite struct FaultReplayTests {
  private final class Side: Protocol {
    let isServer: Bool

    init(isServer: Bool) { self.isServer = isServer }

    override func connectionMade() throws {
      if !isServer { try transport?.write(Array("hello".utf8)) }
    }

    override func dataReceived(_ data: RawSpan) throws {
      if isServer { try transport?.write(data) } else { try transport?.loseConnection() }
    }
  }

  private final class Clients: ClientFactory {
    override func clientConnectionFailed(_ connector: Connector, reason: any Error) throws { try end(connector) }
    override func clientConnectionLost(_ connector: Connector, reason: any Error) throws { try end(connector) }

    var reactor: Reactor?

    /// The other side has a turn to hear of it.
    private func end(_ connector: Connector) throws {
      _ = try reactor?.callLater(.milliseconds(20)) { [reactor] in try reactor?.stop() }
    }
  }

  /// A recording in a file of its own, which goes with it.
  private final class File {
    let path: String

    init() {
      var template = Array("/tmp/skein-fault-XXXXXX.yaml".utf8CString)
      close(mkstemps(&template, 5))
      path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { unlink(path) }

    var text: String {
      get {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
      }
      set {
        guard let file = fopen(path, "w") else { return }
        defer { fclose(file) }
        fputs(newValue, file)
      }
    }
  }

  /// Records an echo in which faults happen.
  ///
  /// - Returns: The recording, and how many faults happened.
  private func record(
    _ faults: [FaultyIO.Fault], on backEnd: BackEnd, in world: ReplayWorld
  ) throws -> (file: File, faults: Int) {
    let file = File()
    let header: TraceHeader = [
      "features": .list([.word("reactor")]), "title": "an echo with faults",
      "producer": ["name": .word("skein"), "version": "0.1.0"], "started": "2026-11-28T15:00:00Z",
    ]
    let io = FaultyIO(world.makeIO(network: nil))
    let recorder = try TraceRecorder(writingTo: file.path, header: header)
    recorder.watch(io)
    let reactor = try Reactor(backEnd, io: io, log: .none)
    recorder.attach(to: reactor)
    for fault in faults { io.inject(fault) }
    let clients = Clients(protocol: { Side(isServer: false) })
    clients.reactor = reactor
    try reactor.callWhenRunning {
      do {
        let port = try reactor.listenTCP(
          port: 0, factory: Factory(protocol: { Side(isServer: true) }), interface: "127.0.0.1")
        guard let number = try port.getHost().port else { return }
        try reactor.connectTCP(host: "127.0.0.1", port: .number(Int(number)), factory: clients, timeout: .seconds(1))
      } catch {
        try reactor.stop()
      }
    }
    try reactor.run(installSignalHandlers: false)
    clients.reactor = nil
    try recorder.close()
    return (file, io.happened.count)
  }

  private func replay(_ file: File, on backEnd: BackEnd, in world: ReplayWorld) -> CaseResult {
    CaseReplay.run(file.path, on: backEnd, in: world, network: nil, shuffleSeed: nil, into: EventList())
  }

  @Test(arguments: IOCall.allCases.filter { $0 != .makePoller && $0 != .openWaker }, BackEnd.allCases)
  func `a recording with a fault anywhere replays in memory`(_ call: IOCall, _ backEnd: BackEnd) throws {
    for effect in call.faults {
      for place in 0... {
        let (file, faults) = try record([.init(call, effect, skipping: place)], on: backEnd, in: .memory)
        try TraceValidator.validate(path: file.path)
        let result = replay(file, on: backEnd, in: .memory)
        #expect(
          result.verdict == .agrees,
          "\(effect) at \(place): \(TextReport().details(result).joined(separator: "\n"))\n\(file.text)")
        if faults == 0 { break }
        #expect(file.text.contains("fault: system.inject"))
      }
    }
  }

  /// Faults whose place does not depend on how often something was looked at.
  @Test(
    arguments: [
      FaultyIO.Fault(.receive, .fail(.connectionReset)), .init(.receive, .short(1)), .init(.send, .fail(.brokenPipe)),
      .init(.send, .short(2)), .init(.accept, .fail(.connectionAborted)), .init(.connect, .fail(.timedOut)),
      .init(.takeError, .pending(.connectionRefused), skipping: 1), .init(.socket, .fail(.tooManyOpenFiles)),
      .init(.bind, .fail(.addressInUse)), .init(.watch, .fail(.noMemory), skipping: 1),
    ], BackEnd.allCases)
  func `a recording with a fault replays on real sockets`(_ fault: FaultyIO.Fault, _ backEnd: BackEnd) throws {
    let (file, faults) = try record([fault], on: backEnd, in: .system)
    #expect(faults == 1)
    let result = replay(file, on: backEnd, in: .system)
    #expect(result.verdict == .agrees, "\(TextReport().details(result).joined(separator: "\n"))\n\(file.text)")
  }

  @Test(arguments: ReplayWorld.allCases)
  func `a recording whose fault is taken out or altered does not agree`(_ world: ReplayWorld) throws {
    let (file, _) = try record([.init(.receive, .fail(.connectionReset))], on: .epoll, in: world)
    let text = file.text
    #expect(replay(file, on: .epoll, in: world).verdict == .agrees)
    let line = try #require(text.split(separator: "\n").first { $0.contains("fault: system.inject") })
    let start = try #require(line.firstRange(of: "fault:"))
    for altered in [
      line[..<start.lowerBound] + "note: \"nothing failed\"}",
      line.replacing("\"fail\"", with: "\"would-block\"").replacing(
        ", errno: \"ECONNRESET\"", with: ""),
      line.replacing("operation: \"receive\"", with: "operation: \"send\""),
      line.replacing("descriptor: ", with: "descriptor: 9"),
      line.replacing("descriptor: ", with: "after: 1000000, descriptor: "),
    ] {
      file.text = text.replacing(line, with: altered)
      let result = replay(file, on: .epoll, in: world)
      #expect(result.verdict.word == "diverged", "\(altered): \(result.verdict)")
    }
    file.text = text.replacing("\"ECONNRESET\"", with: "\"ENOSUCHERROR\"")
    #expect(replay(file, on: .epoll, in: world).verdict.word == "not run here", "a fault that nobody knows")
  }
}
