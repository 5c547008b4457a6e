import Testing

@testable import Conformance

/// The strict scanner and libyaml agree, on what the writer writes and on what it never would.
@Suite struct LineScannerTests {
  private static let traps: [String] = [
    "", "yes", "No", "ON", "null", "~", "=", "<<", "017", "0x1f", "1:30", "52:54:00:12:34:56", "2001-12-14", "1e5",
    "- a",
    "? b", "a: b", "# c", "'", "\"", "\\", "{", "}", "[", "]", ",", "!", "&", "*", "%", "@", "`", "|", ">", " ", "\n",
    "\t",
    "\0", "\u{85}", "\u{2028}", "\u{FEFF}", "\u{D7FF}", "\u{E000}", "\u{10FFFF}", "é", "--- ", "...",
  ]

  /// A small seeded generator: SplitMix64.
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

  private static func value(_ chance: inout Chance, depth: Int = 0) -> TraceValue {
    switch Int.random(in: 0..<(depth < 6 ? 9 : 6), using: &chance) {
    case 0: return [.null, .bool(true), .bool(false)].randomElement(using: &chance) ?? .null
    case 1:
      return [.int(0), .int(-1), .int(.max), .int(.min), .int(Int.random(in: -1_000_000...1_000_000, using: &chance))]
        .randomElement(using: &chance) ?? .null
    case 2:
      let bits = Double(bitPattern: chance.next())
      let doubles = [0.0, -0.0, .infinity, -.infinity, 1e-07, 1e16, 0.1, bits.isNaN ? 1.5 : bits]
      return .double(doubles.randomElement(using: &chance) ?? 0)
    case 3, 4:
      let count = Int.random(in: 0..<4, using: &chance)
      return .string((0..<count).map { _ in traps.randomElement(using: &chance) ?? "" }.joined())
    case 5:
      let count = Int.random(in: 0..<40, using: &chance)
      return Bool.random(using: &chance)
        ? .bytes((0..<count).map { _ in UInt8.random(in: 0...255, using: &chance) })
        : .bytes([UInt8](repeating: 0x7A, count: 250 + count))
    case 6:
      let count = Int.random(in: 0..<4, using: &chance)
      return .list((0..<count).map { _ in value(&chance, depth: depth + 1) })
    default:
      let pair = TraceValue.list([value(&chance, depth: 8), value(&chance, depth: depth + 2)])
      return ["map": .list([pair])]
    }
  }

  private static func line(_ value: TraceValue) throws -> [UInt8] {
    try TraceEmitter.line(event(value))
  }

  private static func event(_ value: TraceValue) -> TraceEvent {
    ["n": 1, "call": "reactor-1.callWhenRunning", "args": ["args": .list([value])]]
  }

  private static func scan(_ line: [UInt8]) -> TraceValue? {
    var scanner = LineScanner(line, from: 4, budget: TraceBudget(TraceLimits()))
    return scanner.scan()?.value
  }

  private static func parse(_ line: [UInt8]) throws(TraceError) -> TraceValue {
    try YAMLDocument.read(line, line: 1, budget: TraceBudget(TraceLimits())).value
  }

  @Test(arguments: 0..<20)
  func `both read what the writer writes`(seed: UInt64) throws {
    var chance = Chance(state: seed)
    for _ in 0..<100 {
      let value = Self.value(&chance)
      let line = try Self.line(value)
      #expect(line.allSatisfy { (0x20...0x7E).contains($0) })
      #expect(Self.scan(line) == .mapping(Self.event(value).fields))
      #expect(try Self.parse(line) == .mapping(Self.event(value).fields))
    }
  }

  @Test(arguments: 0..<20)
  func `what the scanner takes libyaml reads alike`(seed: UInt64) throws {
    var chance = Chance(state: seed)
    let pieces = [
      "{", "}", "[", "]", "\"", "'", ", ", ": ", ",", ":", " ", "#", "&a ", "*a", "!!binary ", "<<", "1", "-", ".",
      "e+05",
      "\\", "x", "no",
    ]
    var taken = 0
    for _ in 0..<300 {
      var line = try Self.line(Self.value(&chance))
      for _ in 0..<Int.random(in: 0..<3, using: &chance) {
        let place = Int.random(in: 4...line.count, using: &chance)
        let removed = min(Int.random(in: 0..<2, using: &chance), line.count - place)
        line.replaceSubrange(place..<(place + removed), with: (pieces.randomElement(using: &chance) ?? "").utf8)
      }
      guard let value = Self.scan(line) else { continue }
      taken += 1
      #expect(try Self.parse(line) == value, "\(String(decoding: line, as: UTF8.self))")
    }
    #expect(taken > 30)
  }

  @Test(arguments: [
    (0.0, "0.0"), (-0.0, "-0.0"), (1e-07, "1.0e-07"), (1.5e-10, "1.5e-10"), (1e16, "1.0e+16"),
    (1e15, "1000000000000000.0"), (0.0001, "0.0001"), (0.00001, "1.0e-05"),
    (3.402823669209385e+38, "3.402823669209385e+38"),
    (Double.leastNonzeroMagnitude, "5.0e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
    (.infinity, ".inf"), (120.0, "120.0"),
    (123456789.125, "123456789.125"), (9007199254740992.0, "9007199254740992.0"),
    (-12345678901234567.0, "-1.2345678901234568e+16"),
  ])
  func `doubles have one form`(value: Double, text: String) {
    #expect(CanonicalText.number(value) == text)
    #expect(PlainNumber.parse(Array(text.utf8)[...]) == .double(value))
  }

  @Test func `doubles read back as themselves`() {
    var chance = Chance(state: 7)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: chance.next())
      guard value.isFinite else { continue }
      let parsed = PlainNumber.parse(Array(CanonicalText.number(value).utf8)[...])
      #expect(parsed?.double?.bitPattern == value.bitPattern)
    }
  }

  @Test func `base64 is canonical or refused`() {
    var chance = Chance(state: 3)
    for count in 0..<200 {
      let data = (0..<count).map { _ in UInt8.random(in: 0...255, using: &chance) }
      var text: [UInt8] = []
      Base64.append(data, to: &text)
      #expect(Base64.decode(text) == data)
      if count % 3 != 0, let last = text.lastIndex(where: { $0 != UInt8(ascii: "=") }) {
        text[last] = text[last] == UInt8(ascii: "/") ? UInt8(ascii: "+") : UInt8(ascii: "/")
        #expect(Base64.decode(text) == nil)
      }
    }
    for text in ["=", "====", "AA=A", "AAA", "AA==AAAA", "A===", "AA=", "!!!!", "AAA\n"] {
      #expect(Base64.decode(Array(text.utf8)) == nil, "\(text)")
    }
  }

  @Test func `a preview shows at most sixty characters`() {
    func preview(_ text: String) -> String { CanonicalText.preview(Array(text.utf8)) }
    #expect(preview("hi") == "  # \"hi\" 2 B")
    #expect(preview("") == "  # \"\" 0 B")
    let sixty = String(repeating: "a", count: 60)
    #expect(preview(sixty) == "  # \"\(sixty)\" 60 B")
    #expect(preview(sixty + "a") == "  # \"\(sixty)\"... 61 B")
    #expect(preview(sixty.dropLast() + "\n") == "  # \"\(sixty.dropLast())\"... 60 B")
    #expect(CanonicalText.preview([0, 0x22, 0x5C, 0x0D, 0xFF]) == #"  # "\x00\"\\\r\xff" 5 B"#)
  }

  @Test func `a run counts at its full length before it is expanded`() {
    var limits = TraceLimits()
    limits.value = 999
    let line = Array("--- {n: 1, note: {repeat: [!!binary \"eA==\", 1000]}}".utf8)
    var scanner = LineScanner(line, from: 4, budget: TraceBudget(limits))
    #expect(scanner.scan() == nil)
    let error = #expect(throws: TraceError.self) {
      _ = try YAMLDocument.read(line, line: 1, budget: TraceBudget(limits))
    }
    #expect(error?.code == .valueTooLong)
    #expect(error?.field == "note")
    #expect(Self.scan(line)?["note"] == .bytes([UInt8](repeating: 0x78, count: 1000)))
  }

  @Test func `values are equal by type and content, whatever the order of keys`() {
    #expect(TraceValue.word("a") == .string("a"))
    #expect(Set<TraceValue>([.word("a"), .string("a")]).count == 1)
    #expect(TraceValue.string("\u{e9}") != .string("e\u{301}"))
    #expect(TraceMapping([("\u{e9}", 1), ("e\u{301}", 2)]).count == 2)
    #expect(TraceValue.int(1) != .double(1))
    #expect(TraceValue.int(0) != .bool(false))
    #expect(TraceValue.double(.nan) == .double(.nan))
    let one: TraceValue = ["a": 1, "b": [2]]
    let other: TraceValue = ["b": [2], "a": 1]
    #expect(one == other)
    #expect(Set([one, other]).count == 1)
    #expect(one != ["a": 1])
  }

  @Test func `a mapping of many keys is read in time that grows with it, and each key once`() throws {
    let entries = (0..<20_000).map { "k\($0): 1" }
    let text = "--- {n: 1, x-many: {" + entries.joined(separator: ", ")
    let value = try #require(Self.scan(Array((text + "}}").utf8)))
    #expect(value["x-many"]?.mapping?.count == 20_000)
    #expect(Self.scan(Array((text + ", k7: 1}}").utf8)) == nil)
    let error = #expect(throws: TraceError.self) { _ = try Self.parse(Array((text + ", k7: 1}}").utf8)) }
    #expect(error?.code == .duplicateKey)
    #expect(error?.field == "x-many.k7")
  }
}
