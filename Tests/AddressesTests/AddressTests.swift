import Addresses
import Testing

@Suite struct `Addresses of either end` {
  @Test func `the port and the transport are there where the kind has them`() throws {
    let ipv4 = Address.ipv4(IPv4Address(transport: .tcp, host: .loopback, port: 80))
    let ipv6 = Address.ipv6(IPv6Address(transport: .udp, host: .loopback, port: 53))
    let unix = Address.unix(try UNIXAddress(path: "/x"))
    let hostname = Address.hostname(try HostnameAddress(hostname: "example.com", port: 443))
    #expect([ipv4, ipv6, unix, hostname].map(\.port) == [80, 53, nil, 443])
    #expect([ipv4, ipv6, unix, hostname].map(\.transport) == [.tcp, .udp, nil, nil])
    #expect(
      [ipv4, ipv6, unix, hostname].map(\.description) == ["TCP 127.0.0.1:80", "UDP [::1]:53", "/x", "example.com:443"])
  }

  @Test func `two addresses are equal when every part is`() throws {
    let base = IPv6Address(transport: .tcp, host: .loopback, port: 80, flowInfo: 1, scopeID: 2)
    var others: [IPv6Address] = []
    for change: (inout IPv6Address) -> Void in [
      { $0.transport = .udp }, { $0.host = .any }, { $0.port = 81 }, { $0.flowInfo = 0 }, { $0.scopeID = 0 },
    ] {
      var other = base
      change(&other)
      others.append(other)
    }
    #expect(!others.contains(base))
    #expect(Set(others + [base, base]).count == 6)
  }

  @Test func `generic code reads a text or gets nil`() {
    func read<Value: LosslessStringConvertible>(_ type: Value.Type, _ text: String) -> Value? {
      Value(text)
    }
    #expect(read(IPv4Address.Host.self, "127.0.0.1") == .loopback)
    #expect(read(IPv4Address.Host.self, "127.1") == nil)
    #expect(read(IPv6Address.Host.self, "::1") == .loopback)
    #expect(read(EthernetAddress.self, "ff-ff-ff-ff-ff-ff") == .broadcast)
    #expect(read(UNIXAddress.self, "*") == .unnamed)
  }

  @Test func `an error says what was expected, where, and what was there`() {
    func message(_ body: () throws(AddressError) -> Void) -> String {
      do throws(AddressError) {
        try body()
        return "no error"
      } catch {
        return error.description
      }
    }
    #expect(
      message { () throws(AddressError) in _ = try IPv4Address.Host("1.2.x") }
        == #"IPv4 host: expected a decimal digit at byte 4, found "x""#)
    #expect(
      message { () throws(AddressError) in _ = try IPv4Address.Host("1.2.3") }
        == #"IPv4 host: expected "." at byte 5, found the end"#)
    #expect(
      message { () throws(AddressError) in _ = try IPv6Address.Host("::1\n") }
        == "IPv6 host: expected the end at byte 3, found the byte 0x0a")
    #expect(
      message { () throws(AddressError) in _ = try IPv6Address.Host("fe80::12345") }
        == #"IPv6 host: expected a group of at most four hexadecimal digits at byte 10, found "5""#)
    let bytes: [UInt8] = [2, 0, 1]
    let family: [UInt8] = [16, 0]
    #expect(
      message { () throws(AddressError) in _ = try Address(sockaddr: bytes.span.bytes, transport: .tcp) }
        == "sockaddr: expected at least 16 bytes at byte 3, found 3")
    #expect(
      message { () throws(AddressError) in _ = try Address(sockaddr: family.span.bytes, transport: .tcp) }
        == "sockaddr: expected the family AF_INET, AF_INET6 or AF_UNIX at byte 0, found 16")
    #expect(
      message { () throws(AddressError) in _ = try UNIXAddress(path: String(repeating: "p", count: 109)) }
        == "UNIX socket name: expected at most 108 bytes at byte 108, found 109")
  }
}
