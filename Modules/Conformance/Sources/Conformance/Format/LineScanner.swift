/// The strict scanner: reads the canonical form of one flow value in one pass, and nothing else.
///
/// What it refuses is not wrong yet: the caller hands the line to `YAMLDocument`, which accepts it or says why not.
struct LineScanner {
  /// The text is not in the canonical form.
  struct NotCanonical: Error {}

  private let bytes: [UInt8]
  private let end: Int
  private var position: Int
  private var budget: TraceBudget
  // What is read of the mappings and lists that are open, the innermost last: each is then made in one piece.
  private var entries: [TraceMapping.Entry] = []
  private var values: [TraceValue] = []

  /// A scanner for the text from a place on.
  ///
  /// - Parameters:
  ///   - bytes: The text.
  ///   - position: Where the value begins.
  ///   - end: Where the text ends; nil for the end of the bytes.
  ///   - budget: What is left of the trace's limits.
  init(_ bytes: [UInt8], from position: Int, to end: Int? = nil, budget: TraceBudget) {
    self.bytes = bytes
    self.position = position
    self.end = end ?? bytes.count
    self.budget = budget
    entries.reserveCapacity(16)
  }

  /// The value that stands from the place to the end of the text, and what is left of the budget.
  ///
  /// A preview comment may follow the value.
  ///
  /// - Returns: The value, nil where the text is not canonical.
  mutating func scan() -> (value: TraceValue, budget: TraceBudget)? {
    guard let value = try? value(depth: 0), position == end || isPreview() else { return nil }
    return (value, budget)
  }

  private func peek() -> UInt8? { position < end ? bytes[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard end - position >= count else { return false }
    // A static string's bytes stay where they are.
    for place in 0..<count where unsafe bytes[position + place] != text.utf8Start[place] { return false }
    position += count
    return true
  }

  private mutating func takePair(_ first: UInt8) -> Bool {
    guard end - position >= 2, bytes[position] == first, bytes[position + 1] == 0x20 else { return false }
    position += 2
    return true
  }

  /// Whether the rest is a preview: `  # "…" 12 B`, with dots behind the quotes where it is cut.
  private mutating func isPreview() -> Bool {
    guard take("  # "), peek() == UInt8(ascii: "\""), (try? skipString()) != nil else { return false }
    _ = take("...")
    guard take(UInt8(ascii: " ")) else { return false }
    let start = position
    while let byte = peek(), (0x30...0x39).contains(byte) { position += 1 }
    return position > start && take(" B") && position == end
  }

  private mutating func value(depth: Int) throws(NotCanonical) -> TraceValue {
    guard let byte = peek() else { throw NotCanonical() }
    switch byte {
    case UInt8(ascii: "{"):
      position += 1
      return try mapping(depth: depth + 1)
    case UInt8(ascii: "["):
      position += 1
      return try list(depth: depth + 1)
    case UInt8(ascii: "\""):
      let text = try string()
      guard budget.take(text.utf8.count) else { throw NotCanonical() }
      return .string(text)
    case UInt8(ascii: "!"):
      return .bytes(try binary())
    case UInt8(ascii: "-"), UInt8(ascii: "."), 0x30...0x39:
      return try number()
    default:
      let word = try word()
      guard CanonicalText.isReserved(word) else { return .word(String(decoding: word, as: UTF8.self)) }
      if word.elementsEqual("null".utf8) { return .null }
      if word.elementsEqual("true".utf8) { return .bool(true) }
      if word.elementsEqual("false".utf8) { return .bool(false) }
      throw NotCanonical()
    }
  }

  private mutating func word() throws(NotCanonical) -> ArraySlice<UInt8> {
    let start = position
    guard let first = peek(), CanonicalText.isWordStart(first) else { throw NotCanonical() }
    while let byte = peek(), CanonicalText.isWordByte(byte) { position += 1 }
    return bytes[start..<position]
  }

  /// A whole number of at most 18 digits, which fits; nil, and nothing taken, for anything else.
  private mutating func shortInteger() -> Int? {
    let isNegative = bytes[position] == UInt8(ascii: "-")
    let start = position + (isNegative ? 1 : 0)
    var place = start
    var value = 0
    while place < end, place - start < 18, (0x30...0x39).contains(bytes[place]) {
      value = value &* 10 &+ Int(bytes[place] &- 0x30)
      place += 1
    }
    guard place > start, bytes[start] != 0x30 || (place == start + 1 && !isNegative) else { return nil }
    if place < end, CanonicalText.isWordByte(bytes[place]) || bytes[place] == UInt8(ascii: "+") { return nil }
    position = place
    return isNegative ? -value : value
  }

  private mutating func number() throws(NotCanonical) -> TraceValue {
    if let value = shortInteger() { return .int(value) }
    let start = position
    while let byte = peek(), CanonicalText.isWordByte(byte) || byte == UInt8(ascii: "+") { position += 1 }
    guard let value = PlainNumber.parse(bytes[start..<position]) else { throw NotCanonical() }
    return value
  }

  private mutating func string() throws(NotCanonical) -> String {
    position += 1
    let start = position
    while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
      guard (0x20...0x7E).contains(byte) else { throw NotCanonical() }
      position += 1
    }
    var text = String(decoding: bytes[start..<position], as: UTF8.self)
    while let byte = peek(), byte != UInt8(ascii: "\"") {
      guard (0x20...0x7E).contains(byte) else { throw NotCanonical() }
      position += 1
      text.unicodeScalars.append(byte == UInt8(ascii: "\\") ? try escape() : Unicode.Scalar(byte))
    }
    guard peek() != nil else { throw NotCanonical() }
    position += 1
    return text
  }

  /// Reads a string that nobody wants.
  private mutating func skipString() throws(NotCanonical) {
    position += 1
    while let byte = peek(), byte != UInt8(ascii: "\"") {
      guard (0x20...0x7E).contains(byte) else { throw NotCanonical() }
      position += 1
      if byte == UInt8(ascii: "\\") { _ = try escape() }
    }
    guard peek() != nil else { throw NotCanonical() }
    position += 1
  }

  private mutating func escape() throws(NotCanonical) -> Unicode.Scalar {
    guard let letter = peek() else { throw NotCanonical() }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return Unicode.Scalar(letter)
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "x"): return try hex(2)
    case UInt8(ascii: "u"): return try hex(4)
    case UInt8(ascii: "U"): return try hex(8)
    default: throw NotCanonical()
    }
  }

  private mutating func hex(_ digits: Int) throws(NotCanonical) -> Unicode.Scalar {
    var code: UInt32 = 0
    for _ in 0..<digits {
      guard let byte = peek() else { throw NotCanonical() }
      switch byte {
      case 0x30...0x39: code = code << 4 | UInt32(byte - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
      default: throw NotCanonical()
      }
      position += 1
    }
    guard let scalar = Unicode.Scalar(code) else { throw NotCanonical() }
    return scalar
  }

  private mutating func binary() throws(NotCanonical) -> [UInt8] {
    guard take("!!binary \"") else { throw NotCanonical() }
    let start = position
    while let byte = peek(), byte != UInt8(ascii: "\"") {
      guard byte != UInt8(ascii: "\\") else { throw NotCanonical() }
      position += 1
    }
    let text = bytes[start..<position]
    guard peek() != nil, text.count / 4 * 3 <= budget.limits.value + 2, let data = Base64.decode(text),
      budget.take(data.count)
    else { throw NotCanonical() }
    position += 1
    return data
  }

  private mutating func list(depth: Int) throws(NotCanonical) -> TraceValue {
    guard depth <= budget.limits.depth else { throw NotCanonical() }
    if take(UInt8(ascii: "]")) { return .list([]) }
    let first = values.count
    while true {
      let next = try value(depth: depth)
      values.append(next)
      if take(UInt8(ascii: "]")) {
        defer { values.removeLast(values.count - first) }
        return .list(Array(values[first...]))
      }
      guard takePair(UInt8(ascii: ",")) else { throw NotCanonical() }
    }
  }

  private mutating func mapping(depth: Int) throws(NotCanonical) -> TraceValue {
    guard depth <= budget.limits.depth else { throw NotCanonical() }
    if take(UInt8(ascii: "}")) { return .mapping([:]) }
    let first = entries.count
    var keys = DistinctKeys()
    while true {
      let key = try key()
      guard takePair(UInt8(ascii: ":")), keys.add(key, to: entries[first...]) else { throw NotCanonical() }
      let value = try value(depth: depth)
      entries.append(TraceMapping.Entry(key: key, value: value))
      if take(UInt8(ascii: "}")) {
        defer { entries.removeLast(entries.count - first) }
        return try run(TraceMapping(distinct: Array(entries[first...])))
      }
      guard takePair(UInt8(ascii: ",")) else { throw NotCanonical() }
    }
  }

  private mutating func key() throws(NotCanonical) -> String {
    let key: String
    if peek() == UInt8(ascii: "\"") {
      key = try string()
    } else {
      let word = try word()
      guard !CanonicalText.isReserved(word) else { throw NotCanonical() }
      key = String(decoding: word, as: UTF8.self)
    }
    guard key.utf8.count <= budget.limits.key else { throw NotCanonical() }
    return key
  }

  /// Bytes, where the mapping is a run.
  private mutating func run(_ mapping: TraceMapping) throws(NotCanonical) -> TraceValue {
    guard mapping.count == 1, case .list(let run)? = mapping["repeat"] else { return .mapping(mapping) }
    guard let run = Run(run), budget.take(run.length) else { throw NotCanonical() }
    return .bytes(run.bytes)
  }
}

/// Puts a mapping together and refuses a second entry of a key.
struct MappingBuilder {
  private var entries: [TraceMapping.Entry] = []
  private var keys = DistinctKeys()

  /// Adds an entry; false where the key is there already.
  mutating func add(_ key: String, _ value: TraceValue) -> Bool {
    guard keys.add(key, to: entries[...]) else { return false }
    entries.append(TraceMapping.Entry(key: key, value: value))
    return true
  }

  /// Whether the key is there.
  func contains(_ key: String) -> Bool { keys.contains(key, in: entries[...]) }

  /// The finished mapping.
  var mapping: TraceMapping { TraceMapping(distinct: entries) }
}

/// The keys of a mapping that is being put together: a second one is found in time that grows no faster than the entries.
struct DistinctKeys {
  /// Those of a long mapping; a short one is looked through.
  private var known: Set<[UInt8]> = []

  /// Takes the key of the entry that is to follow others; false where one of them has it.
  mutating func add(_ key: String, to entries: ArraySlice<TraceMapping.Entry>) -> Bool {
    guard !contains(key, in: entries) else { return false }
    if entries.count == 16 { known = Set(entries.map { Array($0.key.utf8) }) }
    if entries.count >= 16 { known.insert(Array(key.utf8)) }
    return true
  }

  /// Whether one of the entries has the key.
  func contains(_ key: String, in entries: ArraySlice<TraceMapping.Entry>) -> Bool {
    entries.count > 16 ? known.contains(Array(key.utf8)) : entries.contains { $0.key.isSame(as: key) }
  }
}

/// Numbers as they stand plain.
enum PlainNumber {
  /// The number, nil for what is none or does not fit.
  static func parse(_ text: ArraySlice<UInt8>) -> TraceValue? {
    switch classify(text) {
    case .integer: Int(String(decoding: text, as: UTF8.self)).map(TraceValue.int)
    case .double:
      Double(String(decoding: text, as: UTF8.self)).flatMap { $0.isInfinite ? nil : TraceValue.double($0) }
    case .special(let value): .double(value)
    case .none: nil
    }
  }

  /// What a plain text looks like.
  enum Shape {
    case integer, double
    case special(Double)
    case none
  }

  /// Whether the text is an integer, a double with a point, or one of `.inf`, `-.inf`, `.nan`.
  static func classify(_ text: ArraySlice<UInt8>) -> Shape {
    var rest = text
    let negative = rest.first == UInt8(ascii: "-")
    if negative { rest = rest.dropFirst() }
    if rest.elementsEqual(".inf".utf8) { return .special(negative ? -.infinity : .infinity) }
    if !negative, rest.elementsEqual(".nan".utf8) { return .special(.nan) }
    let whole = rest.prefix { (0x30...0x39).contains($0) }
    guard let first = whole.first, first != 0x30 || whole.count == 1 else { return .none }
    rest = rest.dropFirst(whole.count)
    if rest.isEmpty { return negative && first == 0x30 ? .none : .integer }
    guard rest.first == UInt8(ascii: ".") else { return .none }
    rest = rest.dropFirst()
    let fraction = rest.prefix { (0x30...0x39).contains($0) }
    guard !fraction.isEmpty else { return .none }
    rest = rest.dropFirst(fraction.count)
    if rest.isEmpty { return .double }
    guard rest.first == UInt8(ascii: "e") else { return .none }
    rest = rest.dropFirst()
    guard rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") else { return .none }
    rest = rest.dropFirst()
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    return digits.count == rest.count && (2...3).contains(digits.count) ? .double : .none
  }
}
