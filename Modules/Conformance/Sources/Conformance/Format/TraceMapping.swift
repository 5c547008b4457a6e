/// A mapping from strings to values that keeps its order, each key once.
public struct TraceMapping: Sendable {
  /// A key with its value.
  public struct Entry: Hashable, Sendable {
    /// The key.
    public var key: String
    /// The value.
    public var value: TraceValue

    /// Whether both have the same key, to the byte, with equal values.
    public static func == (a: Entry, b: Entry) -> Bool { a.key.isSame(as: b.key) && a.value == b.value }
  }

  /// The entries in order.
  public private(set) var entries: [Entry] = []

  /// An empty mapping.
  public init() {}

  /// A mapping of these pairs, in their order; of two equal keys the later wins, at the place of the earlier.
  ///
  /// - Parameter pairs: Keys with values.
  public init(_ pairs: some Sequence<(String, TraceValue)>) {
    for (key, value) in pairs { self[key] = value }
  }

  /// Entries whose keys are known to differ.
  init(distinct entries: [Entry]) {
    self.entries = entries
  }

  /// The value of a key, nil for one that is not there.
  ///
  /// A new key goes to the end; setting nil removes the entry.
  ///
  /// - Parameter key: The key.
  public subscript(key: String) -> TraceValue? {
    get {
      for entry in entries where entry.key.isSame(as: key) { return entry.value }
      return nil
    }
    set {
      let index = entries.firstIndex { $0.key.isSame(as: key) }
      switch (index, newValue) {
      case (let index?, let value?): entries[index].value = value
      case (nil, let value?): entries.append(Entry(key: key, value: value))
      case (let index?, nil): entries.remove(at: index)
      case (nil, nil): break
      }
    }
  }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { entries.isEmpty }

  /// How many keys there are.
  public var count: Int { entries.count }

  /// The keys in order.
  public var keys: [String] { entries.map(\.key) }
}

extension TraceMapping: Hashable {
  /// Whether both have the same keys with equal values, in whatever order.
  public static func == (a: TraceMapping, b: TraceMapping) -> Bool {
    guard a.entries.count == b.entries.count else { return false }
    if a.entries == b.entries { return true }
    var other: [[UInt8]: TraceValue] = [:]
    for entry in b.entries { other[Array(entry.key.utf8)] = entry.value }
    return a.entries.allSatisfy { other[Array($0.key.utf8)] == $0.value }
  }

  /// Hashes without regard to the order.
  ///
  /// - Parameter hasher: The hasher to feed.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(entries.count)
    var all = 0
    for entry in entries {
      var one = Hasher()
      one.combine(entry)
      all ^= one.finalize()
    }
    hasher.combine(all)
  }
}

extension TraceMapping: ExpressibleByDictionaryLiteral {
  /// A mapping of these pairs; of two equal keys the later wins.
  public init(dictionaryLiteral elements: (String, TraceValue)...) { self.init(elements) }
}
