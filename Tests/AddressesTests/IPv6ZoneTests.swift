import Addresses
import Testing

@Suite struct `IPv6 zones` {
  typealias ScopedHost = IPv6Address.ScopedHost
  typealias Zone = IPv6Address.Zone

  struct UnknownInterface: Error, Equatable {
    let name: String
  }

  @Test func `a host may have no zone, an index or a name`() throws {
    let host = try IPv6Address.Host("fe80::1")
    #expect(try ScopedHost("fe80::1") == ScopedHost(host: host))
    #expect(try ScopedHost("fe80::1%2") == ScopedHost(host: host, zone: Zone(index: 2)))
    #expect(try ScopedHost("fe80::1%0") == ScopedHost(host: host, zone: Zone(index: 0)))
    #expect(try ScopedHost("fe80::1%4294967295") == ScopedHost(host: host, zone: Zone(index: .max)))
    #expect(try ScopedHost("fe80::1%eth0") == ScopedHost(host: host, zone: Zone(name: "eth0")))
    #expect(try ScopedHost("::ffff:1.2.3.4%lo").zone == Zone(name: "lo"))
    #expect(try ScopedHost("::%1").host == .any)
    #expect(try ScopedHost("1:2:3:4:5:6:7:8%6to4").zone?.value == .name("6to4"))
    #expect(try ScopedHost("fe80::1%eth0.100@if3").zone?.value == .name("eth0.100@if3"))
  }

  @Test(arguments: ["::1", "fe80::1%2", "fe80::1%eth0", "::%0", "::ffff:1.2.3.4%wlp0s20f3"])
  func `the text comes back`(text: String) throws {
    #expect(try ScopedHost(text).description == text)
  }

  @Test(arguments: [
    (AddressError.Subject.ipv6Zone, Malformed("::1%", .zone, 4)), (.ipv6Zone, Malformed("::1%01", .noLeadingZero, 5)),
    (.ipv6Zone, Malformed("::1%4294967296", .zoneIndex, 13)), (.ipv6Zone, Malformed("::1%99999999999", .zoneIndex, 13)),
    (.ipv6Zone, Malformed("::1%et h0", .interfaceName, 6)), (.ipv6Zone, Malformed("::1%eth/0", .interfaceName, 7)),
    (.ipv6Zone, Malformed("::1%eth0:1", .interfaceName, 8)), (.ipv6Zone, Malformed("::1%%1", .interfaceName, 4)),
    (.ipv6Zone, Malformed("::1%.", .interfaceName, 4)), (.ipv6Zone, Malformed("::1%..", .interfaceName, 4)),
    (.ipv6Zone, Malformed("::1%abcdefghijklmnop", .interfaceName, 19)),
    (.ipv6Zone, Malformed("::1%é", .interfaceName, 4)),
    (.ipv6Zone, Malformed("::1%eth0\0", .interfaceName, 8)), (.ipv6Zone, Malformed("::1%1\n", .interfaceName, 5)),
    (.ipv6Zone, Malformed("::1%-1%", .interfaceName, 6)), (.ipv6Host, Malformed("::1x%1", .end, 3)),
    (.ipv6Host, Malformed("%1", .hexDigit, 0)), (.ipv6Host, Malformed("1:2%1", .character(":"), 3)),
    (.ipv6Host, Malformed("1.2.3.4%1", .character(":"), 1)), (.ipv6Host, Malformed("::1 %1", .end, 3)),
  ])
  func `a malformed zone is refused where it goes wrong`(subject: AddressError.Subject, malformed: Malformed) {
    expectError(subject, malformed.expected, malformed.found, at: malformed.position) { () throws(AddressError) in
      _ = try ScopedHost(malformed.text)
    }
  }

  @Test func `a name that would read as an index is no name`() throws {
    expectError(.ipv6Zone, .interfaceName, .byte(UInt8(ascii: "7")), at: 0) { () throws(AddressError) in
      _ = try Zone(name: "7")
    }
    expectError(.ipv6Zone, .interfaceName, .end, at: 0) { () throws(AddressError) in
      _ = try Zone(name: "")
    }
    #expect(try Zone("7").value == .index(7))
    #expect(try Zone("x7").value == .name("x7"))
    #expect(try Zone(name: "abcdefghijklmno").description == "abcdefghijklmno")
  }

  @Test func `only a name is handed to the resolver`() throws {
    var asked: [String] = []
    func scope(_ text: String) throws(AddressError) -> UInt32 {
      try ScopedHost(text).scopeID { name in
        asked.append(name)
        return 42
      }
    }
    #expect(try scope("fe80::1") == 0)
    #expect(try scope("fe80::1%7") == 7)
    #expect(asked == [])
    #expect(try scope("fe80::1%eth0") == 42)
    #expect(asked == ["eth0"])
  }

  @Test func `what the resolver throws comes out`() throws {
    let host = try ScopedHost("fe80::1%nosuch")
    #expect(throws: UnknownInterface(name: "nosuch")) {
      try host.scopeID { name throws(UnknownInterface) in throw UnknownInterface(name: name) }
    }
  }

  @Test func `an address shows its scope as a zone`() throws {
    let host = try IPv6Address.Host("fe80::1")
    let scoped = IPv6Address(transport: .udp, host: host, port: 53, flowInfo: 9, scopeID: 2)
    #expect(scoped.scopedHost == ScopedHost(host: host, zone: Zone(index: 2)))
    #expect(scoped.description == "UDP [fe80::1%2]:53")
    let unscoped = IPv6Address(transport: .tcp, host: .loopback, port: 80)
    #expect(unscoped.scopedHost == ScopedHost(host: .loopback))
    #expect(unscoped.description == "TCP [::1]:80")
  }
}
