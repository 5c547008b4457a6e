import Addresses
import Glibc
import Testing

@Suite struct `IPv4 hosts` {
  typealias Host = IPv4Address.Host

  @Test(arguments: [
    ("0.0.0.0", Host.any), ("127.0.0.1", .loopback), ("255.255.255.255", .broadcast),
    ("192.0.2.10", Host(192, 0, 2, 10)),
    ("1.22.133.99", Host(bits: 0x0116_8563)),
  ])
  func `a dotted quad is read and written back`(text: String, host: Host) throws {
    #expect(try Host(text) == host)
    #expect(try Host(utf8: Array(text.utf8).span) == host)
    #expect(host.description == text)
  }

  @Test func `every octet is read in every place`() throws {
    for place in 0..<4 {
      for octet in UInt8.min...UInt8.max {
        var octets: [UInt8] = [9, 8, 7, 6]
        octets[place] = octet
        let text = octets.map { String($0) }.joined(separator: ".")
        let host = try Host(text)
        #expect(host == Host(octets[0], octets[1], octets[2], octets[3]))
        #expect(host.description == text)
      }
    }
  }

  @Test(arguments: [
    Malformed("", .decimalDigit, 0), Malformed("x", .decimalDigit, 0), Malformed(" 1.2.3.4", .decimalDigit, 0),
    Malformed("-1.2.3.4", .decimalDigit, 0), Malformed("+1.2.3.4", .decimalDigit, 0),
    Malformed(".1.2.3", .decimalDigit, 0),
    Malformed("1", .character("."), 1), Malformed("127.1", .character("."), 5), Malformed("2130706433", .octet, 3),
    Malformed("1.2.3", .character("."), 5), Malformed("1.2.3.", .decimalDigit, 6),
    Malformed("1..2.3", .decimalDigit, 2),
    Malformed("1.2.x.4", .decimalDigit, 4), Malformed("1.2.3.4.", .end, 7), Malformed("1.2.3.4.5", .end, 7),
    Malformed("1.2.3.4 ", .end, 7), Malformed("1.2.3.4\n", .end, 7), Malformed("1.2.3.4\0", .end, 7),
    Malformed("1.2.3.4/8", .end, 7), Malformed("1.2.3.4:80", .end, 7), Malformed("256.1.1.1", .octet, 2),
    Malformed("1.1.1.999", .octet, 8), Malformed("1.300.1.1", .octet, 4), Malformed("1.2.3.1000", .octet, 9),
    Malformed("01.2.3.4", .noLeadingZero, 1), Malformed("1.2.3.00", .noLeadingZero, 7),
    Malformed("1.2.3.010", .noLeadingZero, 7), Malformed("0x7f.0.0.1", .character("."), 1),
    Malformed("1,2.3.4", .character("."), 1), Malformed("1.2.3.a", .decimalDigit, 6), Malformed("1.2.3.4a", .end, 7),
    Malformed("١.2.3.4", .decimalDigit, 0), Malformed("1.2.3.４", .decimalDigit, 6), Malformed("::1", .decimalDigit, 0),
    Malformed("localhost", .decimalDigit, 0),
  ])
  func `anything else is refused where it goes wrong`(malformed: Malformed) {
    expectError(.ipv4Host, malformed.expected, malformed.found, at: malformed.position) { () throws(AddressError) in
      _ = try Host(malformed.text)
    }
    #expect(InetOracle.bytes(AF_INET, malformed.text) == nil || malformed.text.contains("\0"))
  }

  @Test func `a text without end is refused at its fourth digit`() {
    expectError(.ipv4Host, .octet, .byte(UInt8(ascii: "1")), at: 3) { () throws(AddressError) in
      _ = try Host(String(repeating: "1", count: 100_000))
    }
  }

  @Test func `texts are read and hosts written as the C library does`() throws {
    var generator = SeededGenerator(seed: 1)
    var accepted = 0
    var refused = 0
    for _ in 0..<20_000 {
      let host = Host(bits: UInt32.random(in: 0...UInt32.max, using: &generator))
      let bytes = host.bytes
      #expect(host.description == InetOracle.text(AF_INET, bytes.indices.map { bytes[$0] }))
      let text = generator.mutated(host.description, alphabet: "0123456789.:ax ")
      let read = try? Host(text)
      let octets = read.map { host in host.bytes.indices.map { host.bytes[$0] } }
      #expect(octets == InetOracle.bytes(AF_INET, text), "\(text)")
      if read == nil { refused += 1 } else { accepted += 1 }
    }
    #expect(accepted > 1000)
    #expect(refused > 1000)
  }

  @Test func `the octets are in network order and come back`() throws {
    let host = Host(192, 0, 2, 33)
    #expect(host.bits == 0xC000_0221)
    let bytes = host.bytes
    #expect(bytes.indices.map { bytes[$0] } == [192, 0, 2, 33])
    #expect(try Host(bytes: ([192, 0, 2, 33] as [UInt8]).span.bytes) == host)
  }

  @Test(arguments: [0, 1, 3, 5, 16])
  func `any other number of octets is refused`(count: Int) {
    expectError(.ipv4Host, .bytes(4), .bytes(count), at: min(count, 4)) { () throws(AddressError) in
      _ = try Host(bytes: [UInt8](repeating: 1, count: count).span.bytes)
    }
  }

  @Test func `the ranges begin and end where the standards say`() throws {
    #expect(Host(127, 0, 0, 0).isLoopback && Host(127, 255, 255, 255).isLoopback)
    #expect(!Host(126, 255, 255, 255).isLoopback && !Host(128, 0, 0, 0).isLoopback)
    #expect(Host(224, 0, 0, 0).isMulticast && Host(239, 255, 255, 255).isMulticast)
    #expect(!Host(223, 255, 255, 255).isMulticast && !Host(240, 0, 0, 0).isMulticast)
    #expect(Host(169, 254, 0, 0).isLinkLocal && Host(169, 254, 255, 255).isLinkLocal)
    #expect(!Host(169, 253, 255, 255).isLinkLocal && !Host(169, 255, 0, 0).isLinkLocal)
  }
}
