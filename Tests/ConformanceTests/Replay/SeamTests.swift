import Reactor
import Testing

@testable import Conformance

/// A poller that finds what it is told to find, where it is waited for.
private final class ScriptedPoller: Poller {
  var watched: [Int32: (interest: Interest, registration: UInt32)] = [:]
  var ready: [PollEvent] = []
  var changes = 0

  func add(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    guard watched[descriptor] == nil else { throw Errno(rawValue: 17) }
    watched[descriptor] = (interest, registration)
    changes += 1
  }

  func modify(_ descriptor: Int32, _ interest: Interest, registration: UInt32) throws(Errno) {
    guard watched[descriptor] != nil else { throw Errno(rawValue: 2) }
    watched[descriptor] = (interest, registration)
    changes += 1
  }

  func remove(_ descriptor: Int32) {
    watched[descriptor] = nil
    changes += 1
  }

  func wait(timeout: Int32?, into events: inout [PollEvent]) throws(Errno) {
    events = ready.compactMap { event in
      guard let watch = watched[event.descriptor] else { return nil }
      var found = event
      if !watch.interest.wantsRead { found.readiness.remove(.readable) }
      if !watch.interest.wantsWrite { found.readiness.remove(.writable) }
      found.registration = watch.registration
      return found.readiness.isEmpty ? nil : found
    }
  }

  func close() {}
}

private func found(_ poller: any Poller, _ timeout: Int32 = 0) throws -> [PollEvent] {
  var events: [PollEvent] = []
  try poller.wait(timeout: timeout, into: &events)
  return events
}

@Suite struct MaskingPollerTests {
  @Test func `a masked descriptor is left out of the wait and comes back when the mask goes`() throws {
    let inner = ScriptedPoller()
    let poller = MaskingPoller(inner)
    try poller.add(5, .read, registration: 1)
    inner.ready = [PollEvent(descriptor: 5, registration: 1, readiness: .readable)]
    poller.setMasked(5, true)
    #expect(inner.watched[5] == nil)
    #expect(try found(poller).isEmpty)
    poller.setMasked(5, false)
    #expect(try found(poller).map(\.descriptor) == [5])
  }

  @Test func `a mask leaves writing alone`() throws {
    let inner = ScriptedPoller()
    let poller = MaskingPoller(inner)
    try poller.add(5, .readWrite, registration: 1)
    poller.setMasked(5, true)
    inner.ready = [PollEvent(descriptor: 5, registration: 1, readiness: [.readable, .writable])]
    #expect(try found(poller).map(\.readiness) == [.writable])
    poller.setMasked(5, false)
    #expect(try found(poller).map(\.readiness) == [[.readable, .writable]])
  }

  @Test func `a hang-up on a masked descriptor is not reported and does not make the wait spin`() throws {
    let inner = ScriptedPoller()
    let poller = MaskingPoller(inner)
    try poller.add(5, .readWrite, registration: 1)
    poller.setMasked(5, true)
    inner.ready = [PollEvent(descriptor: 5, registration: 1, readiness: .hangUp)]
    #expect(try found(poller).isEmpty)
    #expect(inner.watched[5] == nil, "it would be found again at once, for ever")
    poller.setMasked(5, false)
    #expect(try found(poller).map(\.readiness) == [.hangUp])
  }

  @Test func `a stranger's socket ends the wait, is reported to nobody and is watched no longer`() throws {
    let inner = ScriptedPoller()
    let poller = MaskingPoller(inner)
    try poller.add(5, .read, registration: 1)
    poller.strangers = { [(7, .write)] }
    inner.ready = [
      PollEvent(descriptor: 7, registration: 0, readiness: .writable),
      PollEvent(descriptor: 5, registration: 1, readiness: .readable),
    ]
    #expect(try found(poller).map(\.descriptor) == [5])
    #expect(inner.watched.keys.sorted() == [5])
  }

  @Test func `what is done to a masked descriptor holds when the mask goes`() throws {
    let inner = ScriptedPoller()
    let poller = MaskingPoller(inner)
    poller.setMasked(5, true)
    try poller.add(5, .read, registration: 1)
    try poller.modify(5, .readWrite, registration: 2)
    #expect(inner.watched[5]?.interest == .write)
    poller.setMasked(5, false)
    #expect(inner.watched[5]?.interest == .readWrite)
    #expect(inner.watched[5]?.registration == 2)
    poller.setMasked(5, true)
    poller.remove(5)
    poller.setMasked(5, false)
    #expect(inner.watched.isEmpty)
  }

  @Test func `without a mask nothing is changed but what the reactor changes`() throws {
    let inner = ScriptedPoller()
    let poller = MaskingPoller(inner)
    try poller.add(5, .read, registration: 1)
    poller.setMasked(5, false)
    for _ in 0..<10 { _ = try found(poller) }
    #expect(inner.changes == 1)
  }

  @Test func `a refusal of the system reaches the reactor and leaves nothing registered`() {
    let inner = ScriptedPoller()
    let poller = MaskingPoller(inner)
    inner.watched[5] = (.read, 9)
    #expect(throws: Errno(rawValue: 17)) { try poller.add(5, .read, registration: 1) }
    poller.setMasked(5, true)
    #expect(inner.watched[5]?.registration == 9)
  }
}

@Suite struct ShufflingPollerTests {
  private static func order(seed: UInt64) throws -> [Int32] {
    let inner = ScriptedPoller()
    let poller = ShufflingPoller(inner, seed: seed)
    for descriptor in 0..<8 as Range<Int32> {
      try poller.add(descriptor, .read, registration: 1)
      inner.ready.append(PollEvent(descriptor: descriptor, registration: 1, readiness: .readable))
    }
    return try found(poller).map(\.descriptor)
  }

  @Test func `a seed gives one order, and seeds give different ones, of the same events`() throws {
    let orders = try (1...20).map { try Self.order(seed: $0) }
    #expect(try (1...20).map { try Self.order(seed: $0) } == orders)
    #expect(Set(orders).count > 15)
    for order in orders { #expect(order.sorted() == Array(0..<8)) }
  }
}

@Suite struct ClampedIOTests {
  /// A connected pair of sockets, one end behind the seam.
  private static func withPair(_ body: (ClampedIO, Int32, RawSocket) throws -> Void) throws {
    let io = ClampedIO(SystemIO())
    let listener = try RawSocket(for: .ipv4(.init(transport: .tcp, host: .loopback, port: 0)))
    try listener.bind(to: .ipv4(.init(transport: .tcp, host: .loopback, port: 0)))
    try listener.listen()
    let address = try #require(listener.localAddress)
    let peer = try RawSocket(for: address)
    try peer.connect(to: address)
    let accepted = try listener.accept().take()
    defer { try? io.close(accepted) }
    try body(io, accepted, peer)
  }

  private enum Seen: Equatable {
    case bytes(Int)
    case wouldBlock
    case failed
  }

  private static func read(_ io: ClampedIO, _ descriptor: Int32) -> Seen {
    var buffer = [UInt8](repeating: 0, count: 100)
    return switch buffer.withUnsafeMutableBytes({ io.receive(descriptor, into: $0) }) {
    case .done(let count): .bytes(count)
    case .wouldBlock: .wouldBlock
    case .failed: .failed
    }
  }

  @Test func `no more is read than is allowed, and then it would block`() throws {
    try Self.withPair { io, descriptor, peer in
      try peer.send(Array("0123456789".utf8))
      io.allowance = { $0 == descriptor ? 4 : nil }
      #expect(Self.read(io, descriptor) == .bytes(4))
      io.allowance = { $0 == descriptor ? 0 : nil }
      #expect(Self.read(io, descriptor) == .wouldBlock)
      io.allowance = { _ in nil }
      #expect(Self.read(io, descriptor) == .bytes(6))
    }
  }

  @Test func `the end of the stream is not read at the limit`() throws {
    try Self.withPair { io, descriptor, peer in
      peer.close()
      io.allowance = { _ in 0 }
      #expect(Self.read(io, descriptor) == .wouldBlock)
      io.allowance = { _ in nil }
      #expect(Self.read(io, descriptor) == .bytes(0))
    }
  }

  @Test(arguments: BackEnd.allCases)
  func `a descriptor at its limit is left out of the wait until it may be read`(backEnd: BackEnd) throws {
    try Self.withPair { io, descriptor, peer in
      let poller = try io.makePoller(backEnd)
      defer { poller.close() }
      try poller.add(descriptor, .read, registration: 7)
      try peer.send([1, 2, 3])
      io.allowance = { _ in 0 }
      #expect(try found(poller, 5_000).map(\.registration) == [7], "not held back before its turn came")
      #expect(Self.read(io, descriptor) == .wouldBlock)
      io.release()
      #expect(try found(poller).isEmpty)
      io.allowance = { _ in 3 }
      io.release()
      #expect(try found(poller, 5_000).map(\.registration) == [7])
      #expect(Self.read(io, descriptor) == .bytes(3))
    }
  }

  @Test func `a descriptor that is closed while held back and opened again is free`() throws {
    try Self.withPair { io, descriptor, peer in
      let copy = try io.duplicate(descriptor)
      io.allowance = { _ in 0 }
      #expect(Self.read(io, copy) == .wouldBlock)
      try io.close(copy)
      io.allowance = { _ in nil }
      let again = try io.duplicate(descriptor)
      defer { try? io.close(again) }
      let poller = try io.makePoller(.poll)
      defer { poller.close() }
      try poller.add(again, .read, registration: 1)
      try peer.send([1, 2, 3])
      #expect(try found(poller, 5_000).count == 1)
    }
  }

  @Test func `before the reactor is told the time, the pace is kept`() {
    let io = ClampedIO(SystemIO())
    var told: [Int64] = []
    io.pace = {
      told.append($0)
      return $0 + 7
    }
    let time = io.monotonicTime()
    #expect(told == [time - 7])
  }
}
