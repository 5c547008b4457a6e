import Addresses
import Glibc
import Testing

@Suite struct `IPv6 hosts` {
  typealias Host = IPv6Address.Host

  /// Each spelling with the form that RFC 5952 wants.
  static let spellings: [(text: String, canonical: String)] = [
    // RFC 4291, section 2.2.
    ("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"),
    ("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"),
    ("2001:DB8::8:800:200C:417A", "2001:db8::8:800:200c:417a"),
    ("FF01:0:0:0:0:0:0:101", "ff01::101"), ("FF01::101", "ff01::101"),
    ("0:0:0:0:0:0:0:1", "::1"), ("::1", "::1"), ("0:0:0:0:0:0:0:0", "::"), ("::", "::"),
    ("0:0:0:0:0:0:13.1.68.3", "::13.1.68.3"), ("::13.1.68.3", "::13.1.68.3"),
    ("0:0:0:0:0:FFFF:129.144.52.38", "::ffff:129.144.52.38"), ("::FFFF:129.144.52.38", "::ffff:129.144.52.38"),
    ("2001:0DB8:0000:CD30:0000:0000:0000:0000", "2001:db8:0:cd30::"), ("2001:0DB8::CD30:0:0:0:0", "2001:db8:0:cd30::"),
    ("2001:0DB8:0:CD30::", "2001:db8:0:cd30::"),
    // RFC 5952, sections 1, 2 and 4: leading zeros, one group, the longest run, the first of equals, lower case.
    ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:db8::1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("2001:0db8::1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:0:1::1", "2001:db8::1:0:0:1"),
    ("2001:db8:0000:0:1::1", "2001:db8::1:0:0:1"), ("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd::1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd:0:1", "2001:db8:aaaa:bbbb:cccc:dddd:0:1"),
    ("2001:db8::aaaa:0:0:1", "2001:db8::aaaa:0:0:1"), ("2001:db8:0:0:aaaa::1", "2001:db8::aaaa:0:0:1"),
    ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
    ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
    ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:AAAA", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa"),
    ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("0:0:0:0:0:ffff:c000:0201", "::ffff:192.0.2.1"),
    // Compression at either end, of one group, of all but one; dotted quads everywhere they fit.
    ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("1::8", "1::8"), ("1::", "1::"),
    ("0::", "::"), ("::0", "::"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("1::1.2.3.4", "1::102:304"),
    ("::2:3:4:5:6:1.2.3.4", "0:2:3:4:5:6:102:304"), ("1:2:3:4:5::1.2.3.4", "1:2:3:4:5:0:102:304"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("::1:0", "::0.1.0.0"), ("::ffff", "::ffff"),
    ("::fffe:1.2.3.4", "::fffe:102:304"), ("0:1:0:1:0:1:0:1", "0:1:0:1:0:1:0:1"), ("fE80::aBcD", "fe80::abcd"),
  ]

  @Test(arguments: spellings)
  func `every spelling is read, and written in one form`(text: String, canonical: String) throws {
    let host = try Host(text)
    #expect(host.description == canonical)
    #expect(try Host(canonical) == host)
    #expect(try Host(utf8: Array(text.utf8).span) == host)
    #expect(octets(host) == InetOracle.bytes(AF_INET6, text))
    #expect(InetOracle.text(AF_INET6, octets(host)) == canonical)
  }

  @Test(arguments: [
    Malformed("", .hexDigit, 0), Malformed(":", .character(":"), 1), Malformed(":1", .character(":"), 1),
    Malformed(":1:2:3:4:5:6:7:8", .character(":"), 1), Malformed(":::", .hexDigit, 2), Malformed("::1:", .hexDigit, 4),
    Malformed("1", .character(":"), 1), Malformed("1:", .hexDigit, 2), Malformed("1:2:3:4:5:6:7", .character(":"), 13),
    Malformed("1:2:3:4:5:6:7:", .hexDigit, 14), Malformed("1:2:3:4:5:6:7:8:", .end, 15),
    Malformed("1:2:3:4:5:6:7:8:9", .end, 15), Malformed("1:2:3:4:5:6:7:8::", .end, 15),
    Malformed("::1:2:3:4:5:6:7:8", .end, 15), Malformed("1:2:3:4::5:6:7:8", .end, 14),
    Malformed("1:2:3:4:5:6:7::8", .end, 15), Malformed("1::2::3", .hexDigit, 5), Malformed("::1::", .hexDigit, 4),
    Malformed("1:::2", .hexDigit, 3), Malformed("1:2:3:4:5:6:7::x", .end, 15), Malformed("12345::", .group, 4),
    Malformed("::00001", .group, 6),
    Malformed("1:2:3:4:5:6:7:00008", .group, 18), Malformed("g::", .hexDigit, 0), Malformed("1:g::", .hexDigit, 2),
    Malformed("1g::", .character(":"), 1), Malformed("::g", .hexDigit, 2), Malformed("::1g", .end, 3),
    Malformed("::1 ", .end, 3), Malformed(" ::1", .hexDigit, 0), Malformed("::1\0", .end, 3),
    Malformed("::1%eth0", .end, 3), Malformed("fe80::%1", .end, 6), Malformed("[::1]", .hexDigit, 0),
    Malformed("::1/128", .end, 3), Malformed("1.2.3.4", .character(":"), 1), Malformed("1.2.3.4::", .character(":"), 1),
    Malformed("::1.2.3", .character("."), 7), Malformed("::1.2.3.", .decimalDigit, 8),
    Malformed("::1.2.3.4.5", .end, 9),
    Malformed("::1.2.3.4:5", .end, 9), Malformed("::1.2.3.4::", .end, 9), Malformed("::256.2.3.4", .octet, 4),
    Malformed("::1.2.3.256", .octet, 10), Malformed("::01.2.3.4", .noLeadingZero, 3),
    Malformed("::a.2.3.4", .decimalDigit, 2), Malformed("::1.2.3.a", .decimalDigit, 8),
    Malformed("1:2:3:4:5:1.2.3.4", .character(":"), 11), Malformed("1:2:3:4:5:6:7:1.2.3.4", .end, 15),
    Malformed("1:2:3:4:5:6::1.2.3.4", .end, 14), Malformed("::2:3:4:5:6:7:1.2.3.4", .end, 15),
    Malformed("::１", .hexDigit, 2), Malformed("localhost", .hexDigit, 0), Malformed("1;2", .character(":"), 1),
  ])
  func `anything else is refused where it goes wrong`(malformed: Malformed) {
    expectError(.ipv6Host, malformed.expected, malformed.found, at: malformed.position) { () throws(AddressError) in
      _ = try Host(malformed.text)
    }
    #expect(InetOracle.bytes(AF_INET6, malformed.text) == nil || malformed.text.contains("\0"))
  }

  @Test func `every pattern of zero groups is written as the C library does and read back`() throws {
    for pattern in 0..<256 {
      for filler: UInt64 in [0x1, 0xFFFF, 0xA0] {
        var halves: [UInt64] = [0, 0]
        for place in 0..<8 where pattern >> place & 1 == 1 {
          halves[place / 4] |= filler << UInt64(48 - 16 * (place % 4))
        }
        let host = Host(high: halves[0], low: halves[1])
        #expect(host.description == InetOracle.text(AF_INET6, octets(host)))
        #expect(try Host(host.description) == host)
      }
    }
  }

  @Test func `every shape of text is judged as the C library does`() {
    // All texts of up to seven pieces of this alphabet: the grammar, small and whole.
    let pieces = ["1", ":", "::", "f.", "1.1.1.1", "1:1:1"]
    var texts = [""]
    var shapes = 0
    for _ in 0..<6 {
      texts = texts.flatMap { text in pieces.map { text + $0 } }
      for text in texts {
        let read = (try? Host(text)).map(octets)
        guard read != InetOracle.bytes(AF_INET6, text) else { continue }
        Issue.record("\(text): read as \(String(describing: read))")
      }
      shapes += texts.count
    }
    #expect(shapes == 55_986)
  }

  @Test func `altered texts are judged as the C library does`() {
    var generator = SeededGenerator(seed: 2)
    var accepted = 0
    var refused = 0
    for round in 0..<20_000 {
      let text = generator.mutated(
        Self.spellings[round % Self.spellings.count].text, alphabet: "0123456789abcdefF:::...%g ")
      let read = (try? Host(text)).map(octets)
      #expect(read == InetOracle.bytes(AF_INET6, text), "\(text)")
      if read == nil { refused += 1 } else { accepted += 1 }
    }
    #expect(accepted > 1000)
    #expect(refused > 1000)
  }

  @Test func `random hosts with many zeros are written as the C library does and read back`() throws {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<20_000 {
      let mask = UInt64.random(in: 0...UInt64.max, using: &generator)
      let high = UInt64.random(in: 0...UInt64.max, using: &generator) & mask
      let low = UInt64.random(in: 0...UInt64.max, using: &generator) & (mask &* mask)
      let host = Host(
        high: Bool.random(using: &generator) ? high : 0, low: Bool.random(using: &generator) ? low : low & 0xFFFF)
      #expect(host.description == InetOracle.text(AF_INET6, octets(host)))
      #expect(try Host(host.description) == host)
    }
  }

  @Test func `the octets are in network order and come back`() throws {
    let bytes: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    let host = try Host(bytes: bytes.span.bytes)
    #expect(host == Host(high: 0x2001_0DB8_0405_0607, low: 0x0809_0A0B_0C0D_0E0F))
    #expect(octets(host) == bytes)
  }

  @Test(arguments: [0, 4, 15, 17])
  func `any other number of octets is refused`(count: Int) {
    expectError(.ipv6Host, .bytes(16), .bytes(count), at: min(count, 16)) { () throws(AddressError) in
      _ = try Host(bytes: [UInt8](repeating: 1, count: count).span.bytes)
    }
  }

  @Test func `the ranges begin and end where the standards say`() throws {
    #expect(try Host("::1").isLoopback && Host("::1") == .loopback)
    #expect(try !Host("::2").isLoopback && !Host("::ffff:127.0.0.1").isLoopback)
    #expect(try Host("::") == .any)
    #expect(try Host("ff00::").isMulticast && Host("ffff::").isMulticast && !Host("feff::").isMulticast)
    #expect(try Host("fe80::").isLinkLocal && Host("febf:ffff::").isLinkLocal)
    #expect(try !Host("fe7f:ffff::").isLinkLocal && !Host("fec0::").isLinkLocal)
  }

  @Test func `a mapped host stands for an IPv4 host and nothing else does`() throws {
    let inner = IPv4Address.Host(192, 0, 2, 1)
    #expect(Host(mapping: inner) == (try Host("::ffff:192.0.2.1")))
    #expect(Host(mapping: inner).ipv4Mapped == inner)
    #expect(try Host("::192.0.2.1").ipv4Mapped == nil)
    #expect(try Host("1::ffff:192.0.2.1").ipv4Mapped == nil)
  }

  private func octets(_ host: Host) -> [UInt8] {
    let bytes = host.bytes
    return bytes.indices.map { bytes[$0] }
  }
}
