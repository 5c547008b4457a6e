import Foundation
import Testing

/// `tunnel-echo` on a device of the kernel's, with the kernel as its peer, in a network namespace that goes with the test.
@Suite struct TunnelTests {
  /// Why there can be no tunnel here, or `nil`.
  static let obstacle: String? = {
    let device = open("/dev/net/tun", O_RDWR)
    guard device >= 0 else { return "/dev/net/tun: \(String(cString: strerror(errno)))" }
    close(device)
    // 1 is the refusal; that there is no such command is for the test to find.
    return status(of: unshare + ["true"]) == 1 ? "no privilege to make a network namespace" : nil
  }()

  /// How a command exits, `nil` where there is none; without Foundation's `Process`, which leaks under a sanitizer.
  private static func status(of command: [String]) -> Int32? {
    var words = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    guard posix_spawnp(&process, command[0], nil, nil, &words, environ) == 0 else { return nil }
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1, errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
  }

  private static let unshare = ["unshare", "--net"] + (getuid() == 0 ? [] : ["--map-root-user"]) + ["--"]

  @Test(
    .enabled(if: obstacle == nil, "\(obstacle ?? "")"), arguments: ["tun", "tap"], ["epoll", "poll"])
  func `the kernel's ping is answered, and datagrams go both ways`(mode: String, backEnd: String) throws {
    let script = Tool.root.appending(path: "Tests/EndToEndTests/tunnel_peer.py").path
    let peer = try Tool(Self.unshare + ["python3", script, Tool.program("tunnel-echo").path, mode, backEnd])
    #expect(peer.status == 0, "\(peer.complaint)")
    let seen = try #require(try JSONSerialization.jsonObject(with: Data(peer.output.utf8)) as? NSDictionary)
    let receiver = mode == "tun" ? "PacketEcho" : "FrameEcho"
    let expected: NSDictionary = [
      "listening": "listening on IFF_\(mode.uppercased()) skein0 as 10.9.0.2",
      "datagram": ["from Skein", "10.9.0.2", 49_152],
      "sent": "sent to 10.9.0.1:5000",
      "received": #"received from 10.9.0.1:5000: "from the kernel""#,
      // The exit status, and the number of answers.
      "ping": [0, 3],
      "fragmented ping": [0, 1],
      "ping with record route": [0, 1],
      "echo": true,
      "empty echo": true,
      "echo of every byte": true,
      "fragmented echo": true,
      "echo behind IP options": true,
      "echo after a wrong UDP checksum": true,
      "answer after a wrong ICMP checksum": 2,
      // The kernel asked, and was told.
      "neighbour": mode == "tun" ? "" : "02:00:0a:09:00:02",
      "exit": 0,
      "devices left": false,
      "complaints": [
        "exception from \(receiver).datagramReceived: UDP: the checksum is 0xdead, the bytes have 0x8a4f",
        "exception from \(receiver).datagramReceived: ICMPv4: the checksum is 0xdead, the bytes have 0xf7fd",
      ],
    ]
    for key in Set(expected.allKeys + seen.allKeys as! [String]) {
      #expect(seen[key] as? NSObject == expected[key] as? NSObject, "\(key)")
    }
  }

  @Test(arguments: ["tun", "tap"], ["epoll", "poll"])
  func `the same program runs in memory`(mode: String, backEnd: String) throws {
    let tool = try Tool(
      [
        Tool.program("tunnel-echo").path, "--memory", "--mode", mode, "--reactor", backEnd, "--address", "10.9.0.2",
        "--send", "10.1.2.3:5000", "hi",
      ])
    #expect(tool.status == 0, "\(tool.complaint)")
    let datagram = "IPv4 10.9.0.2 > 10.1.2.3 id ID ttl 64, UDP 49152 > 5000, 2 bytes"
    let answers = [
      "IPv4 10.9.0.2 > 10.1.2.3 id ID ttl 64, ICMPv4 echo reply id 1 seq 1, 4 bytes",
      "IPv4 10.9.0.2 > 10.1.2.3 id ID ttl 64, UDP 7 > 21345, 5 bytes",
    ]
    let own = "Ethernet 02:00:0a:09:00:02 >"
    let packets =
      mode == "tun"
      ? [datagram] + answers
      : [
        "\(own) ff:ff:ff:ff:ff:ff, ARP who has 10.1.2.3? tell 10.9.0.2 at 02:00:0a:09:00:02, 0 bytes",
        "\(own) 02:00:0a:01:02:03, ARP 10.9.0.2 is at 02:00:0a:09:00:02, 0 bytes",
      ] + answers.map { "\(own) 00:00:00:00:00:00, \($0)" } + ["\(own) 02:00:0a:01:02:03, \(datagram)"]
    var number = 0
    let numbered = packets.map { packet in
      if packet.contains("ID") { number += 1 }
      return packet.replacing("ID", with: "\(number)")
    }
    #expect(tool.lines.dropFirst(2).map(String.init) == numbered)
  }

  @Test(arguments: [["--address", "10.9.0.256"], ["--address", "10.9.0.2", "--mtu", "67"], ["--mode", "tun"]])
  func `a wrong command line is refused`(arguments: [String]) throws {
    let tool = try Tool([Tool.program("tunnel-echo").path] + arguments)
    #expect(tool.status == 64)
    #expect(tool.output.isEmpty)
    #expect(tool.complaint.contains("Error: "))
  }
}
