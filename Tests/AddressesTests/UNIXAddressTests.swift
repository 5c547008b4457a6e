import Addresses
import Testing

@Suite struct `UNIX addresses` {
  @Test func `a path has 1 to 108 bytes`() throws {
    #expect(UNIXAddress.maximumPathLength == 108)
    for count in 1...108 {
      let path = [UInt8](repeating: UInt8(ascii: "p"), count: count)
      #expect(try UNIXAddress(.path(path)).name == .path(path))
    }
    expectError(.unixName, .atLeast(bytes: 1), .bytes(0), at: 0) { () throws(AddressError) in
      _ = try UNIXAddress(path: "")
    }
    for count in [109, 110, 5000] {
      expectError(.unixName, .atMost(bytes: 108), .bytes(count), at: 108) { () throws(AddressError) in
        _ = try UNIXAddress(path: String(repeating: "p", count: count))
      }
    }
  }

  @Test func `an abstract name has 0 to 107 bytes of any value`() throws {
    #expect(UNIXAddress.maximumAbstractLength == 107)
    for count in 0...107 {
      let name = [UInt8](repeating: 0, count: count)
      #expect(try UNIXAddress(.abstract(name)).name == .abstract(name))
    }
    expectError(.unixName, .atMost(bytes: 107), .bytes(108), at: 107) { () throws(AddressError) in
      _ = try UNIXAddress(.abstract([UInt8](repeating: 1, count: 108)))
    }
  }

  @Test func `a path has no zero byte in it`() {
    expectError(.unixName, .nonzeroByte, .byte(0), at: 4) { () throws(AddressError) in
      _ = try UNIXAddress(path: "/tmp\0/x")
    }
    expectError(.unixName, .nonzeroByte, .byte(0), at: 0) { () throws(AddressError) in
      _ = try UNIXAddress(path: "\0abstract")
    }
  }

  @Test func `the length of a path is counted in bytes`() throws {
    #expect(try UNIXAddress(path: String(repeating: "é", count: 54)).description.utf8.count == 54 * 8)
    expectError(.unixName, .atMost(bytes: 108), .bytes(110), at: 108) { () throws(AddressError) in
      _ = try UNIXAddress(path: String(repeating: "é", count: 55))
    }
  }

  // Made anew for each use: in a global, the leak checker does not see what the names' arrays hang on.
  static var texts: [(name: UNIXAddress.Name, text: String)] {
    [
      (.unnamed, "*"), (.path(Array("/run/a socket".utf8)), "/run/a socket"), (.path([UInt8(ascii: "*")]), "\\x2a"),
      (.path(Array("**".utf8)), "**"), (.path(Array("@x".utf8)), "\\x40x"), (.path(Array("a@".utf8)), "a@"),
      (.path([0x2F, 0xFF, 0x0A]), "/\\xff\\x0a"), (.path(Array("a\\b".utf8)), "a\\\\b"), (.abstract([]), "@"),
      (.abstract(Array("bus".utf8)), "@bus"), (.abstract([0, 1]), "@\\x00\\x01"), (.abstract(Array("*".utf8)), "@*"),
    ]
  }

  @Test(arguments: texts)
  func `each name has one text that reads back`(name: UNIXAddress.Name, text: String) throws {
    let address = try UNIXAddress(name)
    #expect(address.description == text)
    #expect(try UNIXAddress(text) == address)
    #expect(try UNIXAddress(utf8: Array(text.utf8).span) == address)
  }

  @Test func `every byte reads back in a path and in an abstract name`() throws {
    for byte in UInt8.min...UInt8.max {
      for name in [[byte], [byte, byte], [UInt8(ascii: "a"), byte]] {
        let abstract = try UNIXAddress(.abstract(name))
        #expect(try UNIXAddress(abstract.description) == abstract)
        guard byte != 0 else { continue }
        let path = try UNIXAddress(.path(name))
        #expect(try UNIXAddress(path.description) == path)
      }
    }
  }

  @Test func `a text may hold its UTF-8 unescaped`() throws {
    #expect(try UNIXAddress("/tmp/é") == UNIXAddress(path: "/tmp/é"))
  }

  @Test(arguments: [
    Malformed("a\\", .escape, 2), Malformed("a\\n", .escape, 2), Malformed("@\\x", .hexDigit, 3),
    Malformed("\\x4", .hexDigit, 3), Malformed("\\xg0", .hexDigit, 2), Malformed("\\X40", .escape, 1),
  ])
  func `a malformed escape is refused where it goes wrong`(malformed: Malformed) {
    expectError(.unixName, malformed.expected, malformed.found, at: malformed.position) { () throws(AddressError) in
      _ = try UNIXAddress(malformed.text)
    }
  }

  @Test func `a text is held to the limits of its name`() {
    expectError(.unixName, .atLeast(bytes: 1), .bytes(0), at: 0) { () throws(AddressError) in
      _ = try UNIXAddress("")
    }
    expectError(.unixName, .nonzeroByte, .byte(0), at: 1) { () throws(AddressError) in
      _ = try UNIXAddress("a\\x00")
    }
    expectError(.unixName, .atMost(bytes: 107), .bytes(108), at: 107) { () throws(AddressError) in
      _ = try UNIXAddress("@" + String(repeating: "a", count: 108))
    }
  }

  @Test func `the three kinds of name are never equal`() throws {
    let addresses: Set = [
      UNIXAddress.unnamed, try UNIXAddress(.abstract([])), try UNIXAddress(.abstract([120])),
      try UNIXAddress(path: "x"),
    ]
    #expect(addresses.count == 4)
    #expect(addresses.contains(try UNIXAddress(.unnamed)))
  }
}
