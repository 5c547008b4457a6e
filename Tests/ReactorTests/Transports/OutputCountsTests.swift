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
    var offered = 0
    // The pointer is used inside the closure only.
    _ = unsafe buffer.sendOnce { (bytes) in
      offered = bytes.count
      let taken = min(limit, offered)
      unsafe sink.append(contentsOf: bytes.prefix(taken))
      return .done(taken)
    }
    return offered
  }

  @Test func `bytes leave in order whatever each send takes`() {
    for limit in [1, 2, 3, 7, 100] {
      var buffer = OutputBuffer()
      var sink: [UInt8] = []
      var written: [UInt8] = []
      for round in 0..<50 {
        let data = (0..<(round % 5)).map { UInt8(truncatingIfNeeded: round * 5 + $0) }
        #expect(buffer.append(data) == buffer.counts)
        written += data
        if round % 2 == 0 { _ = send(&buffer, atMost: limit, into: &sink) }
      }
      while !buffer.isEmpty { _ = send(&buffer, atMost: limit, into: &sink) }
      #expect(sink == written)
    }
  }

  @Test func `one send is offered at most 131,072 bytes`() {
    var buffer = OutputBuffer()
    var sink: [UInt8] = []
    #expect(buffer.append([UInt8](repeating: 1, count: 300_000)).isFull())
    #expect(send(&buffer, atMost: .max, into: &sink) == 131_072)
    #expect(send(&buffer, atMost: .max, into: &sink) == 131_072)
    #expect(send(&buffer, atMost: .max, into: &sink) == 300_000 - 2 * 131_072)
    #expect(buffer.isEmpty)
    #expect(sink.count == 300_000)
  }

  @Test func `a refused send takes nothing`() {
    var buffer = OutputBuffer()
    #expect(buffer.append([1, 2, 3]).unsent == 3)
    #expect(!(unsafe buffer.sendOnce { _ in .wouldBlock }.wasAll))
    #expect(!(unsafe buffer.sendOnce { _ in .failed(.connectionReset) }.wasAll))
    #expect(buffer.counts.unsent == 3)
  }
}
