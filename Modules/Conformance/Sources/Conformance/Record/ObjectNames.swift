import Reactor

/// Names of objects, numbered by kind in the order of introduction, without holding the objects.
///
/// An object is known by its identity and only as long as it lives: a later one at the same place in memory is another.
struct ObjectNames {
  private struct Entry {
    weak var object: AnyObject?
    let name: String
  }

  private var entries: [ObjectIdentifier: Entry] = [:]
  private var objects: [String: Entry] = [:]
  /// What an object that has a name wraps, under that name.
  private var wrapped: [ObjectIdentifier: Entry] = [:]
  private var counts: [String: Int] = [:]

  /// Has the numbers of every kind begin after these.
  mutating func begin(after counts: [String: Int]) {
    self.counts = counts
  }

  /// The next name of a kind.
  mutating func next(_ kind: String) -> String {
    counts[kind, default: 0] += 1
    return "\(kind)-\(counts[kind, default: 0])"
  }

  /// The name of an object that has one.
  func name(of object: AnyObject) -> String? {
    guard let entry = entries[ObjectIdentifier(object)], entry.object === object else { return nil }
    return entry.name
  }

  /// Puts a name on an object.
  mutating func bind(_ object: AnyObject, to name: String) {
    let entry = Entry(object: object, name: name)
    entries[ObjectIdentifier(object)] = entry
    objects[name] = entry
    if let inner = (object as? WrappingProtocol)?.wrapped {
      wrapped[ObjectIdentifier(inner)] = Entry(object: inner, name: name)
    }
  }

  /// The name of the object that wraps this one, if there is one.
  func nameOfWrapper(of object: AnyObject) -> String? {
    guard let entry = wrapped[ObjectIdentifier(object)], entry.object === object else { return nil }
    return entry.name
  }

  /// The object of a name, while it lives.
  func object(named name: String) -> AnyObject? {
    objects[name]?.object
  }
}
