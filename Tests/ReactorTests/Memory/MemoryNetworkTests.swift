import Addresses
import Testing

@testable import Reactor

/// Sockets in memory beside the operating system's: the same calls, and what they give.
@Suite struct MemoryNetworkTests {
  /// One of two systems that the same is done to, with its sockets by the order in which they were made.
  private final class Side {
    let io: any IOSystem
    let poller: any Poller
    var open: [Int32?] = []
    private var watched: Set<Int32> = []

    init(_ io: any IOSystem, _ backEnd: BackEnd) throws {
      self.io = io
      poller = try io.makePoller(backEnd)
    }

    deinit {
      for case let descriptor? in open { try? io.close(descriptor) }
      poller.close()
    }

    func add(_ descriptor: Int32) throws -> String {
      // The kernel would hold small sends back until an acknowledgement comes, some time.
      try io.setOption(.noDelay, of: descriptor, to: 1)
      open.append(descriptor)
      watched.insert(descriptor)
      try poller.add(descriptor, .readWrite, registration: UInt32(open.count))
      return "socket \(open.count - 1)"
    }

    func close(_ index: Int) throws {
      guard let descriptor = open[index] else { return }
      poller.remove(descriptor)
      try io.close(descriptor)
      open[index] = nil
    }

    /// What a poll that does not wait finds, in its order.
    func ready() throws -> [String] {
      var events: [PollEvent] = []
      try poller.wait(timeout: 0, into: &events)
      return events.map { "\($0.registration - 1): \($0.readiness.rawValue)" }
    }

    func receive(_ index: Int, _ count: Int) -> String {
      guard let descriptor = open[index] else { return "closed" }
      var bytes = [UInt8](repeating: 0, count: count)
      // The array is the buffer's owner during the call.
      let result = unsafe bytes.withUnsafeMutableBytes { unsafe io.receive(descriptor, into: $0) }
      if case .done(let count) = result { return String(decoding: bytes[..<count], as: UTF8.self) + "." }
      return "\(result)"
    }

    func send(_ index: Int, _ text: String) -> String {
      guard let descriptor = open[index] else { return "closed" }
      // The array is the buffer's owner during the call.
      return unsafe Array(text.utf8).withUnsafeBytes { unsafe "\(io.send(descriptor, $0))" }
    }

    func told(_ body: () throws -> String) -> String {
      do { return try body() } catch { return "\(error)" }
    }
  }

  private static let loopback = Address.ipv4(IPv4Address(transport: .tcp, host: .loopback, port: 0))

  /// Does one thing, and tells what came of it, without numbers that differ by nature.
  private func act(_ number: Int, _ random: inout SplitMix64, _ sides: [Side]) throws -> [String] {
    let (kind, first, count) = (
      Int.random(in: 0..<12, using: &random), Int.random(in: 0..<8, using: &random), 1 + number % 7
    )
    return sides.map { side in
      let index = first % max(1, side.open.count)
      guard index < side.open.count, let descriptor = side.open[index] else { return "nothing" }
      return side.told {
        switch kind {
        case 0, 1:
          let client = try side.io.socket(.inet, .stream)
          let name = try side.add(client)
          let address = try side.io.localAddress(try #require(side.open[0] ?? side.open.compactMap(\.self).first))
          let result = side.io.connect(client, to: address)
          return "connect \(name): \(result)"
        case 2, 3:
          switch side.io.accept(side.open[0] ?? -1) {
          case .done(let accepted): return "accept \(try side.add(accepted.descriptor))"
          case .wouldBlock: return "accept: wouldBlock"
          case .failed(let errno): return "accept: \(errno)"
          }
        case 4, 5, 6: return "send \(index): \(side.send(index, String(repeating: "x", count: count)))"
        case 7, 8: return "receive \(index): \(side.receive(index, count + 1))"
        case 9:
          try side.io.shutdown(descriptor, number % 3 == 0 && index > 0 ? .both : .write)
          return "shut \(index)"
        case 10:
          return "error of \(index): \(try side.io.takeError(descriptor).map { "\($0)" } ?? "none")"
        default:
          guard index > 0 else { return "nothing" }
          if number % 2 == 0 { try side.io.setResetOnClose(descriptor) }
          try side.close(index)
          return "close \(index)"
        }
      }
    }
  }

  @Test(arguments: BackEnd.allCases)
  func `the same calls give the same as on the operating system`(backEnd: BackEnd) throws {
    for seed in 1...60 as ClosedRange<UInt64> {
      var random = SplitMix64(seed: seed)
      let sides = try [Side(SystemIO(), backEnd), Side(MemoryNetwork(), backEnd)]
      for side in sides {
        let listening = try side.io.socket(.inet, .stream)
        try side.io.bind(listening, to: Self.loopback)
        try side.io.listen(listening, backlog: 50)
        _ = try side.add(listening)
      }
      var story: [String] = []
      for number in 0..<80 {
        let found = try act(number, &random, sides)
        let ready = try sides.map { try $0.ready() }
        story.append("\(found[0]) \(ready[0])")
        guard found[0] == found[1], ready[0] == ready[1] else {
          Issue.record("seed \(seed): \(story.suffix(5)), in memory \(found[1]) \(ready[1])")
          return
        }
      }
    }
  }

  @Test func `waiting takes no time`() throws {
    let network = MemoryNetwork()
    let reactor = try Reactor(.epoll, io: network, log: .none)
    var times: [Double] = []
    for seconds in [3_600, 60, 86_400] {
      try reactor.callLater(.seconds(seconds)) { times.append(reactor.seconds()) }
    }
    try reactor.callLater(.seconds(100_000)) { try reactor.stop() }
    try reactor.run(installSignalHandlers: false)
    #expect(times == [60, 3_600, 86_400])
    #expect(network.openCount == 0)
  }

  @Test func `a client waits until a listener has room`() throws {
    let network = MemoryNetwork()
    let listening = try network.socket(.inet, .stream)
    try network.bind(listening, to: Self.loopback)
    try network.listen(listening, backlog: 0)
    let address = try network.localAddress(listening)
    let clients = try (0..<3).map { _ in try network.socket(.inet, .stream) }
    for client in clients { _ = network.connect(client, to: address) }
    func isConnected(_ client: Int32) -> Bool {
      if case .done = network.connect(client, to: address) { true } else { false }
    }
    #expect(clients.map(isConnected) == [true, false, false])
    guard case .done = network.accept(listening) else { throw Planted("nothing to accept") }
    #expect(clients.map(isConnected) == [true, true, false])
    // Who still knocks when the listener goes is refused.
    try network.close(listening)
    #expect(try network.takeError(clients[2]) == .connectionRefused)
    #expect(try network.takeError(clients[1]) == .connectionReset)
  }

  @Test func `a full socket takes no more, and a third of it has to be free before more is asked for`() throws {
    let network = MemoryNetwork()
    let poller = try network.makePoller(.epoll)
    let (client, server) = try pair(network)
    try poller.add(client, .write, registration: 7)
    var sent = 0
    let bytes = [UInt8](repeating: 1, count: 10_000)
    // The array owns the bytes during the call.
    while case .done(let count) = unsafe bytes.withUnsafeBytes({ unsafe network.send(client, $0) }) { sent += count }
    #expect(sent == 4 * 65_536)
    func isWritable() throws -> Bool {
      var events: [PollEvent] = []
      try poller.wait(timeout: 0, into: &events)
      return events.map(\.registration) == [7]
    }
    #expect(try !isWritable())
    var room = [UInt8](repeating: 0, count: 80_000)
    // As above.
    _ = unsafe room.withUnsafeMutableBytes { unsafe network.receive(server, into: $0) }
    #expect(try !isWritable())
    _ = unsafe room.withUnsafeMutableBytes { unsafe network.receive(server, into: $0) }
    #expect(try isWritable())
  }

  @Test func `descriptors are the lowest that are free, and run out`() throws {
    let network = MemoryNetwork(descriptorLimit: 3)
    let first = try network.socket(.inet, .stream)
    let second = try network.duplicate(first)
    let reserve = try network.openReserve()
    #expect([second, reserve] == [first + 1, first + 2])
    #expect(throws: Errno.tooManyOpenFiles) { try network.socket(.inet, .stream) }
    try network.close(second)
    #expect(try network.socket(.inet6, .stream) == second)
    #expect(throws: Errno.badDescriptor) { try network.close(first + 9) }
    #expect(throws: Errno.notSocket) { try network.localAddress(reserve) }
    #expect(throws: Errno.addressFamilyNotSupported) { try MemoryNetwork().socket(.unix, .stream) }
  }

  @Test func `hosts that are not its own are out of reach`() throws {
    let own = IPv6Address.Host(high: 0xFE80 << 48, low: 1)
    let network = MemoryNetwork(ipv6: [own])
    let socket = try network.socket(.inet, .stream)
    let far = Address.ipv4(IPv4Address(transport: .tcp, host: .init(192, 0, 2, 1), port: 80))
    #expect(throws: Errno.addressNotAvailable) { try network.bind(socket, to: far) }
    guard case .failed(.networkUnreachable) = network.connect(socket, to: far) else { throw Planted("it is reached") }
    let six = try network.socket(.inet6, .stream)
    try network.bind(six, to: .ipv6(IPv6Address(transport: .tcp, host: own, port: 443)))
    let other = try network.socket(.inet6, .stream)
    #expect(throws: Errno.addressInUse) {
      try network.bind(other, to: .ipv6(IPv6Address(transport: .tcp, host: .any, port: 443)))
    }
  }

  /// Two connected sockets.
  private func pair(_ network: MemoryNetwork) throws -> (client: Int32, server: Int32) {
    let listening = try network.socket(.inet, .stream)
    try network.bind(listening, to: Self.loopback)
    try network.listen(listening, backlog: 5)
    let client = try network.socket(.inet, .stream)
    _ = network.connect(client, to: try network.localAddress(listening))
    guard case .done(let accepted) = network.accept(listening) else { throw Planted("nothing to accept") }
    return (client, accepted.descriptor)
  }
}
