/// The vocabulary of the trace format: one table shared with the Python package, from which `VocabularyTables.swift`
/// is generated.
public enum Vocabulary {
  /// The type of a key's value.
  enum ValueType: Hashable, Sendable {
    case integer, number, bool, text, word, name, member, errno, any, args, kwargs
    case list(ElementType)
    case record(String)
    /// The value of a key that the vocabulary does not know.
    case unknown

    /// Whether a string of this type stands without quotes.
    var isPlain: Bool {
      switch self {
      case .word, .name, .member, .errno: true
      case .integer, .number, .bool, .text, .any, .args, .kwargs, .list, .record, .unknown: false
      }
    }
  }

  /// The type of a list's elements.
  enum ElementType: Hashable, Sendable {
    case integer, number, bool, text, word, name, member, errno, any

    /// The same as the type of a value.
    var type: ValueType {
      switch self {
      case .integer: .integer
      case .number: .number
      case .bool: .bool
      case .text: .text
      case .word: .word
      case .name: .name
      case .member: .member
      case .errno: .errno
      case .any: .any
      }
    }
  }

  /// A key with the type of its value.
  struct Field: Hashable, Sendable {
    let key: String
    let type: ValueType
    let required: Bool

    init(_ key: String, _ type: ValueType, required: Bool = false) {
      self.key = key
      self.type = type
      self.required = required
    }
  }

  /// Keys in canonical order.
  struct Fields: Hashable, Sendable, ExpressibleByArrayLiteral {
    let all: [Field]
    private let places: [String: Int]

    init(arrayLiteral elements: Field...) {
      all = elements
      places = Dictionary(
        elements.enumerated().map { ($0.element.key, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// The type of a key's value, nil for a key that is not in the table.
    subscript(key: String) -> ValueType? { places[key].map { all[$0].type } }

    /// A key's place in the canonical order, nil for a key that is not in the table.
    func place(of key: String) -> Int? { places[key] }

    static let none: Fields = []
  }

  /// A kind of event: its keys beside the common ones, and whether others can happen inside it.
  struct Kind: Hashable, Sendable {
    let name: String
    let keys: Set<String>
    let opens: Bool

    init(_ name: String, keys: Set<String>, opens: Bool) {
      self.name = name
      self.keys = keys
      self.opens = opens
    }
  }

  /// An interface that the system branches on, as `implements` lists it.
  public struct Interface: Hashable, Sendable {
    /// The name in traces: `half-close`.
    public let name: String
    /// Twisted's interface: `IHalfCloseableProtocol`.
    public let twisted: String
    /// The Swift protocol, empty where there is none yet.
    public let swift: String

    init(_ name: String, twisted: String, swift: String) {
      self.name = name
      self.twisted = twisted
      self.swift = swift
    }
  }

  /// A family of errors.
  public struct Family: Hashable, Sendable {
    /// The name in traces: `refused`.
    public let name: String
    /// The Python class: `twisted.internet.error.ConnectionRefusedError`; empty for families without one.
    public let twisted: String
    /// The Swift declaration, empty where there is none yet.
    public let swift: String

    init(_ name: String, twisted: String, swift: String) {
      self.name = name
      self.twisted = twisted
      self.swift = swift
    }
  }

  /// Which way a member is crossed, or where it happens.
  public enum Side: String, Hashable, Sendable, CaseIterable {
    /// The application calls the system.
    case call
    /// The system calls the application.
    case back
    /// The application reads an attribute of the system's.
    case get
    /// An attribute changes that the system merely asks for.
    case set
    /// An operation on the operating system.
    case io
    /// An action of the network's side.
    case peer
    /// An injected fault.
    case fault
  }

  /// A call, callback or attribute of a kind of object.
  public struct Member: Hashable, Sendable {
    /// The kind of object: `transport`.
    public let kind: String
    /// Which way it is crossed.
    public let side: Side
    /// Its name: `loseConnection`.
    public let name: String
    /// The names of its arguments, in the interface's order.
    public let arguments: [String]
    /// The type of what it returns, `nothing` for none.
    public let gives: String
    /// Where Twisted describes it: `ITransport.loseConnection`.
    public let twisted: String
    /// The Swift declaration that does the same, empty where the part is not built.
    public let swift: String

    init(
      _ kind: String, _ side: Side, _ name: String, _ arguments: [String], gives: String, twisted: String, swift: String
    ) {
      self.kind = kind
      self.side = side
      self.name = name
      self.arguments = arguments
      self.gives = gives
      self.twisted = twisted
      self.swift = swift
    }
  }
}

extension Vocabulary {
  private struct MemberKey: Hashable {
    let kind: String
    let side: Side
    let name: String
  }

  private static let membersByKey = Dictionary(
    members.map { (MemberKey(kind: $0.kind, side: $0.side, name: $0.name), $0) },
    uniquingKeysWith: { first, _ in first })
  private static let formsByHead = Dictionary(
    forms.map { ($0.head, $0.fields) }, uniquingKeysWith: { first, _ in first })
  private static let kindsByName = Dictionary(
    kinds.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  static let interfaceNames = Set(interfaces.map(\.name))
  static let familyNames = Set(families.map(\.name))

  /// Every member of the vocabulary, in the table's order.
  public static var allMembers: [Member] { members }
  /// Every family of errors.
  public static var allFamilies: [Family] { families }
  /// Every interface that `implements` can list.
  public static var allInterfaces: [Interface] { interfaces }

  /// The member of a kind of object, nil where the vocabulary has none.
  ///
  /// - Parameters:
  ///   - kind: The kind of object: `transport`.
  ///   - side: Which way it is crossed.
  ///   - name: The member's name; `super.` in front of it is passed over.
  /// - Returns: The member, or nil.
  public static func member(of kind: String, side: Side, name: String) -> Member? {
    let bare = name.hasPrefix("super.") ? String(name.dropFirst(6)) : name
    return membersByKey[MemberKey(kind: kind, side: side, name: bare)]
  }

  /// `reactor` for `reactor-1`; a name without a number is its own kind.
  ///
  /// - Parameter object: An object's name.
  /// - Returns: The kind of object.
  public static func kind(ofObject object: String) -> String {
    let bytes = object.utf8
    guard let dash = bytes.lastIndex(of: UInt8(ascii: "-")) else { return object }
    let number = bytes[bytes.index(after: dash)...]
    let isNumber = !number.isEmpty && number.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return isNumber ? String(object[..<dash]) : object
  }

  static func kind(named name: String) -> Kind? { kindsByName[name] }

  static func fields(ofForm head: String) -> Fields? { formsByHead[head] }

  /// Which form of value a mapping is, by its first key in the vocabulary's order, or nil.
  static func form(of mapping: TraceMapping) -> String? {
    if mapping.count == 1 {
      return mapping.entries.first.flatMap { formsByHead[$0.key] == nil ? nil : $0.key }
    }
    for form in forms where mapping[form.head] != nil { return form.head }
    return nil
  }
}
