import Addresses
import Pair
import Testing

@testable import tunnel_echo

private let kernel = IPv4Address.Host(10, 9, 0, 1)
private let skein = IPv4Address.Host(10, 9, 0, 2)
private let station = EthernetAddress(2, 0, 10, 9, 0, 2)
private let ping = hex("4500002000010000400166c80a0900010a090002080006f41234000770696e67")
private let pong = hex("4500002000010000400166c80a0900020a09000100000ef41234000770696e67")
private let toHost = hex("02000a0900020200000000010800")
private let fromHost = hex("02000000000102000a0900020800")

extension EchoHost {
  fileprivate mutating func receive(_ bytes: [UInt8]) throws -> [Action] {
    try receive(bytes.span.bytes, now: .zero)
  }
}

/// The host of `tunnel-echo`; all bytes are from scapy 2.8.0.
@Suite struct EchoHostTests {
  @Test(
    arguments: [
      ("a ping", "4500002000010000400166c80a0900010a090002080006f41234000770696e67", pong),
      ("a ping with options", "4600002400010000400163c30a0900010a09000201010100080006f41234000770696e67", pong),
      ("a ping with padding", "4500002000010000400166c80a0900010a090002080006f41234000770696e670000", pong),
      (
        "a datagram", "4500002100010000401166b70a0900010a09000213880007000d945e68656c6c6f",
        hex("4500002100010000401166b70a0900020a09000100071388000d945e68656c6c6f")
      ),
      (
        "a datagram without a checksum", "4500002100010000401166b70a0900010a09000213880007000d000068656c6c6f",
        hex("4500002100010000401166b70a0900020a09000100071388000d945e68656c6c6f")
      ),
    ] as [(String, String, [UInt8])])
  func `what is for the host is answered`(what: String, packet: String, answer: [UInt8]) throws {
    var host = EchoHost(address: skein)
    #expect(try host.receive(hex(packet)) == [.send(answer)])
    var onTap = EchoHost(address: skein, station: station)
    #expect(try onTap.receive(toHost + hex(packet)) == [.send(fromHost + answer)])
  }

  @Test(
    arguments: [
      ("another host's ping", "4500001c00010000400166cb0a0900010a0900030800f7fd00010001"),
      ("a ping from nobody", "4500001c00010000400170d6000000000a0900020800f7fd00010001"),
      ("a ping from all", "4500001c00010000400170d6ffffffff0a0900020800f7fd00010001"),
      ("a ping from a group", "4500001c00010000400190d4e00000010a0900020800f7fd00010001"),
      ("a ping from itself", "4500001c00010000400166cb0a0900020a0900020800f7fd00010001"),
      ("an answer", "4500001c00010000400166cc0a0900010a0900020000fffd00010001"),
      ("an echo of an echo", "4500002100010000401166b70a0900010a09000200070007000da7df68656c6c6f"),
      ("a datagram to another port", "4500002100010000401166b70a0900010a09000213880008000d945d68656c6c6f"),
      (
        "IPv6",
        "6000000000083afffe800000000000000000000000000001ff02000000000000000000000000000285007d3600000000"
      ),
    ])
  func `what is not for the host is left alone`(what: String, packet: String) throws {
    var host = EchoHost(address: skein)
    #expect(try host.receive(hex(packet)) == [])
  }

  @Test(
    arguments: [
      ("the IP checksum", "4500002000010000400166c90a0900010a090002080006f41234000770696e67", PacketLayer.ipv4),
      ("the ICMP checksum", "4500002000010000400166c80a0900010a090002080006f51234000770696e67", .icmpv4),
      ("the UDP checksum", "4500002100010000401166b70a0900010a09000213880007000ddead68656c6c6f", .udp),
    ])
  func `what has a wrong checksum is refused`(what: String, packet: String, layer: PacketLayer) throws {
    var host = EchoHost(address: skein)
    do {
      let actions = try host.receive(hex(packet))
      Issue.record("\(what): \(actions)")
    } catch PacketError.badChecksum(let found, _, _) {
      #expect(found == layer)
    }
  }

  @Test func `a packet that is cut anywhere is refused`() throws {
    var host = EchoHost(address: skein)
    for count in 0..<ping.count {
      #expect(throws: PacketError.self) { try host.receive(Array(ping.prefix(count))) }
    }
  }

  @Test(arguments: [
    ("a tag", "02000a090002020000000001810000050800"), ("another station", "0200000000090200000000010800"),
  ])
  func `a frame for someone else is left alone`(what: String, header: String) throws {
    var host = EchoHost(address: skein, station: station)
    #expect(try host.receive(hex(header) + ping) == [])
  }

  // A fragment has a multiple of eight bytes, so 48, behind its header of 20.
  @Test(arguments: [[0, 1], [1, 0]], [68, 75])
  func `a fragmented ping is answered in fragments that the link carries`(order: [Int], mtu: Int) throws {
    let parts = [
      "45000064000920004001467c0a0900010a090002080049f712340007000102030405060708090a0b0c0d0e0f1011121314151617"
        + "18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f4041424344454647",
      "450000300009000a400166a60a0900010a09000248494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60616263",
    ]
    var host = EchoHost(address: skein, mtu: mtu)
    #expect(try host.receive(hex(parts[order[0]])) == [])
    #expect(
      try host.receive(hex(parts[order[1]])) == [
        .send(
          hex(
            "4500004400012000400146a40a0900020a090001000051f712340007000102030405060708090a0b0c0d0e0f1011121314151617"
              + "18191a1b1c1d1e1f2021222324252627")),
        .send(
          hex(
            "45000044000120064001469e0a0900020a09000128292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f4041424344454647"
              + "48494a4b4c4d4e4f5051525354555657")),
        .send(hex("450000200001000c400166bc0a0900020a09000158595a5b5c5d5e5f60616263")),
      ])
  }

  @Test func `a datagram to the host's own port is delivered`() throws {
    var host = EchoHost(address: skein)
    let packet = hex("4500002100010000401166b70a0900010a0900021388c000000dd46468656c6c6f")
    #expect(try host.receive(packet) == [.deliver(from: kernel, port: 5000, payload: Array("hello".utf8))])
  }

  @Test func `whoever asks for the station is told, and remembered`() throws {
    var host = EchoHost(address: skein, station: station)
    let request = hex("ffffffffffff020000000001080600010800060400010200000000010a0900010000000000000a090002")
    let reply = hex("02000000000102000a0900020806000108000604000202000a0900020a0900020200000000010a090001")
    #expect(try host.receive(request) == [.send(reply)])
    #expect(try host.datagram([], to: kernel, port: 5000).isDatagram)
    var other = EchoHost(address: kernel, station: station)
    #expect(try other.receive(request) == [])
  }

  @Test func `a datagram goes out once the neighbour's station is known`() throws {
    var host = EchoHost(address: skein, station: station)
    let datagram = hex("4500002100010000401166b70a0900020a090001c0001388000dd46468656c6c6f")
    let first = try host.datagram(Array("hello".utf8), to: kernel, port: 5000)
    #expect(!first.isDatagram)
    let question = hex("ffffffffffff02000a0900020806000108000604000102000a0900020a0900020000000000000a090001")
    #expect(first.actions == [.send(question)])
    let answer = hex("02000a090002020000000001080600010800060400020200000000010a09000102000a0900020a090002")
    #expect(try host.receive(answer) == [])
    let second = try host.datagram(Array("hello".utf8), to: kernel, port: 5000)
    #expect(second.isDatagram)
    #expect(second.actions == [.send(fromHost + datagram)])
    var onTun = EchoHost(address: skein)
    #expect(try onTun.datagram(Array("hello".utf8), to: kernel, port: 5000).actions == [.send(datagram)])
  }
}
