import Addresses
import Testing

@Suite struct `Ethernet addresses` {
  static let address = EthernetAddress(0x02, 0xAB, 0x0C, 0x9D, 0xE0, 0xFF)

  @Test(arguments: ["02:ab:0c:9d:e0:ff", "02:AB:0C:9D:E0:FF", "02-ab-0c-9d-e0-ff", "02-Ab-0C-9d-E0-fF"])
  func `colons and hyphens and both cases are read, one form is written`(text: String) throws {
    let address = try EthernetAddress(text)
    #expect(address == Self.address)
    #expect(try EthernetAddress(utf8: Array(text.utf8).span) == Self.address)
    #expect(address.description == "02:ab:0c:9d:e0:ff")
  }

  @Test(arguments: [
    Malformed("", .hexDigit, 0), Malformed("0", .hexDigit, 1), Malformed("02", .octetSeparator, 2),
    Malformed("02ab0c9de0ff", .octetSeparator, 2), Malformed("02.ab.0c.9d.e0.ff", .octetSeparator, 2),
    Malformed("2:ab:0c:9d:e0:ff", .hexDigit, 1), Malformed("02:ab:0c:9d:e0", .character(":"), 14),
    Malformed("02:ab:0c:9d:e0:", .hexDigit, 15), Malformed("02:ab:0c:9d:e0:f", .hexDigit, 16),
    Malformed("02:ab:0c:9d:e0:ff:", .end, 17), Malformed("02:ab:0c:9d:e0:fff", .end, 17),
    Malformed("02:ab-0c:9d:e0:ff", .character(":"), 5), Malformed("02-ab:0c-9d-e0-ff", .character("-"), 5),
    Malformed("02-ab-0c-9d-e0-ff ", .end, 17), Malformed(" 02:ab:0c:9d:e0:ff", .hexDigit, 0),
    Malformed("02:ab:0g:9d:e0:ff", .hexDigit, 7), Malformed("02ab.0c9d.e0ff", .octetSeparator, 2),
    Malformed("02::0c:9d:e0:ff", .hexDigit, 3),
  ])
  func `anything else is refused where it goes wrong`(malformed: Malformed) {
    expectError(.ethernet, malformed.expected, malformed.found, at: malformed.position) { () throws(AddressError) in
      _ = try EthernetAddress(malformed.text)
    }
  }

  @Test func `the octets come back in order`() throws {
    let bytes = Self.address.bytes
    #expect(bytes.indices.map { bytes[$0] } == [0x02, 0xAB, 0x0C, 0x9D, 0xE0, 0xFF])
    #expect(try EthernetAddress(bytes: ([0x02, 0xAB, 0x0C, 0x9D, 0xE0, 0xFF] as [UInt8]).span.bytes) == Self.address)
  }

  @Test func `the bits above the octets are left out`() {
    #expect(EthernetAddress(bits: 0x02AB_0C9D_E0FF) == Self.address)
    #expect(EthernetAddress(bits: 0xFFFF_02AB_0C9D_E0FF) == Self.address)
  }

  @Test func `every octet is read and written in every place`() throws {
    for place in 0..<6 {
      for octet in UInt8.min...UInt8.max {
        var octets: [UInt8] = [1, 2, 3, 4, 5, 6]
        octets[place] = octet
        let address = EthernetAddress(octets[0], octets[1], octets[2], octets[3], octets[4], octets[5])
        #expect(try EthernetAddress(bytes: octets.span.bytes) == address)
        #expect(try EthernetAddress(address.description) == address)
        #expect(try EthernetAddress(address.description.uppercased()) == address)
      }
    }
  }

  @Test(arguments: [0, 5, 7])
  func `any other number of octets is refused`(count: Int) {
    expectError(.ethernet, .bytes(6), .bytes(count), at: min(count, 6)) { () throws(AddressError) in
      _ = try EthernetAddress(bytes: [UInt8](repeating: 1, count: count).span.bytes)
    }
  }

  @Test func `broadcast is a multicast, one station is neither`() throws {
    #expect(EthernetAddress.broadcast.isBroadcast && EthernetAddress.broadcast.isMulticast)
    #expect(EthernetAddress.broadcast.description == "ff:ff:ff:ff:ff:ff")
    let group = try EthernetAddress("01:00:5e:00:00:01")
    #expect(group.isMulticast && !group.isBroadcast)
    #expect(!Self.address.isMulticast && !Self.address.isBroadcast)
  }
}
