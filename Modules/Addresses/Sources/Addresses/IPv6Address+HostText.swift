extension IPv6Address.Host {
  /// Reads any of the spellings of RFC 4291, section 2.2.
  ///
  /// - Parameter text: Eight groups of one to four hexadecimal digits of either case, separated by colons; `::` may
  ///   stand once for one or more groups of zeros, and a strict dotted quad for the last two groups. No zone.
  /// - Throws: `AddressError` at the first byte that cannot be right.
  public init(_ text: String) throws(AddressError) {
    try self.init(utf8: text.utf8.span)
  }

  /// Reads any of the spellings of RFC 4291, section 2.2, from its UTF-8 bytes, without allocating.
  ///
  /// - Parameter utf8: The text, as `init(_:)` wants it.
  /// - Throws: `AddressError` at the first byte that cannot be right.
  public init(utf8: Span<UInt8>) throws(AddressError) {
    var position = 0
    try self.init(prefixOf: utf8, at: &position)
    guard position == utf8.count else {
      throw AddressError(.ipv6Host, expected: .end, in: utf8, at: position)
    }
  }

  /// Reads a host at `position` and moves it past the host's last byte; what follows is the caller's matter.
  init(prefixOf text: Span<UInt8>, at position: inout Int) throws(AddressError) {
    var groups = Groups()
    if text.has(":", at: position) {
      guard text.has(":", at: position + 1) else {
        throw AddressError(.ipv6Host, expected: .character(":"), in: text, at: position + 1)
      }
      groups.compress()
      position += 2
    }
    while groups.room > 0 {
      let start = position
      guard text.byte(at: position)?.hexValue != nil else {
        // After `::` the host may end, with the text or before a zone.
        if groups.endInCompression, position == text.count || text.has("%", at: position) { break }
        throw AddressError(.ipv6Host, expected: .hexDigit, in: text, at: position)
      }
      let group = try Self.group(in: text, at: &position)
      if text.has(".", at: position), groups.takeDottedQuad {
        position = start
        let quad = try IPv4Address.Host(prefixOf: text, at: &position, of: .ipv6Host)
        groups.append(UInt16(truncatingIfNeeded: quad.bits >> 16))
        groups.append(UInt16(truncatingIfNeeded: quad.bits))
        break
      }
      groups.append(group)
      guard groups.room > 0, text.has(":", at: position) else { break }
      position += 1
      if text.has(":", at: position), !groups.areCompressed {
        groups.compress()
        position += 1
      }
    }
    guard let host = groups.host else {
      throw AddressError(.ipv6Host, expected: .character(":"), in: text, at: position)
    }
    self = host
  }

  private static func group(in text: Span<UInt8>, at position: inout Int) throws(AddressError) -> UInt16 {
    let start = position
    var group: UInt16 = 0
    while let digit = text.byte(at: position)?.hexValue {
      guard position < start + 4 else {
        throw AddressError(.ipv6Host, expected: .group, in: text, at: position)
      }
      group = group << 4 | UInt16(digit)
      position += 1
    }
    return group
  }
}

/// The groups read so far, and where `::` stood among them.
private struct Groups {
  private var words = InlineArray<8, UInt16>(repeating: 0)
  private var count = 0
  private var compression: Int?

  /// How many groups may still come: `::` stands for one at least.
  var room: Int { (compression == nil ? 8 : 7) - count }
  /// Whether `::` has been read.
  var areCompressed: Bool { compression != nil }
  /// Whether `::` was read last, so that the text may end here.
  var endInCompression: Bool { compression == count }
  /// Whether a dotted quad may come now: it is the last two groups.
  var takeDottedQuad: Bool { compression == nil ? room == 2 : room >= 2 }

  mutating func compress() {
    compression = count
  }

  mutating func append(_ group: UInt16) {
    words[count] = group
    count += 1
  }

  /// The host, once the groups are complete.
  var host: IPv6Address.Host? {
    guard let compression = compression ?? (count == 8 ? 8 : nil) else { return nil }
    var host = IPv6Address.Host.any
    for index in 0..<count {
      // The groups after `::` are the last ones of the eight.
      let place = index < compression ? index : index + 8 - count
      let word = UInt64(words[index]) << (48 - 16 * (place & 3))
      if place < 4 {
        host.high |= word
      } else {
        host.low |= word
      }
    }
    return host
  }
}

extension IPv6Address.Host {
  /// The form of RFC 5952: lower case, no leading zeros, `::` for the first of the longest runs of two or more zero
  /// groups.
  ///
  /// The last two groups are a dotted quad in IPv4-mapped (`::ffff:192.0.2.1`) and IPv4-compatible (`::192.0.2.1`)
  /// hosts, as in `inet_ntop`, so that the text equals the `host` that Twisted shows.
  public var description: String {
    if high == 0, low >> 32 == 0xFFFF || (low >> 32 == 0 && low >> 16 != 0) {
      let quad = IPv4Address.Host(bits: UInt32(truncatingIfNeeded: low))
      return low >> 32 == 0 ? "::\(quad)" : "::ffff:\(quad)"
    }
    let groups = groups
    let zeros = longestZeroRun
    var text = ""
    var index = 0
    while index < 8 {
      if index == zeros.lowerBound, !zeros.isEmpty {
        text += "::"
        index = zeros.upperBound
      } else {
        if !text.isEmpty, !text.hasSuffix("::") { text += ":" }
        text += String(groups[index], radix: 16)
        index += 1
      }
    }
    return text
  }

  /// The first of the longest runs of zero groups; empty where no run has two.
  private var longestZeroRun: Range<Int> {
    let groups = groups
    var longest = 0..<0
    var start = 0
    for index in 0..<8 {
      if groups[index] != 0 {
        start = index + 1
      } else if index + 1 - start > Swift.max(longest.count, 1) {
        longest = start..<(index + 1)
      }
    }
    return longest
  }
}
