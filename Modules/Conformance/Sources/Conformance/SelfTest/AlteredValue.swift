/// One step into a value.
enum ValueStep: Hashable, Sendable, CustomStringConvertible {
  case key(String)
  case index(Int)

  var description: String {
    switch self {
    case .key(let key): key
    case .index(let index): String(index)
    }
  }
}

extension TraceValue {
  /// Every place in a value that an alteration of this kind fits, and what it puts there.
  func alterations(_ kind: Mutant.Kind, at path: [ValueStep]) -> [(path: [ValueStep], replacement: TraceValue)] {
    var found: [([ValueStep], TraceValue)] = []
    if let replacement = altered(kind, at: path) { found.append((path, replacement)) }
    switch self {
    case .mapping(let fields):
      for entry in fields.entries { found += entry.value.alterations(kind, at: path + [.key(entry.key)]) }
    case .list(let items):
      for (index, item) in items.enumerated() { found += item.alterations(kind, at: path + [.index(index)]) }
    case .null, .bool, .int, .double, .string, .word, .bytes:
      break
    }
    return found
  }

  private func altered(_ kind: Mutant.Kind, at path: [ValueStep]) -> TraceValue? {
    let isInAddress = path.dropLast().last == .key("ipv4") || path.dropLast().last == .key("ipv6")
    switch (kind, self, path.last) {
    case (.byte, .bytes(var bytes), _) where !bytes.isEmpty:
      bytes[0] ^= 1
      return .bytes(bytes)
    case (.length, .bytes(let bytes), _):
      return .bytes(bytes + [33])
    case (.error, _, .key("error")?):
      return text.map { $0 == "timeout" ? "lost" : "timeout" }.map(TraceValue.word)
    case (.errno, _, .key("errno")?):
      return text.map { $0 == "EIO" ? "EPERM" : "EIO" }.map(TraceValue.word)
    case (.address, _, .index(0)?) where isInAddress:
      return text.map { .string($0 + "1") }
    case (.port, .int(let port), .index(1)?) where isInAddress:
      return .int(port &+ 1)
    case (.port, _, .key("port")?) where path.count > 2:
      return text == nil ? nil : .word("p-999")
    case (.type, .bool(let value), _) where isTyped(path):
      return .int(value ? 1 : 0)
    case (.type, .int(let value), _) where isTyped(path) && (value == 0 || value == 1) && path.last != .key("raised"):
      return .bool(value == 1)
    case (.value, _, .index(0...1)?) where isInAddress:
      return nil
    case (.value, _, _):
      return isPlain(path) ? other : nil
    default:
      return nil
    }
  }

  /// Another plain value of the same type: a name is a word, and not one.
  private var other: TraceValue? {
    switch self {
    case .bool(let value): .bool(!value)
    case .int(let value): .int(value &+ 1)
    case .double(let value):
      // To a number of more than 2^53 one more adds nothing.
      .double(value + 1 == value ? 0 : value + 1)
    case .string(let value): .string(value + "x")
    case .null, .word, .bytes, .list, .mapping: nil
    }
  }

  /// Whether a value at this place is compared as it is: not what is for people, not an error's event or class, not an
  /// outcome as a whole, which is altered as one.
  private func isPlain(_ path: [ValueStep]) -> Bool {
    switch path.last {
    case .key("message"), .key("text"), .key("origin"), .key("raised"), .key("error"), .key("errno"): false
    case .key("gives"): path.count > 1
    default: true
    }
  }

  private func isTyped(_ path: [ValueStep]) -> Bool { path.first == .key("gives") || path.first == .key("args") }

  /// The value at a place inside this one.
  func value(at path: some Collection<ValueStep>) -> TraceValue? {
    var value = self
    for step in path {
      switch (step, value) {
      case (.key(let key), .mapping(let fields)):
        guard let inner = fields[key] else { return nil }
        value = inner
      case (.index(let index), .list(let items)):
        guard items.indices.contains(index) else { return nil }
        value = items[index]
      default:
        return nil
      }
    }
    return value
  }

  /// This value with another one at a place inside it.
  func replacing(at path: ArraySlice<ValueStep>, with replacement: TraceValue) -> TraceValue {
    guard let step = path.first else { return replacement }
    switch (step, self) {
    case (.key(let key), .mapping(var fields)):
      fields[key] = fields[key]?.replacing(at: path.dropFirst(), with: replacement)
      return .mapping(fields)
    case (.index(let index), .list(var items)):
      guard items.indices.contains(index) else { return self }
      items[index] = items[index].replacing(at: path.dropFirst(), with: replacement)
      return .list(items)
    default:
      return self
    }
  }

  /// How often a placeholder stands in this value.
  func uses(ofPort name: TraceValue) -> Int {
    switch self {
    case .mapping(let fields):
      fields.entries.reduce(fields["port"] == name ? 1 : 0) { $0 + $1.value.uses(ofPort: name) }
    case .list(let items):
      items.reduce(0) { $0 + $1.uses(ofPort: name) }
    case .null, .bool, .int, .double, .string, .word, .bytes:
      0
    }
  }

  /// This value with the events that it names by other numbers; 0 for those that are gone.
  func renumbered(_ numbers: [Int: Int]) -> TraceValue {
    switch self {
    case .mapping(let fields):
      .mapping(
        TraceMapping(
          fields.entries.map { entry in
            if entry.key == "raised", let n = entry.value.int { return (entry.key, .int(numbers[n] ?? 0)) }
            return (entry.key, entry.value.renumbered(numbers))
          }))
    case .list(let items):
      .list(items.map { $0.renumbered(numbers) })
    case .null, .bool, .int, .double, .string, .word, .bytes:
      self
    }
  }
}

extension TraceMapping {
  /// The same mapping with the objects that it introduces referred to: what comes a second time introduces nothing.
  var referring: TraceMapping {
    if let name = self["new"] { return ["ref": name] }
    return TraceMapping(entries.map { ($0.key, $0.value.referring) })
  }
}

extension TraceValue {
  fileprivate var referring: TraceValue {
    switch self {
    case .mapping(let fields): .mapping(fields.referring)
    case .list(let items): .list(items.map(\.referring))
    case .null, .bool, .int, .double, .string, .word, .bytes: self
    }
  }
}
