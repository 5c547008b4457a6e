import Addresses
import Pair
import Reactor
import Testing

/// A datagram of 108 bytes and its three fragments, from scapy 2.8.0.
private let whole =
  [UInt8](hex: "450000801234000040114d2c0a0102030a040506 00010002006c4838") + (0..<100).map { UInt8($0) }
private let fragments = [
  [UInt8](hex: "450000441234200040112d680a0102030a040506 00010002006c4838") + (0..<40).map { UInt8($0) },
  [UInt8](hex: "450000441234200640112d620a0102030a040506") + (40..<88).map { UInt8($0) },
  [UInt8](hex: "450000201234000c40114d800a0102030a040506") + (88..<100).map { UInt8($0) },
]

/// A reassembler whose keys are numbers, fed with fragments of eight bytes a letter.
private struct Trial {
  var reassembler: FragmentReassembler<Int>

  init(_ limits: FragmentLimits = FragmentLimits()) { reassembler = FragmentReassembler(limits: limits) }

  mutating func add(
    _ text: String, at offset: Int, more: Bool = true, key: Int = 0, head: String = "", seconds: Int = 0
  ) -> Reassembly<Int> {
    let payload = text.utf8.flatMap { [UInt8](repeating: $0, count: 8) }
    return add(payload, at: 8 * offset, more: more, key: key, head: head, seconds: seconds)
  }

  mutating func add(
    _ payload: [UInt8], at offset: Int, more: Bool, key: Int = 0, head: String = "", seconds: Int = 0
  ) -> Reassembly<Int> {
    let head = Array(head.utf8)
    return reassembler.add(
      payload.span.bytes, at: offset, moreFragments: more, head: head.span.bytes, key: key, now: .seconds(seconds))
  }
}

private func letters(_ text: String) -> FragmentOutcome {
  .complete(text.utf8.flatMap { [UInt8](repeating: $0, count: 8) })
}

@Suite struct FragmentTests {
  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func `IPv4 fragments in any order become the packet that they were`(order: [Int]) throws {
    var reassembler = FragmentReassembler<FragmentKey>()
    var outcomes: [FragmentOutcome] = []
    for fragment in order.map({ fragments[$0] }) {
      outcomes.append(reassembler.add(try IPv4View(fragment.span.bytes), now: .zero).outcome)
    }
    #expect(outcomes == [.held, .held, .complete(whole)])
    #expect(reassembler.memory == 0)
    #expect(reassembler.count == 0)
    #expect(reassembler.drops.isEmpty)
  }

  @Test func `fragments of another identification are of another datagram`() throws {
    var reassembler = FragmentReassembler<FragmentKey>()
    var other = fragments[1]
    other[5] ^= 1
    for fragment in [fragments[0], other, fragments[2]] {
      #expect(reassembler.add(try IPv4View(fragment.span.bytes), now: .zero).outcome == .held)
    }
    #expect(reassembler.count == 2)
  }

  @Test func `a whole that fits no packet is dropped`() throws {
    var reassembler = FragmentReassembler<FragmentKey>()
    let template = IPv4Header(protocolNumber: .udp, source: .any, destination: .any)
    func fragment(offset: Int, count: Int, more: Bool) throws -> [UInt8] {
      var header = template
      header.moreFragments = more
      header.fragmentOffset = UInt16(offset / 8)
      try header.setTotalLength(payload: count)
      let bytes = try [UInt8](written: 20) { (memory) throws(PacketError) in try header.write(into: &memory) }
      return bytes + [UInt8](repeating: 0, count: count)
    }
    let first = try fragment(offset: 0, count: 65_512, more: true)
    #expect(reassembler.add(try IPv4View(first.span.bytes), now: .zero).outcome == .held)
    let last = try fragment(offset: 65_512, count: 8, more: false)
    #expect(reassembler.add(try IPv4View(last.span.bytes), now: .zero).outcome == .dropped(.tooLong))
    #expect(reassembler.drops == [.tooLong: 1])
  }

  @Test func `the head is the first fragment's`() {
    var trial = Trial()
    #expect(trial.add("b", at: 1, more: false, head: "no").outcome == .held)
    #expect(trial.add("a", at: 0, head: "yes").outcome == .complete(Array("yesaaaaaaaabbbbbbbb".utf8)))
  }

  @Test func `an exact duplicate is ignored`() {
    var trial = Trial()
    #expect(trial.add("a", at: 0).outcome == .held)
    #expect(trial.add("a", at: 0).outcome == .duplicate)
    #expect(trial.add("c", at: 2, more: false).outcome == .held)
    #expect(trial.add("c", at: 2, more: false).outcome == .duplicate)
    #expect(trial.add("b", at: 1).outcome == letters("abc"))
  }

  @Test(arguments: [("x", 0), ("ab", 0), ("xx", 1), ("x", 3), ("bcd", 1), ("abcdefgh", 0)])
  func `an overlap gives up the datagram, and what comes later for it`(text: String, offset: Int) {
    var trial = Trial()
    _ = trial.add("a", at: 0)
    _ = trial.add("cd", at: 2)
    #expect(trial.add(text, at: offset).outcome == .dropped(.overlap))
    #expect(trial.reassembler.memory == 0)
    #expect(trial.add("a", at: 0, seconds: 59).outcome == .dropped(.givenUp))
    let later = trial.add("a", at: 0, seconds: 60)
    #expect(later.outcome == .held)
    // It was told of when it was given up.
    #expect(later.others.isEmpty)
    #expect(trial.reassembler.drops == [.overlap: 1, .givenUp: 1])
  }

  @Test func `a fragment that says another end than before gives up the datagram`() {
    var behind = Trial()
    _ = behind.add("b", at: 1, more: false)
    #expect(behind.add("c", at: 2).outcome == .dropped(.end))
    var before = Trial()
    _ = before.add("c", at: 2)
    #expect(before.add("a", at: 0, more: true).outcome == .held)
    #expect(before.add("b", at: 1, more: false).outcome == .dropped(.end))
    var twice = Trial()
    _ = twice.add("b", at: 1, more: false)
    #expect(twice.add("b", at: 1, more: true).outcome == .dropped(.overlap))
  }

  @Test(
    arguments: [
      (0, 0, false, .empty), (8, 0, true, .empty), (4, 8, true, .misaligned), (0, 9, true, .misaligned),
      (-8, 8, true, .misaligned), (65_528, 8, true, .tooLong), (65_528, 8, false, .tooLong),
      (Int.max - 7, 8, false, .tooLong),
    ] as [(Int, Int, Bool, FragmentDrop)])
  func `a fragment that cannot be is dropped`(offset: Int, count: Int, more: Bool, reason: FragmentDrop) {
    var trial = Trial()
    let outcome = trial.add([UInt8](repeating: 0, count: count), at: offset, more: more).outcome
    #expect(outcome == .dropped(reason))
    #expect(trial.reassembler.count == 0)
    #expect(trial.reassembler.drops == [reason: 1])
  }

  @Test func `a datagram in one piece is complete, whatever is kept`() {
    var trial = Trial()
    _ = trial.add("x", at: 0)
    #expect(trial.add("a", at: 0, more: false, head: "h").outcome == .complete(Array("haaaaaaaa".utf8)))
    #expect(trial.reassembler.count == 1)
  }

  @Test func `too many fragments give up the datagram`() {
    var trial = Trial(FragmentLimits(fragments: 2))
    _ = trial.add("a", at: 0)
    _ = trial.add("b", at: 1)
    #expect(trial.add("c", at: 2).outcome == .dropped(.fragments))
    #expect(trial.add("d", at: 3, more: false).outcome == .dropped(.givenUp))
  }

  @Test func `too many bytes drop the oldest datagrams, in order`() {
    var trial = Trial(FragmentLimits(memory: 32))
    _ = trial.add("a", at: 0, key: 1)
    _ = trial.add("a", at: 0, key: 2)
    _ = trial.add("aa", at: 0, key: 3)
    let result = trial.add("aa", at: 0, key: 4)
    #expect(result.outcome == .held)
    #expect(result.others.map(\.key) == [1, 2])
    #expect(result.others.map(\.reason) == [.memory, .memory])
    #expect(trial.reassembler.memory == 32)
    #expect(trial.reassembler.drops == [.memory: 2])
  }

  @Test func `a fragment whose own datagram is the oldest goes with it`() {
    var trial = Trial(FragmentLimits(memory: 16))
    _ = trial.add("a", at: 0, key: 1)
    _ = trial.add("a", at: 0, key: 2)
    let result = trial.add("b", at: 1, key: 1)
    #expect(result.outcome == .dropped(.memory))
    #expect(result.others.isEmpty)
    #expect(trial.reassembler.count == 1)
    #expect(trial.reassembler.memory == 8)
  }

  @Test func `a fragment that is larger than all memory drops nothing else`() {
    var trial = Trial(FragmentLimits(memory: 16))
    _ = trial.add("a", at: 0, key: 1)
    let result = trial.add("aaa", at: 0, key: 2)
    #expect(result.outcome == .dropped(.memory))
    #expect(result.others.isEmpty)
    #expect(trial.reassembler.count == 1)
  }

  @Test func `too many datagrams drop the oldest`() {
    var trial = Trial(FragmentLimits(datagrams: 2))
    for key in 1...2 { _ = trial.add("a", at: 0, key: key) }
    let third = trial.add("a", at: 0, key: 3)
    #expect(third.others.map(\.key) == [1])
    #expect(third.others.map(\.reason) == [.datagrams])
    #expect(trial.add("b", at: 1, more: false, key: 2).outcome == letters("ab"))
    var none = Trial(FragmentLimits(datagrams: 0))
    #expect(none.add("a", at: 0).outcome == .dropped(.datagrams))
  }

  @Test func `a datagram's time runs from its first fragment, and never back`() {
    var trial = Trial(FragmentLimits(lifetime: .seconds(30)))
    _ = trial.add("a", at: 0, key: 1, seconds: 10)
    _ = trial.add("b", at: 1, key: 1, seconds: 39)
    _ = trial.add("a", at: 0, key: 2, seconds: 0)
    #expect(trial.reassembler.expire(now: .seconds(39)).isEmpty)
    #expect(trial.reassembler.expire(now: .seconds(40)).map(\.key) == [1])
    #expect(trial.reassembler.expire(now: .seconds(68)).isEmpty)
    #expect(trial.reassembler.expire(now: .seconds(69)).map(\.reason) == [.timeout])
    #expect(trial.reassembler.memory == 0)
    #expect(trial.reassembler.drops == [.timeout: 2])
  }

  @Test func `random fragments stay within the bounds, and what completes is what was cut`() {
    var random = SplitMix64(seed: 4)
    let limits = FragmentLimits(memory: 600, datagrams: 5, fragments: 6, lifetime: .seconds(20))
    var trial = Trial(limits)
    var completed = 0
    for second in 0..<20_000 {
      let key = Int.random(in: 0..<8, using: &random)
      let whole = (0..<60).map { UInt8(truncatingIfNeeded: key * 64 + $0) }
      // Most are cut every 24 bytes; one in thirty is cut anywhere, or says wrongly whether more follows.
      let isOdd = Int.random(in: 0..<30, using: &random) == 0
      let start = isOdd ? 8 * Int.random(in: 0..<8, using: &random) : 24 * Int.random(in: 0..<3, using: &random)
      let end = min(60, start + 24)
      let more = isOdd ? Bool.random(using: &random) : end < 60
      let head = String(key)
      let result = trial.add(
        Array(whole[start..<end]), at: start, more: more, key: key, head: head, seconds: second / 8)
      if case .complete(let bytes) = result.outcome, start > 0 || more {
        let expected = Array(head.utf8) + whole
        // A datagram whose end was told wrongly is shorter.
        #expect(expected.starts(with: bytes))
        completed += bytes == expected ? 1 : 0
      }
      #expect(trial.reassembler.memory <= limits.memory)
      #expect(trial.reassembler.count <= limits.datagrams)
    }
    #expect(completed > 500)
    _ = trial.reassembler.expire(now: .seconds(100_000))
    #expect(trial.reassembler.memory == 0)
    #expect(trial.reassembler.count == 0)
  }
}
