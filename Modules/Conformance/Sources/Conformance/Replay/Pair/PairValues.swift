import Pair
import Reactor

/// The values that only recordings of tunnels have.
enum PairValues {
  /// The names of the flags of `open`, in the order in which traces have them.
  private static let openFlagNames = ["rdwr", "nonblock", "cloexec"]

  private static func numbers(isReal: Bool) -> [Int32] {
    let flags = isReal ? SystemIO().openFlags : MemoryIOSystem().openFlags
    return [flags.readWrite, flags.nonBlocking, flags.closeOnExec]
  }

  /// Flags of `open`, by name; a plain number where one has no name.
  static func flags(_ value: Int32, isReal: Bool) -> TraceValue {
    var rest = value
    var names: [TraceValue] = []
    for (name, flag) in zip(openFlagNames, numbers(isReal: isReal)) where value & flag != 0 {
      names.append(.word(name))
      rest &= ~flag
    }
    return rest == 0 ? [(isReal ? "os" : "memory"): .list(names)] : .int(Int(value))
  }

  /// The number of recorded flags of `open`: by whose numbers they are is part of the value.
  static func flags(_ value: TraceValue) throws -> Int32 {
    if let number = value.int.flatMap({ Int32(exactly: $0) }) { return number }
    for (form, isReal) in [("os", true), ("memory", false)] {
      guard let names = value[form]?.list?.compactMap(\.text) else { continue }
      return zip(openFlagNames, numbers(isReal: isReal)).reduce(0) { (sum, flag) in
        names.contains(flag.0) ? sum | flag.1 : sum
      }
    }
    throw Unplayable("these are no flags of open: \(EventText.brief(value))")
  }

  /// The flags of a tunnel.
  static func tunnelFlags(_ flags: TunnelFlags) -> TraceValue {
    .list(TunnelFlags.names.filter { flags.contains($0.flag) }.map { .word($0.name) })
  }

  /// Recorded flags of a tunnel.
  static func tunnelFlags(_ value: TraceValue?) throws -> TunnelFlags {
    guard let names = value?.list?.compactMap(\.text) else { throw Unplayable("there are no flags of a tunnel") }
    return try names.reduce(into: []) { (flags, name) in
      guard let flag = TunnelFlags.names.first(where: { $0.name == name }) else {
        throw Unplayable("there is no flag \(name)")
      }
      flags.insert(flag.flag)
    }
  }

  /// TUNSETIFF by what the kernel's headers say, not by what is under test.
  private static let setInterface: UInt32 = 0x4004_54CA

  /// The number of a request, by name where it has one.
  static func request(_ number: UInt32) -> TraceValue {
    number == setInterface ? ["constant": .word("TUNSETIFF")] : .int(Int(number))
  }

  /// The number of a recorded request.
  static func request(_ value: TraceValue?) throws -> UInt32 {
    if value?["constant"]?.text == "TUNSETIFF" { return setInterface }
    guard let number = value?.int.flatMap({ UInt32(exactly: $0) }) else { throw Unplayable("this is no request") }
    return number
  }

  /// The bytes that go with a request: as what TUNSETIFF takes, where they are that to the last bit, else as bytes.
  static func packed(_ bytes: [UInt8]) -> TraceValue {
    guard let request = try? TunnelRequest(packed: bytes), request.packed == bytes else { return .bytes(bytes) }
    let known = TunnelFlags.names.reduce(into: TunnelFlags()) { $0.formUnion($1.flag) }
    guard known.isSuperset(of: request.flags) else { return .bytes(bytes) }
    return ["ifreq": ["name": .bytes(request.name), "flags": tunnelFlags(request.flags)]]
  }

  /// The recorded bytes that go with a request.
  static func packed(_ value: TraceValue) throws -> [UInt8] {
    if let bytes = value.bytes { return bytes }
    guard let form = value["ifreq"], let name = form["name"]?.bytes else {
      throw Unplayable("these are no bytes of a request")
    }
    return TunnelRequest(name: name, flags: try tunnelFlags(form["flags"])).packed
  }

  /// A host: bytes or text.
  static func text(_ value: TraceValue?) throws -> String {
    if let text = value?.text { return text }
    guard let bytes = value?.bytes else { throw Unplayable("this is no host") }
    return String(decoding: bytes, as: UTF8.self)
  }
}
