import Testing

@testable import Conformance

/// Whatever a trace says, judging it ends with a verdict.
@Suite struct HostileRecordingTests {
  /// SplitMix64: the same numbers for the same seed, everywhere.
  private struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return word ^ (word >> 31)
    }
  }

  private static let values: [TraceValue] = [
    .null, true, false, 0, 1, -1, .int(.max), .int(.min), .double(.infinity), .double(-.infinity), .double(.nan), 1e300,
    "", "reactor-1.stop", "connection 1", "timer-1", "transport-1.", ".", "-", "io", "shutdown", .bytes([]),
    .bytes([1, 2, 3]), [], [[]], [1, "x"], ["ref": "timer-1"], ["ref": 7], ["new": "protocol-1"], ["new": .null],
    ["deferred": "deferred-1", "fired": ["new": "timer-1"]], ["method": []], ["method": ["reactor-1", 3]], ["set": 3],
    ["set": [["ref": "a"], ["ref": "b"]]], ["port": ["port": 1]], ["fd": "fd-1", "is": 3], ["error": 1, "raised": "x"],
    ["error": "lost", "raised": .int(.max)], ["ipv4": []], ["ipv4": ["127.0.0.1", ["port": "p-1"]]],
    ["times": .int(.max), "until": "stop"], ["times": -1], ["implements": [1, "push"], "new": "producer-1"],
  ]
  private static let keys = [
    "in", "turn", "phase", "after", "of", "thread", "at", "args", "gives", "raises", "repeat", "call", "back", "set",
    "to", "peer", "check", "drop",
  ]

  /// A trace with some of its values replaced by others.
  private func spoiled(_ trace: TraceFile, _ chance: inout Chance) -> TraceFile {
    var spoiled = trace
    for _ in 0..<Int.random(in: 1...6, using: &chance) {
      let row = Int.random(in: spoiled.events.indices, using: &chance)
      let value = Self.values.randomElement(using: &chance) ?? .null
      var event = spoiled.events[row].event
      if Bool.random(using: &chance), var args = event["args"]?.mapping,
        let key = args.keys.randomElement(using: &chance)
      {
        args[key] = Bool.random(using: &chance) ? value : nil
        event.fields["args"] = .mapping(args)
      } else if let key = Self.keys.randomElement(using: &chance) {
        event.fields[key] = Bool.random(using: &chance) ? value : nil
      }
      spoiled.events[row].event = event
    }
    return spoiled
  }

  @Test(
    arguments: FormatFixtures.corpus.filter { $0.hasSuffix("Client/addresses.yaml") || $0.contains("Abort") }.prefix(8))
  func `a spoiled trace is judged or refused`(path: String) throws {
    var chance = Chance(state: 26)
    let original = try TraceFile(path: path)
    let recorded = try Recording(original)
    var judged = 0
    for _ in 0..<150 {
      guard let other = try? Recording(spoiled(original, &chance)) else { continue }
      judged += 1
      for (expected, happened) in [(other, recorded), (recorded, other), (other, other)] {
        let found = compare(expected, happened)
        #expect(found.consumed <= found.expected)
        #expect(!found.told(expected).isEmpty)
      }
    }
    #expect(judged > 0)
  }

  @Test func `crossings a thousand deep are judged`() throws {
    var events = ""
    for n in 1...999 { events += (n == 1 ? "" : "in: \(n - 1), ") + (n % 2 == 1 ? "call: a-1.b\n" : "back: c-1.d\n") }
    for n in (1...999).reversed() { events += "end: \(n)\n" }
    let deep = try recording(events)
    #expect(compare(deep, deep).agrees)
    #expect(try deep.depth(of: #require(deep[999])) == 998)
  }

  @Test func `a turn, a delay and a port at the end of the numbers are judged`() throws {
    let extreme = try recording(
      """
      call: reactor-1.run
      in: 1, turn: 9223372036854775807, phase: io, at: 9223372036854775807, back: reader-1.doRead
      in: 2, call: reactor-1.callLater, args: {delay: 0, callable: {new: function-1}}, gives: {new: timer-1}
      in: 2, call: reactor-1.stop
      end: 2
      in: 1, turn: 9223372036854775807, phase: timer, at: -9223372036854775808, back: function-1.call, of: timer-1
      in: 1, turn: -9223372036854775808, phase: shutdown, at: 0, back: reader-1.connectionLost
      end: 1
      """)
    #expect(compare(extreme, extreme).divergence?.rule == .due)
  }
}
