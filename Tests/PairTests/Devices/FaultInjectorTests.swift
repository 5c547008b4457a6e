import Pair
import Testing

@Suite struct FaultInjectorTests {
  /// What comes back of numbered frames of 64 bytes.
  private func pass(
    _ count: Int, seed: UInt64, receiving: FrameFaults = FrameFaults(), sending: FrameFaults = FrameFaults()
  ) -> (frames: [[UInt8]], sent: FrameFaultCounts, received: FrameFaultCounts) {
    let loopback = Loopback(medium: .ip, capacity: count)
    var device = FaultInjector(loopback, seed: seed, receiving: receiving, sending: sending)
    for number in 0..<count {
      let isTaken = device.send(Self.frame(number))
      #expect(isTaken)
    }
    let frames = device.receiveAll()
    return (frames, device.counts(.sent), device.counts(.received))
  }

  private static func frame(_ number: Int) -> [UInt8] {
    [UInt8(number >> 8), UInt8(number & 0xFF)] + Array(repeating: 0, count: 62)
  }

  /// The same, with faults one way.
  private func pass(
    _ count: Int, seed: UInt64, _ direction: FrameDirection, _ faults: FrameFaults
  ) -> (frames: [[UInt8]], counts: FrameFaultCounts) {
    switch direction {
    case .received:
      let (frames, _, counts) = pass(count, seed: seed, receiving: faults)
      return (frames, counts)
    case .sent:
      let (frames, counts, _) = pass(count, seed: seed, sending: faults)
      return (frames, counts)
    }
  }

  @Test func `without faults every frame passes as it is`() {
    let (frames, sent, received) = pass(100, seed: 1)
    #expect(frames == (0..<100).map(Self.frame))
    #expect(sent == FrameFaultCounts())
    #expect(received == FrameFaultCounts())
  }

  @Test(arguments: FrameDirection.allCases)
  func `frames are dropped about as often as asked for, the same for the same seed`(direction: FrameDirection) {
    let runs = [7, 7, 8].map { pass(1_000, seed: $0, direction, FrameFaults(dropChance: 0.25)) }
    #expect((200...300).contains(runs[0].counts.dropped))
    #expect(runs[0].frames.count == 1_000 - runs[0].counts.dropped)
    #expect(runs[0].frames == runs[1].frames)
    #expect(runs[0].frames != runs[2].frames)
  }

  @Test func `the same seed loses other frames on the way in than on the way out`() {
    let faults = FrameFaults(dropChance: 0.5)
    #expect(pass(200, seed: 3, .received, faults).frames != pass(200, seed: 3, .sent, faults).frames)
  }

  @Test(arguments: FrameDirection.allCases)
  func `one bit is flipped, and only one, anywhere in the frame`(direction: FrameDirection) {
    let frames = pass(500, seed: 5, direction, FrameFaults(flipChance: 1)).frames
    #expect(frames.count == 500)
    var bits: Set<Int> = []
    for (number, frame) in frames.enumerated() {
      let changed = zip(frame, Self.frame(number)).map { $0 ^ $1 }
      #expect(changed.reduce(0) { $0 + $1.nonzeroBitCount } == 1)
      let byte = changed.firstIndex { $0 != 0 } ?? 0
      bits.insert(byte * 8 + changed[byte].trailingZeroBitCount)
    }
    #expect(bits.count > 250, "of 512 bits one was chosen 500 times")
    #expect(bits.contains { $0 < 32 } && bits.contains { $0 >= 480 })
  }

  @Test func `an empty frame has no bit to flip`() {
    var device = FaultInjector(Loopback(medium: .ip), seed: 1, sending: FrameFaults(flipChance: 1))
    _ = device.send([UInt8]())
    let flipped = device.counts(.sent).flipped
    #expect(flipped == 0)
    let frames = device.receiveAll()
    #expect(frames == [[]])
  }

  @Test func `a change of one chance leaves the others' choices as they were`() {
    let dropped = FrameFaults(dropChance: 0.3)
    let both = FrameFaults(dropChance: 0.3, flipChance: 0.5, lengthLimit: 64)
    let numbers = pass(500, seed: 11, .sent, dropped).frames.map(\.count).count
    let counts = pass(500, seed: 11, .sent, both).counts
    #expect(counts.dropped == 500 - numbers)
    #expect(counts.flipped > 100)
  }

  @Test func `a frame above the length limit is lost`() {
    var device = FaultInjector(Loopback(medium: .ip), seed: 1, sending: FrameFaults(lengthLimit: 3))
    for count in 1...5 {
      let isTaken = device.send([UInt8](repeating: 9, count: count))
      #expect(isTaken)
    }
    let lost = device.counts(.sent).tooLong
    #expect(lost == 2)
    let frames = device.receiveAll()
    #expect(frames.map(\.count) == [1, 2, 3])
  }

  @Test func `a rate lets a burst through, then one an interval, and saves up no more than a burst`() {
    let rate = FrameRate(oneEvery: .milliseconds(10), burst: 3)
    var device = FaultInjector(Loopback(medium: .ip), seed: 1, sending: FrameFaults(rate: rate))
    var passed: [Int] = []
    for time in [0, 0, 0, 0, 9, 10, 11, 19, 20, 5, 21, 1_000, 1_000, 1_000, 1_000] {
      let before = device.counts(.sent).tooFast
      _ = device.send([1], at: .milliseconds(time))
      if device.counts(.sent).tooFast == before { passed.append(time) }
    }
    #expect(passed == [0, 0, 0, 10, 20, 1_000, 1_000, 1_000])
  }

  @Test func `a frame that the wrapped device does not take is not taken`() {
    var device = FaultInjector(Loopback(medium: .ip, capacity: 1), seed: 1, sending: FrameFaults(flipChance: 1))
    let taken = [device.send([1]), device.send([1])]
    #expect(taken == [true, false])
  }
}
