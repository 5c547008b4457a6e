import Addresses
import Glibc
import Synchronization
import Testing

@testable import Reactor

/// What real Twisted tells when one operation fails is what Skein tells, by name: `names.tsv` is held against both.
@Suite(.timeLimit(.minutes(5))) struct FaultNameTests {
  /// One row of the table.
  struct Row: CustomTestStringConvertible, Sendable {
    var program: String
    var operation: String
    var effect: String
    var skipping: Int
    var told: String

    var testDescription: String { "\(program) \(operation) \(effect) \(skipping)" }

    init?(_ line: Substring) {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 5, let skipping = Int(fields[3]) else { return nil }
      (program, operation, effect, self.skipping, told) = (fields[0], fields[1], fields[2], skipping, fields[4])
    }

    /// The fault; none for a row without one.
    var fault: FaultyIO.Fault? {
      get throws {
        guard operation != "none" else { return nil }
        let call = try #require(IOCall(rawValue: operation))
        let words = effect.split(separator: " ").map(String.init)
        let errno = try #require(Errno(name: words.last ?? ""))
        if words.count == 2 { return .init(call, .pending(errno), skipping: skipping) }
        return .init(call, errno == .wouldBlock ? .wouldBlock : .fail(errno), skipping: skipping)
      }
    }

    /// What is told here: what Twisted tells, but where it leaves a connection in the air.
    var expected: String {
      // Twisted leaves a connection that it cannot watch open until its memory is cleaned up; here its peer sees the end.
      if program == "serve", operation == "watch", skipping == 1 {
        return "C lost done; C made; client lost done; logged os-error \(effect)"
      }
      return told
    }
  }

  static let rows: [Row] = {
    var path = #filePath
    path.removeLast("FaultNameTests.swift".count)
    return text(of: path + "names.tsv").split(separator: "\n").compactMap { Row($0) }
  }()

  @Test func `the table has rows for every operation that can fail with an error`() {
    let operations = Set(Self.rows.map(\.operation))
    let missing = IOCall.allCases.filter { (call) in
      let fails = call.faults.contains { if case .fail = $0 { true } else { false } }
      return fails && !operations.contains(call.rawValue)
    }
    // Without these there is no reactor.
    #expect(missing == [.makePoller, .openWaker])
  }

  /// Every error of the table of faults, but for those of operations that only make a reactor, has a row.
  @Test func `every error that an operation may fail with has a row`() {
    let had = Set(Self.rows.map { "\($0.operation) \($0.effect)" })
    for call in IOCall.allCases where call != .makePoller && call != .openWaker {
      for effect in call.faults {
        let name: String? =
          switch effect {
          case .fail(let errno): errno.name
          case .pending(let errno): "pending \(errno.name)"
          case .wouldBlock: "EAGAIN"
          case .short, .interrupted: nil
          }
        if let name { #expect(had.contains("\(call.rawValue) \(name)")) }
      }
    }
  }

  @Test(arguments: rows, TCPCase.Network.allCases)
  func `a fault is told as Twisted tells it`(_ row: Row, _ network: TCPCase.Network) throws {
    for backEnd in BackEnd.allCases {
      let program = try NameProgram(
        row.program, on: backEnd, network == .memory ? MemoryNetwork() : HurriedIO(), fault: try row.fault)
      let told = try program.run()
      #expect(told == row.expected, "\(backEnd)")
    }
  }
}

/// What a file holds.
func text(of path: String) -> String {
  guard let file = fopen(path, "r") else { return "" }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 20)
  let count = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes[..<count], as: UTF8.self)
}

/// The programs of the table: a port S and a client C of it.
private final class NameProgram {
  let kind: String
  let reactor: Reactor
  private let io: FaultyIO
  private let fault: FaultyIO.Fault?
  private var told: [String] = []
  private let log: Log

  private final class Log: Sendable {
    let events = Mutex<[LogEvent]>([])
  }

  init(_ kind: String, on backEnd: BackEnd, _ system: any IOSystem, fault: FaultyIO.Fault?) throws {
    self.kind = kind
    self.fault = fault
    io = FaultyIO(system)
    let log = Log()
    self.log = log
    reactor = try Reactor(backEnd, io: io, log: LogSink { (event) in log.events.withLock { $0.append(event) } })
  }

  func note(_ line: String) { told.append(line) }

  /// An error as a row has it.
  func name(_ error: any Error) -> String {
    let errno = (error as? any NamedError)?.errno.map { " \($0.name)" } ?? ""
    return text(error) + errno
  }

  @discardableResult
  func guarded<Value>(_ call: String, _ body: () throws -> Value) -> Value? {
    do {
      return try body()
    } catch {
      note("\(call) raises \(name(error))")
      return nil
    }
  }

  func run() throws -> String {
    if kind == "listen", let fault { io.inject(fault) }
    try reactor.callWhenRunning { [self] in try begin() }
    try reactor.run(installSignalHandlers: false)
    return (told + logged).sorted().joined(separator: "; ")
  }

  private func begin() throws {
    let server = NameFactory("S", self)
    if let port = guarded("listenTCP", { try reactor.listenTCP(port: 0, factory: server, interface: "127.0.0.1") }),
      kind != "listen", let number = try port.getHost().port
    {
      if let fault { io.inject(fault) }
      guarded("connectTCP") {
        try reactor.connectTCP(
          host: "127.0.0.1", port: .number(Int(number)), factory: NameFactory("C", self), timeout: .seconds(30),
          bindAddress: kind == "bind" ? ("127.0.0.1", 0) : nil)
      }
    }
    // What has not come by now does not come: what the end brings is not told.
    try reactor.callLater(.seconds(1)) { [self] in
      let over = told
      reactor.addSystemEventTrigger(.after, .shutdown) { [self] in told = over }
      try reactor.stop()
    }
  }

  /// The lines of the log that are compared.
  private var logged: [String] {
    log.events.withLock { $0 }.compactMap { (event) in
      let lines = ["Could not accept", "EMFILE", "Could not reserve"]
      if lines.contains(where: event.message.hasPrefix) {
        // A peer's port is another each time.
        let recovery = "EMFILE recovery: Closed socket from"
        return "log " + (event.message.hasPrefix(recovery) ? recovery : event.message)
      }
      return event.error.map { "logged \(name($0))" }
    }
  }
}

private final class NameFactory: ClientFactory {
  private let side: String
  private let program: NameProgram

  init(_ side: String, _ program: NameProgram) {
    self.side = side
    self.program = program
    super.init()
  }

  override func buildProtocol(_ address: Address) throws -> (any StreamProtocol)? {
    program.kind == "half" ? HalfSide(side, program) : Side(side, program)
  }

  override func clientConnectionFailed(_ connector: Connector, reason: any Error) throws {
    program.note("failed \(program.name(reason))")
  }

  override func clientConnectionLost(_ connector: Connector, reason: any Error) throws {
    program.note("client lost \(program.name(reason))")
  }
}

private class Side: StreamProtocol {
  let side: String
  let program: NameProgram
  private(set) var transport: (any StreamTransport)?
  var logPrefix: String? { side }

  init(_ side: String, _ program: NameProgram) {
    self.side = side
    self.program = program
  }

  func makeConnection(_ transport: any StreamTransport) throws {
    self.transport = transport
    program.note("\(side) made")
    switch (side, program.kind) {
    case ("A", _): try transport.loseConnection()
    case ("S", "adopt"):
      let descriptor = try #require(transport as? TCPConnection).descriptor
      program.guarded("adopt") {
        try program.reactor.adoptStreamConnection(descriptor, .inet, factory: NameFactory("A", program))
      }
    case ("S", _): break
    case (_, "options"):
      program.guarded("setTcpNoDelay") { try transport.setTcpNoDelay(true) }
      program.guarded("getTcpNoDelay") { try transport.getTcpNoDelay() }
      program.guarded("setTcpKeepAlive") { try transport.setTcpKeepAlive(true) }
      program.guarded("getHost") { try transport.getHost() }
      try transport.loseConnection()
    default:
      try transport.write(Array("x".utf8))
      if program.kind == "half" { try transport.loseWriteConnection() }
    }
  }

  func dataReceived(_ data: RawSpan) throws {
    program.note("\(side) data")
    if side == "S" {
      try transport?.write(unsafe data.withUnsafeBytes { unsafe Array($0) })
    } else if program.kind == "abort" {
      try transport?.abortConnection()
    } else if program.kind != "half" {
      try transport?.loseConnection()
    }
  }

  func connectionLost(_ reason: any Error) throws { program.note("\(side) lost \(program.name(reason))") }
}

/// The same with half-closes.
private final class HalfSide: Side, HalfCloseableProtocol {
  func readConnectionLost() throws {
    program.note("\(side) read lost")
    try transport?.loseConnection()
  }

  func writeConnectionLost() throws { program.note("\(side) write lost") }
}
