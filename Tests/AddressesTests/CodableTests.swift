import Addresses
import Foundation
import Testing

@Suite struct `Encoded addresses` {
  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(json.utf8))
  }

  /// Both ways at once.
  private func expect<Value: Codable & Equatable>(
    _ value: Value, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try json(value) == text, sourceLocation: sourceLocation)
    #expect(try decode(Value.self, text) == value, sourceLocation: sourceLocation)
  }

  /// The description of the error that decoding gives, and the error beneath it.
  private func corruption<Value: Decodable>(_ type: Value.Type, _ json: String) -> DecodingError.Context? {
    do {
      _ = try decode(type, json)
    } catch DecodingError.dataCorrupted(let context) {
      return context
    } catch {
      Issue.record(error)
    }
    return nil
  }

  @Test func `what has a text is encoded as that text`() throws {
    try expect([IPv4Address.Host.loopback], #"["127.0.0.1"]"#)
    try expect([IPv6Address.Host.loopback], #"["::1"]"#)
    try expect([IPv6Address.ScopedHost("fe80::1%eth0")], #"["fe80::1%eth0"]"#)
    try expect([IPv6Address.Zone(index: 3)], #"["3"]"#)
    try expect([EthernetAddress.broadcast], #"["ff:ff:ff:ff:ff:ff"]"#)
    try expect([UNIXAddress(path: "/tmp/\u{1}")], #"["/tmp/\\x01"]"#)
    try expect([UNIXAddress.unnamed], #"["*"]"#)
    try expect([TransportKind.tcp, .udp], #"["TCP","UDP"]"#)
  }

  @Test func `the others are encoded under Twisted's names`() throws {
    let ipv4 = IPv4Address(transport: .tcp, host: .loopback, port: 80)
    try expect(ipv4, #"{"host":"127.0.0.1","port":80,"type":"TCP"}"#)
    try expect(Address.ipv4(ipv4), #"{"ipv4":{"host":"127.0.0.1","port":80,"type":"TCP"}}"#)
    let ipv6 = IPv6Address(transport: .udp, host: .loopback, port: 65535, flowInfo: 1, scopeID: 2)
    let ipv6Text = #"{"flowInfo":1,"host":"::1","port":65535,"scopeID":2,"type":"UDP"}"#
    try expect(ipv6, ipv6Text)
    try expect(Address.ipv6(ipv6), #"{"ipv6":"# + ipv6Text + "}")
    try expect(Address.unix(UNIXAddress(path: "/x")), #"{"unix":"/x"}"#)
    let hostname = try HostnameAddress(hostname: "example.com", port: 80)
    try expect(Address.hostname(hostname), #"{"hostname":{"hostname":"example.com","port":80}}"#)
  }

  @Test func `flow and scope may be missing`() throws {
    let address = try decode(IPv6Address.self, #"{"host":"::1","port":80,"type":"TCP"}"#)
    #expect(address == IPv6Address(transport: .tcp, host: .loopback, port: 80))
  }

  @Test func `a malformed text carries its error and its place`() throws {
    let host = corruption(IPv4Address.self, #"{"host":"1.2.3.x","port":80,"type":"TCP"}"#)
    let expected = AddressError(.ipv4Host, expected: .decimalDigit, found: .byte(UInt8(ascii: "x")), position: 6)
    #expect(host?.underlyingError as? AddressError == expected)
    #expect(host?.debugDescription == expected.description)
    #expect(host?.codingPath.map(\.stringValue) == ["host"])
    let name = corruption(Address.self, #"{"hostname":{"hostname":"a..b","port":80}}"#)
    #expect(
      name?.underlyingError as? AddressError == AddressError(.hostname, expected: .label, found: .byte(46), position: 2)
    )
    #expect(name?.codingPath.map(\.stringValue) == ["hostname", "hostname"])
    let path = corruption(Address.self, #"{"unix":""}"#)
    #expect(path?.underlyingError as? AddressError != nil)
  }

  @Test(arguments: [
    #"{}"#, #"{"tcp":1}"#, #"{"unix":"/x","ipv4":{"host":"127.0.0.1","port":80,"type":"TCP"}}"#,
  ])
  func `an address without exactly one kind is refused`(text: String) throws {
    let context = corruption(Address.self, text)
    #expect(context?.debugDescription.hasPrefix("expected exactly one of the keys ipv4, ipv6, unix, hostname") == true)
  }

  @Test(arguments: [
    #"{"host":"127.0.0.1","port":65536,"type":"TCP"}"#, #"{"host":"127.0.0.1","port":-1,"type":"TCP"}"#,
    #"{"host":"127.0.0.1","port":80,"type":"SCTP"}"#, #"{"host":"127.0.0.1","type":"TCP"}"#,
    #"{"host":2130706433,"port":80,"type":"TCP"}"#,
  ])
  func `a port out of range, another transport or a missing part is refused`(text: String) {
    #expect(throws: DecodingError.self) { try decode(IPv4Address.self, text) }
  }
}
