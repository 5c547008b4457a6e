/// Values by the objects that they are about, which are not held: when an object is gone, so is its value.
struct WeakTable<Value> {
  private struct Entry {
    weak var object: AnyObject?
    var value: Value
  }

  private var entries: [ObjectIdentifier: Entry] = [:]

  /// The value about an object.
  subscript(object: AnyObject) -> Value? {
    get {
      guard let entry = entries[ObjectIdentifier(object)], entry.object === object else { return nil }
      return entry.value
    }
    set { entries[ObjectIdentifier(object)] = newValue.map { Entry(object: object, value: $0) } }
  }
}
