import Addresses
import Glibc
import Reactor
import Testing

/// A family's loopback, for sockets of its own.
enum Loopback: CaseIterable, Sendable {
  case ipv4
  case ipv6

  var family: AddressFamily { self == .ipv4 ? .inet : .inet6 }

  func address(port: UInt16) -> Address {
    switch self {
    case .ipv4: .ipv4(IPv4Address(transport: .tcp, host: .loopback, port: port))
    case .ipv6: .ipv6(IPv6Address(transport: .tcp, host: .loopback, port: port))
    }
  }
}

/// A listening socket, and one connection to it, on one I/O system.
final class Connection {
  let io: any IOSystem
  let listener: Int32
  let address: Address
  private(set) var client: Int32
  private(set) var server: Int32 = -1
  private(set) var peer: Address?

  init(_ loopback: Loopback, on io: any IOSystem = SystemIO()) throws {
    self.io = io
    listener = try io.socket(loopback.family, .stream)
    try io.bind(listener, to: loopback.address(port: 0))
    try io.listen(listener, backlog: 5)
    address = try io.localAddress(listener)
    client = try io.socket(loopback.family, .stream)
    if case .failed(let errno) = io.connect(client, to: address) { throw errno }
    wait(listener, POLLIN)
    if case .done(let accepted) = io.accept(listener) {
      server = accepted.descriptor
      peer = accepted.peer
    }
    wait(client, POLLOUT)
  }

  deinit {
    closeClient()
    closeServer()
    try? io.close(listener)
  }

  func closeClient() {
    if client >= 0 { try? io.close(client) }
    client = -1
  }

  func closeServer() {
    if server >= 0 { try? io.close(server) }
    server = -1
  }
}

/// Waits until a descriptor is ready.
func wait(_ descriptor: Int32, _ events: Int32) {
  var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
  while poll(&entry, 1, -1) < 0 {}
}

extension IOSystem {
  func send(_ descriptor: Int32, _ text: String) -> IOResult<Int> {
    Array(text.utf8).withUnsafeBytes { send(descriptor, $0) }
  }

  func receive(_ descriptor: Int32, atMost count: Int = 100) -> IOResult<String> {
    var bytes = [UInt8](repeating: 0, count: count)
    let result = bytes.withUnsafeMutableBytes { receive(descriptor, into: $0) }
    return switch result {
    case .done(let count): .done(String(decoding: bytes[..<count], as: UTF8.self))
    case .wouldBlock: .wouldBlock
    case .failed(let errno): .failed(errno)
    }
  }
}

extension IOResult where Value: Equatable {
  /// One line for comparisons.
  var line: String {
    switch self {
    case .done(let value): "done \(value)"
    case .wouldBlock: "would block"
    case .failed(let errno): "\(errno)"
    }
  }
}

@Suite struct SystemIOTests {
  let io = SystemIO()

  @Test(arguments: Loopback.allCases)
  func `a connection carries bytes both ways, and knows its addresses`(_ loopback: Loopback) throws {
    let pair = try Connection(loopback)
    #expect(pair.address == loopback.address(port: try #require(pair.address.port)))
    #expect(pair.peer == (try io.localAddress(pair.client)))
    #expect(try io.peerAddress(pair.client) == pair.address)
    #expect(try io.peerAddress(pair.server) == pair.peer)
    #expect(io.receive(pair.server).line == "would block")
    #expect(io.send(pair.client, "hello").line == "done 5")
    wait(pair.server, POLLIN)
    #expect(io.receive(pair.server, atMost: 3).line == "done hel")
    #expect(io.receive(pair.server).line == "done lo")
    #expect(io.send(pair.server, "").line == "done 0")
    try io.shutdown(pair.server, .write)
    wait(pair.client, POLLIN)
    #expect(io.receive(pair.client).line == "done ")
    #expect(io.send(pair.client, "still").line == "done 5")
    if case .done = io.accept(pair.listener) { Issue.record("nobody else has connected") }
    guard case .done = io.connect(pair.client, to: pair.address) else {
      Issue.record("a connected socket is connected")
      return
    }
  }

  @Test(arguments: Loopback.allCases)
  func `every new descriptor does not block and is closed on exec`(_ loopback: Loopback) throws {
    let pair = try Connection(loopback)
    let copy = try io.duplicate(pair.client)
    let waker = try io.openWaker()
    let reserve = try io.openReserve()
    defer { for descriptor in [copy, waker, reserve] { try? io.close(descriptor) } }
    for descriptor in [pair.listener, pair.client, pair.server, copy, waker] {
      #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
      #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }
    #expect(fcntl(reserve, F_GETFD) & FD_CLOEXEC != 0)
    // A copy is the same open file.
    #expect(io.send(copy, "x").line == "done 1")
    wait(pair.server, POLLIN)
    #expect(io.receive(pair.server).line == "done x")
  }

  @Test(arguments: Loopback.allCases)
  func `a close with a reset is ECONNRESET at the peer, and writing then is EPIPE without a signal`(
    _ loopback: Loopback
  ) throws {
    let pair = try Connection(loopback)
    try io.setResetOnClose(pair.client)
    pair.closeClient()
    wait(pair.server, POLLIN)
    #expect(try io.takeError(pair.server) == .connectionReset)
    #expect(try io.takeError(pair.server) == nil)
    #expect(io.send(pair.server, "x").line == "EPIPE")
  }

  @Test(arguments: Loopback.allCases)
  func `a port where nobody listens refuses`(_ loopback: Loopback) throws {
    let listener = try io.socket(loopback.family, .stream)
    try io.bind(listener, to: loopback.address(port: 0))
    let address = try io.localAddress(listener)
    // Bound but not listening: nobody else gets the number meanwhile.
    defer { try? io.close(listener) }
    let client = try io.socket(loopback.family, .stream)
    defer { try? io.close(client) }
    switch io.connect(client, to: address) {
    case .failed(let errno): #expect(errno == .connectionRefused)
    case .wouldBlock:
      wait(client, POLLOUT)
      #expect(try io.takeError(client) == .connectionRefused)
    case .done: Issue.record("connected to nobody")
    }
  }

  @Test func `what the system refuses is thrown by its name`() throws {
    let pair = try Connection(.ipv4)
    let other = try io.socket(.inet, .stream)
    defer { try? io.close(other) }
    #expect(throws: Errno.addressInUse) { try io.bind(other, to: pair.address) }
    #expect(throws: Errno.notConnected) { try io.shutdown(other, .both) }
    #expect(throws: Errno.notConnected) { try io.peerAddress(other) }
    #expect(throws: Errno.badDescriptor) { try io.close(-1) }
    #expect(throws: Errno.badDescriptor) { try io.duplicate(-1) }
    #expect(throws: Errno.addressFamilyNotSupported) { try io.socket(.other(9999), .stream) }
    let name = Address.hostname(try HostnameAddress(hostname: "localhost", port: 1))
    #expect(throws: Errno.invalidArgument) { try io.bind(other, to: name) }
    let pipe = Pipe()
    #expect(throws: Errno.notSocket) { try io.takeError(pipe.reading) }
    #expect(io.receive(-1).line == "EBADF")
  }

  @Test(arguments: SocketOption.allCases)
  func `an option that is set is read back`(_ option: SocketOption) throws {
    let socket = try io.socket(.inet6, .stream)
    defer { try? io.close(socket) }
    for value in [Int32(1), 0] {
      try io.setOption(option, of: socket, to: value * 8192)
      let read = try io.option(option, of: socket)
      switch option {
      case .sendBuffer, .receiveBuffer: #expect(read >= value * 8192)
      default: #expect((read != 0) == (value != 0))
      }
    }
  }

  @Test func `reading serves pipes too, and an unnamed local socket is a peer`() throws {
    let pipe = Pipe()
    pipe.send("x")
    #expect(io.receive(pipe.reading).line == "done x")
    #expect(io.receive(pipe.reading).line == "would block")
    pipe.closeWriting()
    #expect(io.receive(pipe.reading).line == "done ")
    let pair = SocketPair()
    #expect(try io.localAddress(pair.near) == .unix(UNIXAddress(.unnamed)))
  }

  @Test func `an interrupted call is made again`() async {
    await #expect(processExitsWith: .success) {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in }
      sigaction(SIGUSR1, &action, nil)
      var mask = sigset_t()
      sigemptyset(&mask)
      pthread_sigmask(SIG_SETMASK, &mask, nil)
      var ends: [Int32] = [-1, -1]
      pipe(&ends)
      let (reading, writing) = (ends[0], ends[1])
      let reader = pthread_self()
      let pool = try ThreadPool(minimum: 1, maximum: 1, log: .none)
      pool.start()
      pool.callInThread {
        for _ in 0..<2000 {
          pthread_kill(reader, SIGUSR1)
          sched_yield()
        }
        Glibc.write(writing, "x", 1)
      }
      // The pipe blocks: the signals come while the call waits.
      let result = SystemIO().receive(reading).line
      pool.stop()
      exit(result == "done x" ? 0 : 10)
    }
  }

  @Test func `the clocks move on, and agree on the time of day`() {
    let first = io.monotonicTime()
    #expect(io.monotonicTime() >= first)
    #expect(abs(io.wallTime() / 1_000_000_000 - Int64(time(nil))) < 2)
  }
}

@Suite struct ErrnoTests {
  @Test func `names and numbers go both ways`() {
    for number in Int32(1)...140 {
      let errno = Errno(rawValue: number)
      #expect(Errno(name: errno.name) == errno)
    }
    #expect(Errno.connectionRefused.name == "ECONNREFUSED")
    #expect(Errno(rawValue: ECONNRESET) == .connectionReset && Errno(rawValue: EMFILE) == .tooManyOpenFiles)
    #expect(Errno(name: "EWOULDBLOCK") == .wouldBlock)
    #expect(Errno(rawValue: 4095).name == "E4095" && Errno(name: "E4095")?.rawValue == 4095)
    for text in ["", "E", "E-1", "E0", "ENOTHING", "econnrefused", "E99999999999"] {
      #expect(Errno(name: text) == nil)
    }
    #expect(Errno.brokenPipe.traceName == "os-error" && Errno.brokenPipe.errno == .brokenPipe)
  }
}
