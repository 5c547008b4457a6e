import Glibc
import Reactor
import Synchronization

/// An error that a test plants.
struct Oops: Error, Hashable, CustomStringConvertible {
  var name: String

  init(_ name: String = "Oops") { self.name = name }

  var description: String { name }
}

/// The lines of a log, from any thread.
final class LogLines: Sendable {
  private let lines = Mutex<[LogEvent]>([])

  var sink: LogSink {
    LogSink { (event) in self.lines.withLock { $0.append(event) } }
  }

  /// Everything that was logged.
  var events: [LogEvent] { lines.withLock { $0 } }

  /// The errors that were logged, by name.
  var errors: [String] { events.compactMap { $0.error.map { "\($0)" } } }
}

/// One reactor under test, and what happened in it, in order.
final class ReactorWorld {
  let reactor: Reactor
  let log: LogLines
  private(set) var events: [String] = []
  private var cleanups: [() -> Void] = []

  init(_ backEnd: BackEnd = .epoll, io: any IOSystem = SystemIO()) throws {
    let log = LogLines()
    self.log = log
    reactor = try Reactor(backEnd, io: io, log: log.sink)
  }

  /// Writes down that something happened.
  func note(_ event: String) { events.append(event) }

  /// Writes down that something happened, with its place: `@` the turn, and `t` for steps 1 to 3 or `p` for 4 to 6.
  func noteTurn(_ event: String) {
    let step =
      switch reactor.phase {
      case .startup: ""
      case .thread, .timer, .shutdown: "t"
      case .io: "p"
      }
    events.append("\(event)@\(reactor.turn)\(step)")
  }

  /// Writes down what a call throws, or that it threw nothing.
  func noteThrow(_ event: String, _ body: () throws -> Void) {
    do {
      try body()
      note("\(event): none")
    } catch {
      note("\(event): \(error)")
    }
  }

  /// Gives back what has happened so far, and forgets it.
  func take() -> [String] {
    defer { events = [] }
    return events
  }

  /// Lets go of what holds the test's closures, and through them the world: to be called when a test ends.
  func tearDown() {
    for cleanup in cleanups { cleanup() }
    cleanups = []
    reactor.discard()
  }

  /// Has something done when the test ends.
  func onTearDown(_ cleanup: @escaping () -> Void) { cleanups.append(cleanup) }

  /// Runs the reactor without touching the process's signals.
  func run() throws { try reactor.run(installSignalHandlers: false) }
}

/// An I/O system whose clock stands still but for the waits of its polls, which it writes down instead of sleeping.
final class StillIO: ForwardingIO {
  var now: Int64 = 1_000_000_000
  private(set) var timeouts: [Int32?] = []
  var failNextWait: Errno?

  init() { super.init(SystemIO()) }

  override func monotonicTime() -> Int64 { now }

  override func makePoller(_ backEnd: BackEnd) throws(Errno) -> any Poller {
    StillPoller(try super.makePoller(backEnd), self)
  }

  func takeTimeouts() -> [Int32?] {
    defer { timeouts = [] }
    return timeouts
  }

  private final class StillPoller: ForwardingPoller {
    private unowned let io: StillIO

    init(_ inner: any Poller, _ io: StillIO) {
      self.io = io
      super.init(inner)
    }

    override func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
      io.timeouts.append(timeout)
      if let errno = io.failNextWait {
        io.failNextWait = nil
        throw errno
      }
      // Without a time-out only another thread can end the wait: then it is a real one.
      try super.wait(timeout: timeout == nil ? nil : 0, into: &events)
      if events.isEmpty, let timeout { io.now += Int64(timeout) * 1_000_000 }
    }
  }
}

/// The two ends of a pipe, closed with it.
final class Pipe {
  private(set) var reading: Int32
  private(set) var writing: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    precondition(pipe(&ends) == 0)
    for end in ends {
      precondition(fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) == 0)
      precondition(fcntl(end, F_SETFD, FD_CLOEXEC) == 0)
    }
    reading = ends[0]
    writing = ends[1]
  }

  deinit {
    closeReading()
    closeWriting()
  }

  func send(_ text: String) {
    precondition(write(writing, text, text.utf8.count) == text.utf8.count)
  }

  func closeReading() {
    if reading >= 0 { close(reading) }
    reading = -1
  }

  func closeWriting() {
    if writing >= 0 { close(writing) }
    writing = -1
  }

  /// Reads all that is there.
  static func drain(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
  }
}

/// A pair of connected stream sockets, closed with it.
final class SocketPair {
  private(set) var near: Int32
  private(set) var far: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    precondition(
      socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
    near = ends[0]
    far = ends[1]
  }

  deinit {
    closeNear()
    closeFar()
  }

  func closeNear() {
    if near >= 0 { close(near) }
    near = -1
  }

  func closeFar() {
    if far >= 0 { close(far) }
    far = -1
  }
}

/// An application's descriptor that writes down what it is told, and then does what the test says.
class TestDescriptor: ReadDescriptor, WriteDescriptor {
  unowned let world: ReactorWorld
  let name: String
  var number: Int32
  var onRead: () throws -> (any Error)? = { nil }
  var onWrite: () throws -> (any Error)? = { nil }
  var onLost: () throws -> Void = {}

  /// Makes one; the world holds it until it is torn down, unless the test itself breaks its circles.
  init(_ name: String, _ number: Int32, in world: ReactorWorld, isTorn: Bool = true) {
    self.name = name
    self.number = number
    self.world = world
    guard isTorn else { return }
    world.onTearDown { [self] in
      onRead = { nil }
      onWrite = { nil }
      onLost = {}
    }
  }

  var logPrefix: String { name }

  func fileno() throws -> Int32 { number }

  func doRead() throws -> (any Error)? {
    world.noteTurn("\(name).doRead")
    return try onRead()
  }

  func doWrite() throws -> (any Error)? {
    world.noteTurn("\(name).doWrite")
    return try onWrite()
  }

  func connectionLost(_ reason: any Error) throws {
    world.noteTurn("\(name).lost \(TestDescriptor.text(reason))")
    try onLost()
  }

  /// A reason as the trace format names it.
  static func text(_ reason: any Error) -> String { (reason as? any NamedError)?.traceName ?? "\(reason)" }
}

final class HalfCloseableTestDescriptor: TestDescriptor, HalfCloseableDescriptor {
  func readConnectionLost(_ reason: any Error) throws {
    world.noteTurn("\(name).readLost \(TestDescriptor.text(reason))")
  }
}
