import Addresses
import Testing

@Suite struct `Hostname addresses` {
  static let label63 = String(repeating: "a", count: 63)
  static let name253 = [label63, label63, label63, String(repeating: "b", count: 61)].joined(separator: ".")

  @Test(arguments: [
    "example.com", "example.com.", "localhost", "some-fake.domain.example.com", "_sip._tcp.example.com", "1.2.3.4",
    "::1",
    "fe80::1%eth0", "xn--bcher-kva.example", "A.B", "-", label63, name253, name253 + ".",
  ])
  func `a name is kept as it was given`(name: String) throws {
    let address = try HostnameAddress(hostname: name, port: 80)
    #expect(address.hostname == name)
    #expect(address.port == 80)
    #expect(address.description == name + ":80")
  }

  @Test(arguments: [
    Malformed("", .label, 0), Malformed(".", .label, 0), Malformed(".com", .label, 0), Malformed("a..b", .label, 2),
    Malformed("a..", .label, 2), Malformed("a b", .visibleASCII, 1), Malformed("a\0", .visibleASCII, 1),
    Malformed("bücher.example", .visibleASCII, 1), Malformed("a\n", .visibleASCII, 1),
    Malformed("a\u{7F}", .visibleASCII, 1),
    Malformed(label63 + "a.com", .labelEnd, 63), Malformed("x." + label63 + "a", .labelEnd, 65),
  ])
  func `a malformed name is refused where it goes wrong`(malformed: Malformed) {
    expectError(.hostname, malformed.expected, malformed.found, at: malformed.position) { () throws(AddressError) in
      _ = try HostnameAddress(hostname: malformed.text, port: 80)
    }
  }

  @Test func `a name has at most 253 characters and a dot`() {
    expectError(.hostname, .atMost(bytes: 253), .bytes(254), at: 253) { () throws(AddressError) in
      _ = try HostnameAddress(hostname: Self.name253 + "b", port: 80)
    }
    expectError(.hostname, .atMost(bytes: 254), .bytes(255), at: 254) { () throws(AddressError) in
      _ = try HostnameAddress(hostname: Self.name253 + "b.", port: 80)
    }
    expectError(.hostname, .atMost(bytes: 253), .bytes(1_000_000), at: 253) { () throws(AddressError) in
      _ = try HostnameAddress(hostname: String(repeating: "a", count: 1_000_000), port: 80)
    }
  }

  @Test func `case tells names apart, and so does the port`() throws {
    let address = try HostnameAddress(hostname: "example.com", port: 80)
    #expect(try address != HostnameAddress(hostname: "Example.com", port: 80))
    #expect(try address != HostnameAddress(hostname: "example.com", port: 81))
    #expect(try address == HostnameAddress(hostname: "example.com", port: 80))
  }
}
