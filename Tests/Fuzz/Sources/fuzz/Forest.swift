@testable import Conformance

/// A small seeded generator: SplitMix64.
struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// True once in so many times.
  mutating func once(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }
}

/// The events of a trace as a forest that can be altered: whatever is done to it, it nests and is numbered when it is written.
struct Forest {
  private struct Node {
    var event: TraceEvent
    var children: [Node] = []
  }

  private let header: TraceHeader
  private var root = Node(event: [:])

  /// The forest of a trace, nil for what is none.
  init?(_ bytes: [UInt8]) {
    guard let file = try? TraceFile(bytes: bytes, limits: traceLimits, allowsTruncated: true),
      let tree = try? file.tree()
    else { return nil }
    header = file.header
    root.children = Self.nodes(tree.roots, tree)
  }

  private static func nodes(_ numbers: [Int], _ tree: TraceTree) -> [Node] {
    numbers.compactMap { n in tree[n].map { Node(event: $0.event, children: nodes($0.children, tree)) } }
  }

  /// The trace in the canonical form, nil where a value has none.
  func bytes() -> [UInt8]? {
    var file = TraceFile(header: header)
    var numbers: [Int: Int] = [:]
    Self.number(root, &numbers)
    for child in root.children { Self.write(child, inside: nil, numbers, &file.events) }
    return try? file.bytes()
  }

  /// Gives each event the number that it will have; of two that had the same number the later counts.
  private static func number(_ node: Node, _ numbers: inout [Int: Int], _ count: inout Int) {
    for child in node.children {
      count += 1
      if let n = child.event.n { numbers[n] = count }
      number(child, &numbers, &count)
    }
  }

  private static func number(_ root: Node, _ numbers: inout [Int: Int]) {
    var count = 0
    number(root, &numbers, &count)
  }

  private static func write(
    _ node: Node, inside parent: Int?, _ numbers: [Int: Int], _ events: inout [(line: Int, event: TraceEvent)]
  ) {
    let n = events.count { $0.event.end == nil } + 1
    var fields = TraceMapping()
    fields["n"] = .int(n)
    if let parent { fields["in"] = .int(parent) }
    for entry in node.event.fields.entries where entry.key != "n" && entry.key != "in" {
      fields[entry.key] = renumbered(entry.value, entry.key, numbers)
    }
    guard !node.children.isEmpty else { return events.append((0, TraceEvent(fields))) }
    var end: TraceMapping = ["end": .int(n)]
    for entry in fields.entries where Nesting.isOutcome(entry.key) {
      end[entry.key] = entry.value
      fields[entry.key] = nil
    }
    events.append((0, TraceEvent(fields)))
    for child in node.children { write(child, inside: n, numbers, &events) }
    events.append((0, TraceEvent(end)))
  }

  /// A value with the numbers of events that it names as they will be.
  private static func renumbered(_ value: TraceValue, _ key: String, _ numbers: [Int: Int]) -> TraceValue {
    switch value {
    case .int(let n) where key == "raised" || key == "after": .int(numbers[n] ?? n)
    case .list(let values): .list(values.map { renumbered($0, key, numbers) })
    case .mapping(let mapping):
      .mapping(TraceMapping(mapping.entries.map { ($0.key, renumbered($0.value, $0.key, numbers)) }))
    case .null, .bool, .int, .double, .string, .word, .bytes: value
    }
  }

  // MARK: - Alterations

  /// Alters it in one place; false where nothing was done.
  mutating func alter(_ chance: inout Chance) -> Bool {
    switch Int.random(in: 0..<12, using: &chance) {
    case 0: drop(&chance)
    case 1: duplicate(&chance)
    case 2: swap(&chance)
    case 3: insert(&chance)
    case 4: rename(&chance)
    case 5: hoist(&chance)
    case 6: outcome(&chance)
    case 7: argument(&chance)
    default: scalar(&chance)
    }
  }

  /// The places of all events, as indices from the root.
  private func paths() -> [[Int]] {
    var found: [[Int]] = []
    func walk(_ node: Node, _ path: [Int]) {
      for (index, child) in node.children.enumerated() {
        found.append(path + [index])
        walk(child, path + [index])
      }
    }
    walk(root, [])
    return found
  }

  private func node(_ path: some Sequence<Int>) -> Node { path.reduce(root) { $0.children[$1] } }

  private mutating func update<Result>(_ path: ArraySlice<Int>, _ change: (inout Node) -> Result) -> Result {
    func go(_ node: inout Node, _ path: ArraySlice<Int>) -> Result {
      guard let first = path.first else { return change(&node) }
      return go(&node.children[first], path.dropFirst())
    }
    return go(&root, path)
  }

  private func anywhere(_ chance: inout Chance) -> [Int]? { paths().randomElement(using: &chance) }

  private mutating func drop(_ chance: inout Chance) -> Bool {
    guard let path = anywhere(&chance), let last = path.last else { return false }
    let keepsInside = chance.once(in: 2)
    update(path.dropLast()) { parent in
      let inside = keepsInside ? parent.children[last].children : []
      parent.children.replaceSubrange(last...last, with: inside)
    }
    return true
  }

  private mutating func duplicate(_ chance: inout Chance) -> Bool {
    guard let path = anywhere(&chance) else { return false }
    return put(node(path), &chance)
  }

  /// Puts a node in some place: inside of an event that can have others inside it, or at the top.
  private mutating func put(_ node: Node, _ chance: inout Chance) -> Bool {
    let places =
      [[]] + paths().filter { path in [.call, .back].contains(self.node(path).event.kind) }
    guard let place = places.randomElement(using: &chance) else { return false }
    let seed = chance.next()
    update(place[...]) { parent in
      parent.children.insert(node, at: Int(truncatingIfNeeded: seed >> 1) % (parent.children.count + 1))
    }
    return true
  }

  private mutating func swap(_ chance: inout Chance) -> Bool {
    guard let path = anywhere(&chance), let last = path.last else { return false }
    return update(path.dropLast()) { parent in
      guard parent.children.count > 1 else { return false }
      parent.children.swapAt(last, (last + 1) % parent.children.count)
      return true
    }
  }

  /// Moves an event with all inside it elsewhere.
  private mutating func hoist(_ chance: inout Chance) -> Bool {
    guard let path = anywhere(&chance), let last = path.last else { return false }
    let moved = node(path)
    update(path.dropLast()) { parent in _ = parent.children.remove(at: last) }
    return put(moved, &chance)
  }

  /// A member of the vocabulary is crossed on an object of the trace.
  private mutating func insert(_ chance: inout Chance) -> Bool {
    let names = self.names
    guard let target = names.randomElement(using: &chance) else { return false }
    let kind = Vocabulary.kind(ofObject: target)
    let members = Vocabulary.members.filter { $0.kind == kind }
    guard let member = members.randomElement(using: &chance) else { return false }
    var event: TraceEvent = [:]
    event.fields[member.side.rawValue] = .word("\(target).\(member.name)")
    var arguments = TraceMapping()
    for name in member.arguments where !chance.once(in: 4) { arguments[name] = value(names, &chance) }
    if !arguments.isEmpty { event.fields["args"] = .mapping(arguments) }
    if member.side == .back {
      event.fields["turn"] = .int(Int.random(in: 0..<4, using: &chance))
      event.fields["phase"] = .word(Vocabulary.phases.randomElement(using: &chance) ?? "io")
    }
    return put(Node(event: event), &chance)
  }

  /// An event crosses another member, or on another object.
  private mutating func rename(_ chance: inout Chance) -> Bool {
    guard let path = anywhere(&chance) else { return false }
    let event = node(path).event
    guard let side = Vocabulary.Side(event.kind), let target = event.target, let method = event.method else {
      return false
    }
    let kind = Vocabulary.kind(ofObject: target)
    let name: String
    if chance.once(in: 2) {
      let others = names.filter { Vocabulary.kind(ofObject: $0) == kind }
      name = "\(others.randomElement(using: &chance) ?? target).\(method)"
    } else {
      let others = Vocabulary.members.filter { $0.kind == kind && $0.side == side }
      name = "\(target).\(others.randomElement(using: &chance)?.name ?? method)"
    }
    update(path[...]) { $0.event.fields[side.rawValue] = .word(name) }
    return true
  }

  private mutating func outcome(_ chance: inout Chance) -> Bool {
    guard let path = anywhere(&chance) else { return false }
    let family = Vocabulary.families.randomElement(using: &chance)?.name ?? "application"
    let value = value(names, &chance)
    let raises = chance.once(in: 2)
    let isPlain = chance.once(in: 3)
    update(path[...]) { node in
      (node.event.fields["gives"], node.event.fields["raises"]) = (nil, nil)
      if isPlain { return }
      node.event.fields[raises ? "raises" : "gives"] = raises ? ["error": .word(family)] : value
    }
    return true
  }

  private mutating func argument(_ chance: inout Chance) -> Bool {
    guard let path = anywhere(&chance) else { return false }
    let event = node(path).event
    guard let side = Vocabulary.Side(event.kind), let target = event.target, let method = event.method,
      let member = Vocabulary.member(of: Vocabulary.kind(ofObject: target), side: side, name: method),
      let name = member.arguments.randomElement(using: &chance)
    else { return false }
    let value = chance.once(in: 3) ? nil : value(names, &chance)
    update(path[...]) { node in
      var arguments = node.event.args
      arguments[name] = value
      node.event.fields["args"] = arguments.isEmpty ? nil : .mapping(arguments)
    }
    return true
  }

  /// One value somewhere inside an event is another.
  private mutating func scalar(_ chance: inout Chance) -> Bool {
    guard let path = anywhere(&chance) else { return false }
    let names = self.names
    let fields = TraceValue.mapping(node(path).event.fields)
    var left = Int.random(in: 0..<max(1, Self.leaves(fields)), using: &chance)
    let changed = replaced(fields, &left, names, &chance)
    guard let mapping = changed.mapping else { return false }
    update(path[...]) { $0.event = TraceEvent(mapping) }
    return true
  }

  private static func leaves(_ value: TraceValue) -> Int {
    switch value {
    case .list(let values): values.reduce(0) { $0 + leaves($1) }
    case .mapping(let mapping): mapping.entries.reduce(0) { $0 + leaves($1.value) }
    case .null, .bool, .int, .double, .string, .word, .bytes: 1
    }
  }

  private func replaced(
    _ value: TraceValue, _ left: inout Int, _ names: [String], _ chance: inout Chance
  ) -> TraceValue {
    switch value {
    case .list(let values):
      return .list(values.map { replaced($0, &left, names, &chance) })
    case .mapping(let mapping):
      return .mapping(TraceMapping(mapping.entries.map { ($0.key, replaced($0.value, &left, names, &chance)) }))
    case .null, .bool, .int, .double, .string, .word, .bytes:
      left -= 1
      guard left == -1 else { return value }
      return near(value, names, &chance)
    }
  }

  /// A value of the same type as a rule, and sometimes of any.
  private func near(_ value: TraceValue, _ names: [String], _ chance: inout Chance) -> TraceValue {
    if chance.once(in: 6) { return self.value(names, &chance) }
    switch value {
    case .int(let n):
      return [.int(n &+ 1), .int(n &- 1), .int(0), .int(-n.magnitude.clamped), .int(.max), .int(.min), .int(1 << 31)]
        .randomElement(using: &chance) ?? value
    case .double(let number):
      return [.double(-number), .double(0), .double(1e300), .double(.nan), .double(.infinity), .double(number / 3)]
        .randomElement(using: &chance) ?? value
    case .bool(let flag): return .bool(!flag)
    case .word:
      let words = names + Vocabulary.phases + Vocabulary.families.map(\.name) + Vocabulary.interfaces.map(\.name)
      return .word(words.randomElement(using: &chance) ?? "x")
    case .string(let text):
      return [
        .string(text + "e\u{301}"), .string(""), "127.0.0.1", "::1", "localhost", "255.255.255.255", "before",
        "shutdown",
      ]
      .randomElement(using: &chance) ?? value
    case .bytes(let bytes):
      return [.bytes([]), .bytes(bytes + bytes), .bytes(bytes.reversed()), .bytes(Array(bytes.dropFirst()))]
        .randomElement(using: &chance) ?? value
    case .null, .list, .mapping: return self.value(names, &chance)
    }
  }

  /// The objects that the trace names.
  private var names: [String] {
    var found: [String] = ["reactor-1"]
    func walk(_ value: TraceValue) {
      for key in ["new", "ref", "deferred"] {
        if let name = value[key]?.text, !found.contains(name) { found.append(name) }
      }
      switch value {
      case .list(let values): values.forEach(walk)
      case .mapping(let mapping): mapping.entries.forEach { walk($0.value) }
      case .null, .bool, .int, .double, .string, .word, .bytes: break
      }
    }
    func walk(_ node: Node) {
      walk(.mapping(node.event.fields))
      node.children.forEach(walk)
    }
    walk(root)
    return found
  }

  /// Any value that can stand as an argument.
  private func value(_ names: [String], _ chance: inout Chance) -> TraceValue {
    let name = names.randomElement(using: &chance) ?? "reactor-1"
    let kinds = ["function", "factory", "protocol", "producer", "reader", "resolver", "context"]
    let kind = kinds.randomElement(using: &chance) ?? "function"
    let values: [TraceValue] = [
      .null, true, false, 0, 1, -1, 8192, .int(.max), .int(.min), .double(0.5), .double(-1), .double(1e18),
      .double(.nan),
      "", "127.0.0.1", "::1", "before", "during", "after", "shutdown", "startup", .bytes([]), .bytes([0, 1, 2, 255]),
      .bytes([UInt8](repeating: 120, count: 5000)), [], [.bytes([1]), .bytes([2])], ["ref": .word(name)],
      ["ref": .word(name)], ["ref": .word(name)], ["new": .word("\(kind)-\(Int.random(in: 1...9, using: &chance))")],
      ["new": .word("\(kind)-\(Int.random(in: 1...9, using: &chance))"), "implements": ["half-close", "push"]],
      ["method": [.word(name), "stop"]], ["method": [.word(name), "callLater"]], ["method": [.word(name), "call"]],
      ["ipv4": ["127.0.0.1", ["port": "p-1"]]], ["ipv6": ["::1", 80]], ["port": "free-1"], ["error": "lost"],
      ["error": "application", "raised": 1], ["deferred": "deferred-1"], ["deferred": "deferred-7", "fired": .null],
      ["deferred": "deferred-8", "failed": ["error": "lost"]], ["constant": "AF_INET"], ["set": []],
    ]
    return values.randomElement(using: &chance) ?? .null
  }
}

extension UInt {
  fileprivate var clamped: Int { Int(clamping: self) }
}

extension TraceFile {
  /// A trace with no events yet.
  fileprivate init(header: TraceHeader) {
    self = Self.none
    self.header = header
  }

  private static let none: TraceFile = {
    guard
      let file = try? TraceFile(
        bytes: Array("format: skein-trace\nversion: 1\n--- {eof: {events: 0, open: 0, lost: 0}}\n".utf8))
    else { fatalError("an empty trace cannot be read") }
    return file
  }()
}
