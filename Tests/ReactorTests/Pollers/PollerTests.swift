import Glibc
import Reactor
import Testing

@Suite struct PollerTests {
  private func found(_ poller: any Poller, timeout: Int32? = 0) throws -> [String] {
    var events = [PollEvent(descriptor: -1, registration: 0, readiness: [])]
    try poller.wait(timeout: timeout, into: &events)
    return events.map { (event) in
      let names: [(Readiness, String)] = [
        (.readable, "readable"), (.writable, "writable"), (.hangUp, "hangUp"), (.error, "error"),
        (.invalid, "invalid"),
      ]
      let bits = names.filter { event.readiness.contains($0.0) }.map(\.1).joined(separator: " ")
      return "\(event.registration) \(bits)"
    }
  }

  @Test(arguments: BackEnd.allCases)
  func `a registration is reported with its number until it is removed`(_ backEnd: BackEnd) throws {
    let poller = try SystemIO().makePoller(backEnd)
    let pair = SocketPair()
    try poller.add(pair.near, .read, registration: 7)
    #expect(try found(poller) == [])
    #expect(write(pair.far, "x", 1) == 1)
    // Level-triggered: it is told as long as it lasts.
    #expect(try found(poller, timeout: nil) == ["7 readable"])
    #expect(try found(poller) == ["7 readable"])
    try poller.modify(pair.near, .write, registration: 8)
    #expect(try found(poller) == ["8 writable"])
    try poller.modify(pair.near, .readWrite, registration: 9)
    #expect(try found(poller) == ["9 readable writable"])
    poller.remove(pair.near)
    #expect(try found(poller) == [])
    poller.remove(pair.near)
    try poller.add(pair.near, .readWrite, registration: UInt32.max)
    #expect(try found(poller) == ["\(UInt32.max) readable writable"])
    poller.close()
    poller.close()
  }

  @Test(arguments: BackEnd.allCases)
  func `a hang-up and an error are reported whatever is waited for`(_ backEnd: BackEnd) throws {
    let poller = try SystemIO().makePoller(backEnd)
    let input = Pipe()
    let output = Pipe()
    try poller.add(input.reading, .read, registration: 1)
    try poller.add(output.writing, .write, registration: 2)
    input.closeWriting()
    output.closeReading()
    #expect(Set(try found(poller)) == ["1 hangUp", "2 writable error"])
  }

  @Test(arguments: BackEnd.allCases)
  func `more descriptors than there is room for at first are all reported`(_ backEnd: BackEnd) throws {
    let poller = try SystemIO().makePoller(backEnd)
    let pipes = (0..<150).map { _ in Pipe() }
    for (index, pipe) in pipes.enumerated() {
      try poller.add(pipe.writing, .write, registration: UInt32(index))
    }
    #expect(Set(try found(poller)) == Set((0..<150).map { "\($0) writable" }))
    for pipe in pipes.prefix(149) { poller.remove(pipe.writing) }
    #expect(try found(poller) == ["149 writable"])
  }

  @Test func `poll reports in the order of registration, which a change renews`() throws {
    let poller = PollPoller()
    let pipes = (0..<6).map { _ in Pipe() }
    for (index, pipe) in pipes.enumerated() {
      try poller.add(pipe.writing, .write, registration: UInt32(index))
    }
    try poller.modify(pipes[0].writing, .readWrite, registration: 0)
    poller.remove(pipes[2].writing)
    #expect(try found(poller) == [1, 3, 4, 5, 0].map { "\($0) writable" })
    // Once more than half of the places are empty the list is closed up, and its order stays.
    for index in [1, 3, 4] { poller.remove(pipes[index].writing) }
    #expect(try found(poller) == ["5 writable", "0 writable"])
    try poller.add(pipes[2].writing, .write, registration: 20)
    #expect(try found(poller) == ["5 writable", "0 writable", "20 writable"])
  }

  @Test func `what each back end says of a closed descriptor, of -1 and of a regular file`() throws {
    let file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    let epoll = try EpollPoller()
    #expect(throws: Errno.operationNotPermitted) { try epoll.add(file, .read, registration: 1) }
    #expect(throws: Errno.badDescriptor) { try epoll.add(-1, .read, registration: 1) }
    #expect(throws: Errno.badDescriptor) { try epoll.add(9999, .read, registration: 1) }
    let pipe = Pipe()
    #expect(throws: Errno.noSuchFile) { try epoll.modify(pipe.reading, .read, registration: 1) }
    try epoll.add(pipe.reading, .read, registration: 1)
    #expect(throws: Errno.fileExists) { try epoll.add(pipe.reading, .read, registration: 2) }
    let poll = PollPoller()
    try poll.add(file, .readWrite, registration: 1)
    #expect(throws: Errno.badDescriptor) { try poll.add(-1, .read, registration: 2) }
    try poll.add(9999, .read, registration: 3)
    #expect(try found(poll) == ["1 readable writable", "3 invalid"])
  }

  @Test(arguments: BackEnd.allCases)
  func `an interrupted wait finds nothing`(_ backEnd: BackEnd) async {
    await #expect(processExitsWith: .success) { [backEnd] in
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in }
      sigaction(SIGUSR1, &action, nil)
      var mask = sigset_t()
      sigemptyset(&mask)
      pthread_sigmask(SIG_SETMASK, &mask, nil)
      let waiter = pthread_self()
      let pool = try ThreadPool(minimum: 1, maximum: 1, log: .none)
      let gate = Gate()
      pool.start()
      pool.callInThread {
        // Until the wait has ended; a signal that comes before it does nothing.
        while !gate.isOpenNow {
          pthread_kill(waiter, SIGUSR1)
          sched_yield()
        }
      }
      var events: [PollEvent] = []
      try SystemIO().makePoller(backEnd).wait(timeout: nil, into: &events)
      gate.open()
      pool.stop()
      exit(events.isEmpty ? 0 : 10)
    }
  }
}
