import Testing

@testable import Reactor

@Suite struct OutputCountsTests {
  @Test func `the sums of Twisted's buffer arithmetic come out`() {
    // Two writes of 100,000; each send takes 50,000; 10 more are written after the first send.
    var counts = OutputCounts()
    counts.append(100_000)
    counts.append(100_000)
    #expect(counts.stage() == 131_072)
    counts.send(50_000)
    counts.append(10)
    #expect(counts.staged == 200_000)
    #expect(counts.sent == 50_000)
    #expect(counts.appended == 10)
    #expect(counts.isFull())
    #expect(counts.stage() == 131_072)
    counts.send(50_000)
    // Less than one send's limit is staged: what was appended joins it.
    #expect(counts.stage() == 100_010)
    counts.send(50_000)
    #expect(counts.stage() == 50_010)
    #expect(counts.staged == 50_010)
    counts.send(50_000)
    #expect(counts.stage() == 10)
    counts.send(10)
    #expect(counts == OutputCounts())
    #expect(counts.stage() == 0)
  }

  @Test func `a producer is paused above 65,536 bytes and not at them`() {
    var counts = OutputCounts()
    counts.append(65_536)
    #expect(!counts.isFull())
    counts.append(1)
    #expect(counts.isFull())
  }

  @Test func `bytes that are sent count as waiting until a send stages anew`() {
    var counts = OutputCounts()
    counts.append(65_537)
    _ = counts.stage()
    counts.send(65_536)
    #expect(counts.unsent == 1)
    #expect(counts.isFull())
    _ = counts.stage()
    #expect(!counts.isFull())
  }

  @Test func `no bytes are lost or invented in any small history`() {
    // Every sequence of six steps: append 1 or 3, send all or none or one of what is offered.
    enum Step: CaseIterable { case appendOne, appendThree, sendAll, sendNone, sendOne }
    func check(_ counts: OutputCounts, appended: Int, sent: Int, left: Int) {
      #expect(counts.unsent == appended - sent)
      #expect(counts.isEmpty == (appended == sent))
      guard left > 0 else { return }
      for step in Step.allCases {
        var next = counts
        switch step {
        case .appendOne:
          next.append(1)
          check(next, appended: appended + 1, sent: sent, left: left - 1)
        case .appendThree:
          next.append(3)
          check(next, appended: appended + 3, sent: sent, left: left - 1)
        case .sendAll, .sendNone, .sendOne:
          let offered = next.stage()
          #expect(offered == appended - sent)
          let taken = step == .sendAll ? offered : step == .sendNone ? 0 : min(1, offered)
          next.send(taken)
          check(next, appended: appended, sent: sent + taken, left: left - 1)
        }
      }
    }
    check(OutputCounts(), appended: 0, sent: 0, left: 6)
  }
}

@Suite struct OutputBufferTests {
  /// Sends at most so many bytes, into a sink.
  private func send(_ buffer: inout OutputBuffer, atMost limit: Int, into sink: inout [UInt8]) -> Int {
    // The bytes are used before the buffer is told.
    let offered = unsafe buffer.offer()
    let taken = min(limit, offered.count)
    unsafe sink.append(contentsOf: offered.prefix(taken))
    buffer.sent(taken)
    return offered.count
  }

  @Test func `bytes leave in order whatever each send takes`() {
    for limit in [1, 2, 3, 7, 100] {
      var buffer = OutputBuffer()
      var sink: [UInt8] = []
      var written: [UInt8] = []
      for round in 0..<50 {
        let data = (0..<(round % 5)).map { UInt8(truncatingIfNeeded: round * 5 + $0) }
        #expect(buffer.append(data.span.bytes) == buffer.counts)
        written += data
        if round % 2 == 0 { _ = send(&buffer, atMost: limit, into: &sink) }
      }
      while !buffer.isEmpty { _ = send(&buffer, atMost: limit, into: &sink) }
      #expect(sink == written)
    }
  }

  @Test func `bytes leave in order while more comes than leaves, and after`() {
    var buffer = OutputBuffer()
    var sink: [UInt8] = []
    var written: [UInt8] = []
    for round in 0..<2_000 {
      let data = (0..<round * 7919 % 301).map { UInt8(truncatingIfNeeded: round &* 31 &+ $0) }
      _ = buffer.append(data.span.bytes)
      written += data
      _ = send(&buffer, atMost: round * 104_729 % 281, into: &sink)
      #expect(buffer.counts.unsent == written.count - sink.count)
    }
    while !buffer.isEmpty { _ = send(&buffer, atMost: 100_000, into: &sink) }
    #expect(sink == written)
  }

  @Test func `one send is offered at most 131,072 bytes`() {
    var buffer = OutputBuffer()
    var sink: [UInt8] = []
    #expect(buffer.append([UInt8](repeating: 1, count: 300_000).span.bytes).isFull())
    #expect(send(&buffer, atMost: .max, into: &sink) == 131_072)
    #expect(send(&buffer, atMost: .max, into: &sink) == 131_072)
    #expect(send(&buffer, atMost: .max, into: &sink) == 300_000 - 2 * 131_072)
    #expect(buffer.counts.unsent == 0)
    #expect(sink.count == 300_000)
  }

  @Test func `a producer that stops when it is told to fills less than 256 KiB, whatever each send takes`() {
    var buffer = OutputBuffer()
    var sink: [UInt8] = []
    var most = 0
    for round in 0..<5_000 {
      let isPaused = buffer.counts.isFull()
      if !isPaused {
        let data = [UInt8](repeating: 7, count: 1 + round * 7919 % 65_536)
        _ = buffer.append(data.span.bytes)
      }
      most = max(most, buffer.capacity)
      _ = send(&buffer, atMost: round * 104_729 % (isPaused ? 131_072 : 40_000), into: &sink)
      sink.removeAll(keepingCapacity: true)
    }
    #expect(most > 65_536)
    #expect(most < 256 << 10)
  }

  @Test func `a refused send takes nothing`() {
    var buffer = OutputBuffer()
    #expect(buffer.append(([1, 2, 3] as [UInt8]).span.bytes).unsent == 3)
    var sink: [UInt8] = []
    #expect(send(&buffer, atMost: 0, into: &sink) == 3)
    #expect(buffer.counts.unsent == 3)
    #expect(send(&buffer, atMost: 3, into: &sink) == 3)
    #expect(buffer.counts.unsent == 0)
    #expect(sink == [1, 2, 3])
  }

  @Test func `nothing is offered of nothing, and what was forgotten does not come back`() {
    var buffer = OutputBuffer()
    var sink: [UInt8] = []
    #expect(send(&buffer, atMost: .max, into: &sink) == 0)
    _ = buffer.append(([1, 2, 3] as [UInt8]).span.bytes)
    buffer.removeAll()
    #expect(buffer.counts.unsent == 0)
    #expect(send(&buffer, atMost: .max, into: &sink) == 0)
    #expect(sink.isEmpty)
  }
}
