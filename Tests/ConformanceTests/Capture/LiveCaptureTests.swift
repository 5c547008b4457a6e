import Foundation
import Glibc
import Reactor
import Testing

@testable import Conformance

/// Whether this process may make a network namespace, and capture in it.
private let mayCapture = geteuid() == 0

/// Runs in a thread with a network of its own: packets there are this test's alone.
///
/// What is to be expected is returned and looked at outside: an expectation in that thread belongs to no test.
private func inOwnNetwork<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
    let thread = Foundation.Thread {
      continuation.resume(
        with: Result {
          _ = try NetworkNamespace.enter()
          return try body()
        })
    }
    thread.start()
  }
}

/// A UDP socket of IPv4's loopback that sends to itself.
private final class Loop {
  let descriptor: Int32
  private(set) var port: UInt16 = 0

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        try #require(bind(descriptor, $0, length) == 0)
        try #require(getsockname(descriptor, $0, &length) == 0)
        try #require(connect(descriptor, $0, length) == 0)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
  }

  func send(_ text: String) throws { try #require(Glibc.send(descriptor, text, text.utf8.count, 0) == text.utf8.count) }

  deinit { close(descriptor) }
}

/// The payload of a UDP datagram over IPv4 without options, in an Ethernet frame.
private func payload(_ record: borrowing CaptureRecord) -> String {
  record.bytes.withUnsafeBytes { String(decoding: $0.dropFirst(42), as: UTF8.self) }
}

extension LiveCapture {
  /// Reads until enough was seen: a busy system may hand its packets on a moment after they were sent.
  fileprivate func read(until isEnough: () -> Bool) throws {
    while true {
      if let reason = try doRead() { throw reason }
      if isEnough() { return }
      var waiting = pollfd(fd: fileno(), events: Int16(POLLIN), revents: 0)
      try #require(poll(&waiting, 1, 10_000) == 1, "no more packets came")
    }
  }
}

@Suite(.serialized, .enabled(if: mayCapture, "capturing takes the superuser's privilege"))
struct LiveCaptureTests {
  @Test func `a reactor hands out what passes on the interface, and the filter keeps the rest away`() async throws {
    let began = Duration.seconds(Int64(Date().timeIntervalSince1970))
    let (seen, times, linkType, left) = try await inOwnNetwork {
      let loop = try Loop()
      let other = try Loop()
      let reactor = try Reactor()
      var seen: [String] = []
      var times: [Duration] = []
      let capture = try LiveCapture(interface: "lo", filter: "udp port \(loop.port)") { record in
        seen.append(payload(record))
        times.append(record.time)
        if seen.count == 3 { try reactor.stop() }
      }
      try reactor.addReader(capture)
      // Only a run that fails gets there.
      try reactor.callLater(.seconds(20)) { try reactor.stop() }
      for text in ["one", "two", "three"] {
        try other.send("not \(text)")
        try loop.send(text)
      }
      try reactor.run()
      return (seen, times, capture.linkType, capture.fileno())
    }
    #expect(seen == ["one", "two", "three"])
    #expect(times == times.sorted())
    let ended = Duration.seconds(Int64(Date().timeIntervalSince1970) + 1)
    #expect(times.allSatisfy { $0 >= began && $0 <= ended })
    #expect(linkType == .ethernet)
    #expect(left == -1, "the reactor's shutdown closes it")
  }

  @Test func `it does not wait when there is nothing, and counts what came`() async throws {
    let (counts, statistics) = try await inOwnNetwork {
      let loop = try Loop()
      var seen = 0
      let capture = try LiveCapture(interface: "lo") { _ in seen += 1 }
      var counts: [Int] = []
      for burst in [0, 10, 0] {
        for _ in 0..<burst { try loop.send("x") }
        let before = seen
        try capture.read { seen >= before + burst }
        counts.append(seen)
      }
      return (counts, try capture.statistics())
    }
    #expect(counts == [0, 10, 10])
    // The loopback shows each packet twice to the system, and libpcap hands out one of the two.
    #expect(statistics.received >= 10)
    #expect(statistics.dropped == 0)
  }

  @Test func `one read hands out so many packets and no more`() async throws {
    let counts = try await inOwnNetwork {
      let loop = try Loop()
      var seen = 0
      let capture = try LiveCapture(interface: "lo", snapshotLength: 128) { _ in seen += 1 }
      for _ in 0..<300 { try loop.send("x") }
      var counts: [Int] = []
      var before = 0
      try capture.read {
        counts.append(seen - before)
        before = seen
        return seen >= 300
      }
      return counts
    }
    #expect(counts.reduce(0, +) == 300)
    #expect(counts.allSatisfy { $0 <= LiveCapture.packetsPerRead }, "\(counts)")
  }

  @Test func `a packet is cut at the snapshot length`() async throws {
    let (captured, original) = try await inOwnNetwork {
      let loop = try Loop()
      var lengths = (0, 0)
      let capture = try LiveCapture(interface: "lo", snapshotLength: 60) { record in
        lengths = (record.bytes.byteCount, record.originalLength)
      }
      try loop.send(String(repeating: "x", count: 100))
      try capture.read { lengths.1 > 0 }
      return lengths
    }
    #expect(original == 142)
    #expect((42...60).contains(captured), "the system may cut a little more, for the sake of alignment")
  }

  @Test func `what is injected is captured, and what is too large is refused`() async throws {
    let (seen, error) = try await inOwnNetwork {
      let (hello, large) = (Captures.hello, [UInt8](repeating: 0, count: 100_000))
      var seen: [[UInt8]] = []
      let capture = try LiveCapture(interface: "lo") { record in seen.append(Captured(record).bytes) }
      try capture.inject(hello.span.bytes)
      try capture.read { !seen.isEmpty }
      do throws(CaptureError) {
        try capture.inject(large.span.bytes)
        return (seen, CaptureError?.none)
      } catch {
        return (seen, error)
      }
    }
    #expect(seen == [Captures.hello])
    #expect(error?.code == .device)
  }

  @Test func `a handler may close it, or read again, inside its packet`() async throws {
    let (seen, number) = try await inOwnNetwork {
      let loop = try Loop()
      var seen: [String] = []
      weak var inner: LiveCapture?
      let capture = try LiveCapture(interface: "lo") { record in
        _ = try inner?.doRead()
        inner?.close()
        seen.append(payload(record))
      }
      inner = capture
      for text in ["one", "two"] { try loop.send(text) }
      try capture.read { !seen.isEmpty }
      return (seen, capture.fileno())
    }
    #expect(seen == ["one"])
    #expect(number == -1)
  }

  @Test func `what the handler throws leaves the rest for the next call`() async throws {
    struct Refused: Error {}
    let (seen, refusals) = try await inOwnNetwork {
      let loop = try Loop()
      var seen: [String] = []
      let capture = try LiveCapture(interface: "lo") { record in
        seen.append(payload(record))
        if seen.count == 1 { throw Refused() }
      }
      for text in ["one", "two"] { try loop.send(text) }
      var refusals = 0
      while seen.count < 2 {
        do {
          try capture.read { seen.count == 2 }
        } catch is Refused {
          refusals += 1
        }
      }
      return (seen, refusals)
    }
    #expect(seen == ["one", "two"])
    #expect(refusals == 1)
  }

  @Test(arguments: [
    ("nosuch0", "", CaptureError.Code.noDevice), ("lo", "nonsense nonsense", .filter), ("a\0b", "", .noDevice),
  ])
  func `an interface that is not there and a wrong filter are told`(
    interface: String, filter: String, code: CaptureError.Code
  ) {
    let error = #expect(throws: CaptureError.self) {
      _ = try LiveCapture(interface: interface, filter: filter) { _ in }
    }
    #expect(error?.code == code, "\(String(describing: error))")
  }
}
