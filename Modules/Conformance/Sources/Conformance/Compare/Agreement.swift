/// The first place in which two values differ.
struct Difference: Sendable {
  /// The way to it: `reason.errno`.
  var path: String
  let expected: TraceValue?
  let happened: TraceValue?
  let why: String

  /// The same difference, seen from one level further out.
  func under(_ key: String) -> Difference {
    var copy = self
    copy.path = path.isEmpty ? key : "\(key).\(path)"
    return copy
  }
}

extension Difference: CustomStringConvertible {
  /// One line for people.
  var description: String {
    "\(path.isEmpty ? "value" : path): \(why): expected \(EventText.brief(expected ?? .null)), found \(EventText.brief(happened ?? .null))"
  }
}

/// Compares live values with recorded ones, strictly: types count, messages do not, names and ports bind one-to-one.
///
/// It owns what a comparison can change: the bindings that it makes and the freedoms that it uses.
struct Agreement: Sendable {
  var bindings = Bindings()
  var freedoms: Freedoms

  /// Keys of the error form that are for people, or say where it was seen.
  private static let uncomparedErrorKeys: Set = ["error", "message", "origin", "raised"]
  /// What stands beside a name when it is introduced, and says what the object is.
  private static let descriptionKeys = ["implements", "logPrefix", "fileno", "is", "class", "type", "name"]
  /// Arguments that are numbers to every language, whichever kind of number a program wrote: 1 is 1.0 there.
  private static let numbers: Set = ["delay", "secondsFromNow", "secondsLater", "timeout", "amount"]
  /// What no clock counts beyond, in seconds: longer times are the same.
  private static let longest = 0x1p63
  /// Calls that read a clock: what they give is a number, and no run gives it twice.
  private static let clockReadings: Set = ["seconds", "getTime", "timeout"]

  private static func saturated(_ number: Double) -> Double { max(-longest, min(number, longest)) }

  /// Whether an object's identity is not compared: what matters of a function is which firing calls it.
  static func isNameless(_ name: String) -> Bool { Vocabulary.kind(ofObject: name) == "function" }

  /// Whether a call reads a clock.
  static func readsClock(_ method: String) -> Bool { clockReadings.contains(method) }

  /// The first difference between a recorded value and a live one.
  mutating func values(_ expected: TraceValue, _ live: TraceValue) -> Difference? {
    switch (expected, live) {
    case (.mapping(let a), .mapping(let b)):
      return mappings(a, b)
    case (.int, .mapping(let b)) where b["port"] == expected:
      return nil
    case (.list(let a), .list(let b)):
      return lists(a, b)
    case (.mapping, _), (_, .mapping), (.list, _), (_, .list):
      return Difference(path: "", expected: expected, happened: live, why: "another kind of value")
    default:
      let (a, b) = (expected.typeName, live.typeName)
      if a != b {
        return Difference(path: "", expected: expected, happened: live, why: "expected \(a), found \(b)")
      }
      return expected == live ? nil : Difference(path: "", expected: expected, happened: live, why: "not equal")
    }
  }

  /// The first difference between the arguments of two events, by name.
  mutating func arguments(_ expected: TraceMapping, _ live: TraceMapping) -> Difference? {
    for entry in expected.entries where live[entry.key] == nil {
      return Difference(path: entry.key, expected: entry.value, happened: nil, why: "this argument was not given")
    }
    for entry in live.entries where expected[entry.key] == nil {
      return Difference(path: entry.key, expected: nil, happened: entry.value, why: "this argument was not expected")
    }
    for entry in expected.entries {
      let value = live[entry.key] ?? .null
      if Self.numbers.contains(entry.key), let a = entry.value.double, let b = value.double,
        Self.saturated(a) == Self.saturated(b)
      {
        continue
      }
      if let found = values(entry.value, value) { return found.under(entry.key) }
    }
    return nil
  }

  /// The first difference between two outcomes; what was still open when a recording ended agrees with anything.
  mutating func outcomes(
    _ expected: Recording.Outcome, _ live: Recording.Outcome, of method: String = ""
  ) -> Difference? {
    switch (expected, live) {
    case (.returned(let a), .returned(let b))
    where Self.readsClock(method) && a.double != nil && b.double != nil:
      nil
    case (.opened, _), (_, .opened):
      nil
    case (.returned(let a), .returned(let b)):
      values(a, b)?.under("gives")
    case (.raised(let a), .raised(let b)):
      errors(a, b)?.under("raises")
    case (.returned(let a), .raised(let b)):
      Difference(
        path: "raises", expected: ["gives": a], happened: .mapping(b), why: "raised, and was expected to return")
    case (.raised(let a), .returned(let b)):
      Difference(
        path: "raises", expected: .mapping(a), happened: ["gives": b], why: "returned, and was expected to raise")
    }
  }

  private mutating func lists(_ expected: [TraceValue], _ live: [TraceValue]) -> Difference? {
    if expected.count != live.count {
      return Difference(
        path: "", expected: .list(expected), happened: .list(live),
        why: "expected \(expected.count) elements, found \(live.count)")
    }
    for (index, pair) in zip(expected, live).enumerated() {
      if let found = values(pair.0, pair.1) { return found.under(String(index)) }
    }
    return nil
  }

  private mutating func mappings(_ expected: TraceMapping, _ live: TraceMapping) -> Difference? {
    if let name = expected.object { return objects(name, expected, live) }
    if expected["error"] != nil || live["error"] != nil { return errors(expected, live) }
    for (form, table) in [("port", Bindings.Table.port), ("host", .host), ("scope", .scope)] {
      if let name = expected[form] { return placeholder(form, table, name, expected, live) }
    }
    if let name = expected["fd"] {
      if let found = placeholder("fd", .descriptor, name, expected, live) { return found }
      guard let a = expected["is"]?.mapping, let b = live["is"]?.mapping else { return nil }
      return arguments(a, b)?.under("is")
    }
    if let elements = expected["set"]?.list {
      guard let others = live["set"]?.list else { return differ(expected, live, "expected an unordered result") }
      return unordered(elements, others)
    }
    if let method = expected["method"]?.list {
      guard let other = live["method"]?.list else {
        return differ(expected, live, "expected a method of an object of the system")
      }
      return methods(method, other)
    }
    return arguments(expected, live)
  }

  private func differ(_ expected: TraceMapping, _ live: TraceMapping, _ why: String) -> Difference {
    Difference(path: "", expected: .mapping(expected), happened: .mapping(live), why: why)
  }

  private mutating func objects(_ name: String, _ expected: TraceMapping, _ live: TraceMapping) -> Difference? {
    guard let other = live.object else { return differ(expected, live, "expected an object") }
    if Vocabulary.kind(ofObject: name) != Vocabulary.kind(ofObject: other) {
      return Difference(path: "", expected: .word(name), happened: .word(other), why: "another kind of object")
    }
    if expected["new"] != nil, live["new"] != nil {
      for key in Self.descriptionKeys {
        guard var a = expected[key], var b = live[key] else { continue }
        if key == "implements" { (a, b) = (a.sortedNames, b.sortedNames) }
        if let found = values(a, b) { return found.under(key) }
      }
      if (expected["implements"] == nil) != (live["implements"] == nil) {
        return Difference(
          path: "implements", expected: expected["implements"], happened: live["implements"], why: "not equal")
      }
    }
    if !Self.isNameless(name), let problem = bindings.bind(object: name, to: other) {
      return Difference(path: "", expected: .word(name), happened: .word(other), why: problem)
    }
    return deferreds(expected, live)
  }

  private mutating func deferreds(_ expected: TraceMapping, _ live: TraceMapping) -> Difference? {
    guard expected["deferred"] != nil || live["deferred"] != nil else { return nil }
    if (expected["deferred"] == nil) != (live["deferred"] == nil) {
      return differ(expected, live, "expected the same form of a Deferred")
    }
    for key in ["fired", "failed"] {
      switch (expected[key], live[key]) {
      case (nil, nil): continue
      case (let a?, let b?): if let found = values(a, b) { return found.under(key) }
      case (let a, let b): return Difference(path: key, expected: a, happened: b, why: "a Deferred in another state")
      }
    }
    return nil
  }

  private mutating func errors(_ expected: TraceMapping, _ live: TraceMapping) -> Difference? {
    if expected["error"] != live["error"] {
      return Difference(path: "error", expected: expected["error"], happened: live["error"], why: "another error")
    }
    switch (expected["raised"], live["raised"]) {
    case (nil, nil):
      break
    case (let a?, let b?):
      let event = b.int.flatMap { bindings.events[$0] }.map { TraceValue.int($0) }
      if event != a { return Difference(path: "raised", expected: a, happened: event, why: "raised by another event") }
    case (let a, let b):
      return Difference(path: "raised", expected: a, happened: b, why: "not the same raising of this error")
    }
    for key in expected.keys + live.keys.filter({ expected[$0] == nil }) where !Self.uncomparedErrorKeys.contains(key) {
      guard let a = expected[key], let b = live[key] else {
        return Difference(
          path: key, expected: expected[key], happened: live[key], why: "only one of the two errors has this")
      }
      if let found = values(a, b) { return found.under(key) }
    }
    return nil
  }

  private mutating func placeholder(
    _ form: String, _ table: Bindings.Table, _ name: TraceValue, _ expected: TraceMapping, _ live: TraceMapping
  ) -> Difference? {
    guard let value = live[form] else { return differ(expected, live, "expected a \(form)") }
    return bindings.bind(table, name, to: value)
      .map { Difference(path: form, expected: name, happened: value, why: $0) }
  }

  private mutating func unordered(_ expected: [TraceValue], _ live: [TraceValue]) -> Difference? {
    if expected.count != live.count {
      return Difference(
        path: "set", expected: .list(expected), happened: .list(live),
        why: "expected \(expected.count) elements, found \(live.count)")
    }
    var left = Array(live.indices)
    var isMoved = false
    for value in expected {
      let found = left.firstIndex { place in
        let mark = bindings.mark
        if values(value, live[place]) == nil { return true }
        bindings.undo(to: mark)
        return false
      }
      guard let found else {
        return Difference(
          path: "set", expected: value, happened: .list(left.map { live[$0] }), why: "no such element is left")
      }
      if found != left.startIndex { isMoved = true }
      left.remove(at: found)
    }
    if isMoved, !freedoms.use(.unorderedReturn) {
      return Difference(
        path: "set", expected: .list(expected), happened: .list(live),
        why: "another order, and \(Freedom.unorderedReturn.rawValue) is switched off")
    }
    return nil
  }

  private mutating func methods(_ expected: [TraceValue], _ live: [TraceValue]) -> Difference? {
    guard expected.count == 2, live.count == 2, let name = expected[0].text, let other = live[0].text else {
      return Difference(
        path: "method", expected: .list(expected), happened: .list(live), why: "expected an object and a method of it")
    }
    if let problem = bindings.bind(object: name, to: other) {
      return Difference(path: "method", expected: expected[0], happened: live[0], why: problem)
    }
    return expected[1] == live[1]
      ? nil : Difference(path: "method", expected: expected[1], happened: live[1], why: "not equal")
  }
}

extension TraceValue {
  /// A list of names in the order of the alphabet; any other value as it is.
  fileprivate var sortedNames: TraceValue {
    guard let names = list?.map(\.text), names.allSatisfy({ $0 != nil }) else { return self }
    return .list(names.compactMap(\.self).sorted().map(TraceValue.word))
  }

  /// A plain value's type, in words: `false` is no integer, and 1 no number with a fraction.
  var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .int: "integer"
    case .double: "number"
    case .string, .word: "text"
    case .bytes: "bytes"
    case .list: "list"
    case .mapping: "mapping"
    }
  }
}
