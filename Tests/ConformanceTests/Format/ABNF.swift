/// Matches bytes against the ABNF of the document: RFC 5234 with the case-sensitive strings of RFC 7405.
///
/// Alternatives are tried in order and repetitions take all they can, which is enough for a grammar written that way.
struct ABNF {
  indirect enum Element {
    case rule(String)
    case range(UInt8, UInt8)
    case string([UInt8], isSensitive: Bool)
    case sequence([Element])
    case choice([Element])
    case repeated(Element, least: Int, most: Int)
  }

  private(set) var rules: [String: Element] = [
    "ALPHA": .choice([.range(0x41, 0x5A), .range(0x61, 0x7A)]), "DIGIT": .range(0x30, 0x39),
    "DQUOTE": .range(0x22, 0x22), "LF": .range(0x0A, 0x0A),
  ]

  init(_ text: String) throws {
    for line in text.split(separator: "\n") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      let name = line[..<equals].filter { $0 != " " }
      var body = Body(rest: line[line.index(after: equals)...])
      rules[name] = try body.choice()
    }
  }

  func matches(_ rule: String, _ text: [UInt8]) -> Bool {
    end(.rule(rule), text, 0) == text.count
  }

  private func end(_ element: Element, _ text: [UInt8], _ start: Int) -> Int? {
    switch element {
    case .rule(let name): return rules[name].flatMap { end($0, text, start) }
    case .range(let low, let high):
      return start < text.count && (low...high).contains(text[start]) ? start + 1 : nil
    case .string(let string, let isSensitive):
      guard text.count - start >= string.count else { return nil }
      let agrees = zip(text[start...], string).allSatisfy { a, b in
        a == b || (!isSensitive && Self.lowercased(a) == Self.lowercased(b))
      }
      return agrees ? start + string.count : nil
    case .sequence(let parts):
      return parts.reduce(start) { place, part in place.flatMap { end(part, text, $0) } }
    case .choice(let options):
      for option in options { if let place = end(option, text, start) { return place } }
      return nil
    case .repeated(let part, let least, let most):
      var place = start
      var count = 0
      while count < most, let next = end(part, text, place), next > place {
        place = next
        count += 1
      }
      return count >= least ? place : nil
    }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte + 0x20 : byte }

  struct Malformed: Error {
    let rest: String
  }

  /// Reads the right side of a rule.
  private struct Body {
    var rest: Substring

    mutating func choice() throws -> Element {
      var options: [Element] = []
      while true {
        var parts: [Element] = []
        while let next = peek(), !"/)]".contains(next) { parts.append(try element()) }
        options.append(.sequence(parts))
        guard peek() == "/" else { return .choice(options) }
        rest.removeFirst()
      }
    }

    private mutating func peek() -> Character? {
      rest = rest.drop { $0 == " " }
      return rest.first
    }

    private mutating func element() throws -> Element {
      guard let next = peek() else { throw Malformed(rest: String(rest)) }
      if next.isNumber || next == "*" {
        let low = Int(take { $0.isNumber })
        let isRange = peek() == "*"
        if isRange { rest.removeFirst() }
        let high = Int(take { $0.isNumber })
        return .repeated(try element(), least: low ?? 0, most: isRange ? high ?? .max : low ?? 0)
      }
      switch next {
      case "(", "[":
        rest.removeFirst()
        let inner = try choice()
        guard let close = peek(), ")]".contains(close) else { throw Malformed(rest: String(rest)) }
        rest.removeFirst()
        return next == "[" ? .repeated(inner, least: 0, most: 1) : inner
      case "\"": return .string(string(), isSensitive: false)
      case "%":
        rest.removeFirst()
        let kind = rest.removeFirst()
        if kind == "s" { return .string(string(), isSensitive: true) }
        let bounds = take { $0.isHexDigit || $0 == "-" }.split(separator: "-").compactMap { UInt8($0, radix: 16) }
        guard let low = bounds.first, let high = bounds.last else { throw Malformed(rest: String(rest)) }
        return .range(low, high)
      default:
        let name = take { $0.isLetter || $0.isNumber || $0 == "-" }
        guard !name.isEmpty else { throw Malformed(rest: String(rest)) }
        return .rule(name)
      }
    }

    private mutating func string() -> [UInt8] {
      rest.removeFirst()
      let text = take { $0 != "\"" }
      rest = rest.dropFirst()
      return Array(text.utf8)
    }

    private mutating func take(_ belongs: (Character) -> Bool) -> String {
      let text = rest.prefix(while: belongs)
      rest = rest.dropFirst(text.count)
      return String(text)
    }
  }
}
