extension IPv6Address {
  /// What tells apart two links on which the same link-local host may live: an interface, by its index or by its name.
  ///
  /// Its text form is what stands after the percent sign of a `ScopedHost`.
  public struct Zone: TextualAddress {
    /// How the interface is named.
    public enum Value: Hashable, Sendable {
      /// By its index.
      case index(UInt32)
      /// By its name.
      case name(String)
    }

    /// How the interface is named.
    public let value: Value

    /// Makes a zone from the index of an interface.
    ///
    /// - Parameter index: The index; 0 is the default zone.
    public init(index: UInt32) {
      value = .index(index)
    }

    /// Makes a zone from the name of an interface.
    ///
    /// - Parameter name: The name, as Linux allows it: 1 to 15 visible ASCII characters without slash, colon or percent
    ///   sign, not `.` or `..`. All digits is no name here, for its text would be that of an index.
    /// - Throws: `AddressError` at the first byte that cannot be right.
    public init(name: String) throws(AddressError) {
      let bytes = name.utf8.span
      try Self.checkName(bytes, from: 0)
      guard !Self.isNumber(bytes, from: 0) else {
        throw AddressError(.ipv6Zone, expected: .interfaceName, in: bytes, at: 0)
      }
      value = .name(name)
    }

    /// Reads an index or a name.
    ///
    /// - Parameter text: A decimal number without leading zeros, or the name of an interface.
    /// - Throws: `AddressError` at the first byte that cannot be right.
    public init(_ text: String) throws(AddressError) {
      try self.init(utf8: text.utf8.span)
    }

    /// Reads an index or a name from its UTF-8 bytes.
    ///
    /// - Parameter utf8: A decimal number without leading zeros, or the name of an interface.
    /// - Throws: `AddressError` at the first byte that cannot be right.
    public init(utf8: Span<UInt8>) throws(AddressError) {
      try self.init(restOf: utf8, at: 0)
    }

    /// Reads a zone that begins at `start` and ends with the text.
    init(restOf text: Span<UInt8>, at start: Int) throws(AddressError) {
      guard start < text.count else {
        throw AddressError(.ipv6Zone, expected: .zone, in: text, at: start)
      }
      if Self.isNumber(text, from: start) {
        value = .index(try Self.index(in: text, from: start))
      } else {
        try Self.checkName(text, from: start)
        value = .name(String(ascii: text, from: start))
      }
    }

    private static func isNumber(_ text: Span<UInt8>, from start: Int) -> Bool {
      (start..<text.count).allSatisfy { text[$0].decimalValue != nil }
    }

    private static func index(in text: Span<UInt8>, from start: Int) throws(AddressError) -> UInt32 {
      var index: UInt32 = 0
      for position in start..<text.count {
        guard position == start || index != 0 else {
          throw AddressError(.ipv6Zone, expected: .noLeadingZero, in: text, at: position)
        }
        let digit = UInt32(text[position].decimalValue ?? 0)
        let (tens, overflow) = index.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tens.addingReportingOverflow(digit)
        guard !overflow, !carry else {
          throw AddressError(.ipv6Zone, expected: .zoneIndex, in: text, at: position)
        }
        index = sum
      }
      return index
    }

    private static func checkName(_ text: Span<UInt8>, from start: Int) throws(AddressError) {
      for position in start..<text.count {
        let byte = text[position]
        let isForbidden = byte == UInt8(ascii: "/") || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "%")
        guard byte.isVisibleASCII, !isForbidden, position < start + 15 else {
          throw AddressError(.ipv6Zone, expected: .interfaceName, in: text, at: position)
        }
      }
      let length = text.count - start
      let isDots = length <= 2 && (start..<text.count).allSatisfy { text[$0] == UInt8(ascii: ".") }
      guard length > 0, !isDots else {
        throw AddressError(.ipv6Zone, expected: .interfaceName, in: text, at: start)
      }
    }

    /// The index in decimal, or the name.
    public var description: String {
      switch value {
      case .index(let index): String(index)
      case .name(let name): name
      }
    }
  }
}
