// What a value names: the objects that it introduces and those that it refers to.

extension TraceValue {
  /// The objects that a value introduces.
  var introductions: [String] {
    var found: [String] = []
    collectIntroductions(&found)
    return found
  }

  private func collectIntroductions(_ found: inout [String]) {
    switch self {
    case .mapping(let fields):
      if let name = fields["new"] {
        if let name = name.text { found.append(name) }
      } else if let name = fields["deferred"] {
        if let name = name.text { found.append(name) }
        fields["fired"]?.collectIntroductions(&found)
        fields["failed"]?.collectIntroductions(&found)
      } else {
        for entry in fields.entries { entry.value.collectIntroductions(&found) }
      }
    case .list(let items):
      for item in items { item.collectIntroductions(&found) }
    case .null, .bool, .int, .double, .string, .word, .bytes:
      break
    }
  }

  /// The objects that a value refers to without introducing them.
  var references: [String] {
    var found: [String] = []
    collectReferences(&found)
    return found
  }

  private func collectReferences(_ found: inout [String]) {
    switch self {
    case .mapping(let fields):
      if let name = fields["ref"] {
        if let name = name.text { found.append(name) }
      } else if let method = fields["method"]?.list {
        if let name = method.first?.text { found.append(name) }
      } else {
        for entry in fields.entries { entry.value.collectReferences(&found) }
      }
    case .list(let items):
      for item in items { item.collectReferences(&found) }
    case .null, .bool, .int, .double, .string, .word, .bytes:
      break
    }
  }

  /// The object that a value is, introduced or referred to; nil for every other value.
  var object: String? { mapping?.object }
}

extension TraceMapping {
  /// The object that a value of this form is, introduced or referred to; nil for every other form.
  var object: String? { (self["ref"] ?? self["new"] ?? self["deferred"])?.text }
}

extension Recording.Event {
  /// The objects that it introduces, in its arguments or its outcome.
  var introductions: [String] { TraceValue.mapping(args).introductions + outcome.value.introductions }

  /// The objects that must be known before it can happen: its own, and those in its arguments.
  var neededNames: [String] {
    let arguments = TraceValue.mapping(args)
    let own = arguments.introductions
    return [target] + arguments.references.filter { !own.contains($0) } + (of.map { [$0] } ?? [])
  }

  /// The kind of its object: `transport`.
  var targetKind: String { Vocabulary.kind(ofObject: target) }

  /// The object that it returned, nil when it raised or returned something else.
  var returnedObject: String? {
    guard case .returned(let value) = outcome else { return nil }
    return value.object
  }

  /// The time that a call asks for, in seconds; 0 where it names none.
  var seconds: Double {
    ["secondsFromNow", "secondsLater", "seconds", "delay"].lazy.compactMap { args[$0]?.double }.first ?? 0
  }

  /// How many bytes a call hands to a transport.
  var writtenBytes: Int {
    switch method {
    case "write":
      return args["data"]?.bytes?.count ?? 0
    case "writeSequence":
      let parts = args["data"]?.list ?? args["iovec"]?.list ?? []
      return parts.reduce(0) { $0 + ($1.bytes?.count ?? 0) }
    default:
      return 0
    }
  }
}
