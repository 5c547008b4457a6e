/// One event of a trace: a mapping of keys, as it stands in the file, with accessors for those that the format knows.
///
/// An accessor gives nil where the key is missing or its value has another type; the validator has said so before.
public struct TraceEvent: Hashable, Sendable {
  /// What kind of event it is, by the key that names it.
  public enum Kind: Hashable, Sendable {
    /// The application calls the system.
    case call
    /// The system calls the application.
    case back
    /// The application reads an attribute.
    case get
    /// An attribute changes that the system asks for.
    case set
    /// One operation on the operating system.
    case io
    /// The network's side acts.
    case peer
    /// An injected fault.
    case fault
    /// Virtual time was advanced.
    case clock
    /// Something was logged.
    case log
    /// A remark for people.
    case note
    /// The application let an object go.
    case drop
    /// A statement that held, such as `released`.
    case check
    /// Events were lost here.
    case lost
    /// An opened crossing is closed.
    case end
    /// The trace is complete.
    case eof
    /// None that this version knows.
    case other
  }

  /// The keys and values.
  public var fields: TraceMapping

  /// An event of these keys and values.
  ///
  /// - Parameter fields: The mapping.
  public init(_ fields: TraceMapping) {
    self.fields = fields
  }

  private static let kinds: [(String, Kind)] = [
    ("end", .end), ("eof", .eof), ("call", .call), ("back", .back), ("get", .get), ("set", .set), ("io", .io),
    ("peer", .peer), ("fault", .fault), ("clock", .clock), ("log", .log), ("note", .note), ("drop", .drop),
    ("check", .check), ("lost", .lost),
  ]

  /// What kind of event it is.
  public var kind: Kind { kindAndKey.kind }

  /// The key that names the kind, empty for `other`.
  var kindAndKey: (kind: Kind, key: String) {
    for (key, kind) in Self.kinds where fields[key] != nil { return (kind, key) }
    return (.other, "")
  }

  /// The value of a key.
  ///
  /// - Parameter key: The key.
  public subscript(key: String) -> TraceValue? { fields[key] }

  /// The event's number, from 1; nil for `end` and `eof`.
  public var n: Int? { fields["n"]?.int }
  /// The crossing that an `end` closes.
  public var end: Int? { fields["end"]?.int }
  /// The crossing that it happened inside of.
  public var parent: Int? { fields["in"]?.int }
  /// The turn of the loop.
  public var turn: Int? { fields["turn"]?.int }
  /// The phase of the turn: startup, thread, timer, shutdown or io.
  public var phase: String? { fields["phase"]?.text }
  /// The causes that the tree cannot show.
  public var after: [Int] { fields["after"]?.list?.compactMap(\.int) ?? [] }
  /// The thread, nil for the reactor's.
  public var thread: String? { fields["thread"]?.text }
  /// Nanoseconds since the header's `started`.
  public var at: Int? { fields["at"]?.int }
  /// What was crossed: `reactor-1.listenTCP`; nil for kinds that name no member.
  public var name: String? {
    let (kind, key) = kindAndKey
    switch kind {
    case .call, .back, .get, .set, .io, .peer, .fault: return fields[key]?.text
    case .clock, .log, .note, .drop, .check, .lost, .end, .eof, .other: return nil
    }
  }
  /// The object: `reactor-1`.
  public var target: String? { name.map { String($0.prefix { $0 != "." }) } }
  /// The member: `listenTCP`, or `super.connectionLost`.
  public var method: String? { name.map { String($0.drop { $0 != "." }.dropFirst()) } }
  /// What made a function fire: a timer, a trigger, a call from a thread.
  public var of: String? { fields["of"]?.text }
  /// The arguments by their names.
  public var args: TraceMapping { fields["args"]?.mapping ?? [:] }
  /// What it returned, nil where it returned nothing or raised.
  public var gives: TraceValue? { fields["gives"] }
  /// The error that it raised.
  public var raises: TraceMapping? { fields["raises"]?.mapping }
  /// How often it came in a row, where equal ones are folded into one.
  public var times: Int? { fields["repeat"]?["times"]?.int }
}

extension TraceEvent: ExpressibleByDictionaryLiteral {
  /// An event of these keys and values.
  public init(dictionaryLiteral elements: (String, TraceValue)...) { self.init(TraceMapping(elements)) }
}

/// The header of a trace: a mapping of keys, with accessors for those that the format knows.
public struct TraceHeader: Hashable, Sendable {
  /// The keys and values.
  public var fields: TraceMapping

  /// A header of these keys and values; `format` and `version` are added where they are missing.
  ///
  /// - Parameter fields: The mapping.
  public init(_ fields: TraceMapping) {
    self.fields = fields
    if fields["version"] == nil { self.fields["version"] = .int(Vocabulary.version) }
    if fields["format"] == nil { self.fields["format"] = .word("skein-trace") }
  }

  /// What the trace shows, for people.
  public var title: String { fields["title"]?.text ?? "" }
  /// The case's name, which stays the same wherever the file is: `twisted/test_tcp/TCP4Client/addresses`.
  public var caseName: String? { fields["case"]?.text }
  /// Where the case comes from in Twisted's source.
  public var source: String? { fields["source"]?.text }
  /// The parts of the vocabulary that the trace uses.
  public var features: [String] { fields["features"]?.list?.compactMap(\.text) ?? [] }
  /// Who produced it: name, version, runtime, reactor, platform.
  public var producer: TraceMapping { fields["producer"]?.mapping ?? [:] }
  /// When it started.
  public var started: String? { fields["started"]?.text }
  /// `virtual` where time was a manual clock's; nil or `real` otherwise.
  public var clock: String? { fields["clock"]?.text }
  /// The sizes of socket buffers that the trace depends on: `send` and `receive`, in bytes.
  public var buffers: TraceMapping { fields["buffers"]?.mapping ?? [:] }
}

extension TraceHeader: ExpressibleByDictionaryLiteral {
  /// A header of these keys and values; `format` and `version` are added where they are missing.
  public init(dictionaryLiteral elements: (String, TraceValue)...) { self.init(TraceMapping(elements)) }
}
