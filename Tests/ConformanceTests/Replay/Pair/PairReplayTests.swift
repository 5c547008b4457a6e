import Testing

@testable import Conformance

/// The replay of tunnels against the committed traces, in this process and in memory.
@Suite struct PairReplayTests {
  /// The traces that need no device.
  static let inMemory = FormatFixtures.tunnelCorpus.filter { !$0.contains("/Real") }
  /// The one whose I/O system is the application's own, and so no part of what is under test.
  static let fed = "/scenarios/kernel_name.yaml"

  @Test(arguments: inMemory, ReplayPart.allCases)
  func `a committed trace agrees, whole and by part`(path: String, part: ReplayPart) throws {
    if part == .io, path.hasSuffix(Self.fed) { return }
    let replay = PairReplay(try Recording(TraceFile(path: path)), part: part)
    let divergence = replay.run()
    #expect(divergence == nil, "\(divergence?.reason ?? "")")
    #expect(replay.judge.consumed == replay.judge.expected)
  }

  @Test func `each part has the traces that it is about`() throws {
    var counts: [ReplayPart: Int] = [:]
    for path in Self.inMemory where !path.contains("/scenarios/") {
      let recording = try Recording(TraceFile(path: path))
      for part in ReplayPart.allCases where PairReplay(recording, part: part).judge.expected > 0 {
        counts[part, default: 0] += 1
      }
    }
    #expect(counts == [.whole: 128, .port: 105, .io: 86])
  }

  @Test(arguments: inMemory)
  func `every altered expectation is noticed`(path: String) throws {
    let file = try TraceFile(path: path)
    let recorded = try Recording(file)
    for (row, altered, what) in Expectations.altered(file, recorded) {
      var mutant = file
      mutant.events[row].event = altered
      let replay = PairReplay(try Recording(mutant))
      #expect(replay.run() != nil, "line \(file.events[row].line): \(what)")
    }
  }

  @Test func `the committed traces have expectations of every kind`() throws {
    var kinds: Set<TraceEvent.Kind> = []
    var count = 0
    for path in Self.inMemory {
      let file = try TraceFile(path: path)
      for (row, _, _) in Expectations.altered(file, try Recording(file)) {
        kinds.insert(file.events[row].event.kind)
        count += 1
      }
    }
    #expect(kinds == [.call, .back, .get, .io, .log, .end])
    #expect(count > 2000)
  }
}

/// What a trace expects of the system, altered one value at a time.
private enum Expectations {
  /// Each alteration: the place of the event, the event as it then is, and what was altered.
  static func altered(_ file: TraceFile, _ recording: Recording) -> [(row: Int, event: TraceEvent, what: String)] {
    var found: [(row: Int, event: TraceEvent, what: String)] = []
    // A loop of a hundred equal events is altered in its first few.
    var seen: [String: Int] = [:]
    let isFed = file.file.hasSuffix(PairReplayTests.fed)
    for (row, (_, event)) in file.events.enumerated() {
      guard let n = event.n ?? event.end, let whole = recording[n], !whole.isPythonOnly else { continue }
      seen[whole.member, default: 0] += 1
      guard seen[whole.member, default: 0] <= 6 else { continue }
      for key in keys(whole.kind, isFed: isFed) where event.fields[key] != nil {
        for (altered, what) in leaves(event.fields[key]!, key) {
          var copy = event
          copy.fields[key] = altered
          found.append((row, copy, "\(whole.member) \(what)"))
        }
      }
    }
    return found
  }

  /// The keys whose values the system decides.
  private static func keys(_ kind: TraceEvent.Kind, isFed: Bool) -> [String] {
    switch kind {
    case .call, .get: ["gives", "raises"]
    case .io: isFed ? ["args"] : ["args", "gives", "raises"]
    case .back: ["args"]
    case .log: ["log"]
    default: []
    }
  }

  /// Names are compared by what they are bound to, messages not at all, and a logged text not where `what` says it.
  private static let passedOver: Set = ["new", "ref", "fd", "deferred", "message", "text", "what", "raised", "set"]

  private static func leaves(_ value: TraceValue, _ path: String) -> [(TraceValue, String)] {
    switch value {
    case .null: [(.int(0), path)]
    case .bool(let value): [(.bool(!value), path), (.int(value ? 1 : 0), "\(path), its type")]
    case .int(let value): [(.int(value ^ 1), path)] + (value <= 1 ? [(.bool(value == 1), "\(path), its type")] : [])
    case .double(let value): [(.double(value + 1), path)]
    case .string(let text): [(.string(text + "x"), path)]
    case .word(let text): [(.word(text == "EIO" ? "EPERM" : text.hasPrefix("E") ? "EIO" : text + "x"), path)]
    case .bytes(let bytes): edges(bytes).map { (.bytes($0), path) }
    case .list(let values):
      values.indices.flatMap { index in
        leaves(values[index], "\(path)[\(index)]").map { (altered, what) in
          var copy = values
          copy[index] = altered
          return (.list(copy), what)
        }
      }
    case .mapping(let mapping):
      mapping.keys.filter { !passedOver.contains($0) }.flatMap { key in
        leaves(mapping[key]!, "\(path).\(key)").map { (altered, what) in
          var copy = mapping
          copy[key] = altered
          return (.mapping(copy), what)
        }
      }
    }
  }

  /// The first, a middle and the last byte changed, and one byte more.
  private static func edges(_ bytes: [UInt8]) -> [[UInt8]] {
    Set([0, bytes.count / 2, bytes.count - 1]).filter { bytes.indices.contains($0) }.sorted().map { at in
      var copy = bytes
      copy[at] ^= 1
      return copy
    } + [bytes + [0]]
  }
}
