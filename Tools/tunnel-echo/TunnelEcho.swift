import Addresses
import ArgumentParser
import Glibc
import Pair
import Reactor

/// The tool: a host on a tun or tap device, or on one in memory.
@main
struct TunnelEcho: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tunnel-echo",
    abstract: "A host on a tunnel: answers ARP and pings, and sends UDP datagrams to port 7 back.",
    discussion: """
      Opens a tun or tap device, says so on a line that begins with "listening", and serves until it is interrupted. The \
      device needs an address and has to be up; that is for the command ip.

      Example, as root, the second and third line in another terminal:
        tunnel-echo --mode tun --interface tun0 --address 10.9.0.2
        ip address add 10.9.0.1/24 dev tun0 && ip link set tun0 up
        ping 10.9.0.2
      """)

  enum Mode: String, ExpressibleByArgument, CaseIterable {
    case tun
    case tap
  }

  @Option(help: "The kind of the device.")
  var mode = Mode.tun

  @Option(help: ArgumentHelp("The device.", valueName: "name"))
  var interface = "tun0"

  @Option(
    help: ArgumentHelp("The IPv4 address to answer for.", valueName: "host"), transform: { try IPv4Address.Host($0) })
  var address: IPv4Address.Host

  @Option(help: ArgumentHelp("The largest packet to send, from 68.", valueName: "bytes"))
  var mtu = 1500

  @Option(help: "What waits for packets.")
  var reactor = BackEnd.epoll

  @Flag(help: "Run in memory, against a short script, and print what comes out.")
  var memory = false

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("Send a datagram too: <host>:<port> and a text.", valueName: "what"))
  var send: [String] = []

  private func destination() throws -> (host: IPv4Address.Host, port: UInt16) {
    let parts = send[0].split(separator: ":")
    guard send.count == 2, parts.count == 2, let host = try? IPv4Address.Host(String(parts[0])),
      let port = UInt16(parts[1])
    else { throw ValidationError("--send: expected <host>:<port> and a text, found \(send)") }
    return (host, port)
  }

  func validate() throws {
    guard (68...65_535).contains(mtu) else { throw ValidationError("--mtu: expected 68 to 65535, found \(mtu)") }
    if !send.isEmpty { _ = try destination() }
  }

  func run() throws {
    // Memory in place of the operating system is this one argument.
    let io: any IOSystem = memory ? MemoryIOSystem.withTunnels() : SystemIO()
    let reactor = try Reactor(reactor, io: io)
    let deliver = { (from: IPv4Address, payload: [UInt8]) in
      // Quoted, since it comes from strangers.
      say("received from \(from.host):\(from.port): \(String(reflecting: String(decoding: payload, as: UTF8.self)))")
    }
    let echo: EchoProtocol
    switch mode {
    case .tun:
      echo = PacketEcho(EchoHost(address: address, mtu: mtu), clock: reactor, deliver: deliver)
    case .tap:
      let octets = address.bytes
      // Locally administered, and different for each address.
      let station = EthernetAddress(2, 0, octets[0], octets[1], octets[2], octets[3])
      echo = FrameEcho(EchoHost(address: address, station: station, mtu: mtu), clock: reactor, deliver: deliver)
    }
    let port = try TuntapPort(InterfaceName(interface), echo, reactor: reactor, profile: .correct)
    try port.startListening()
    say("listening on \(port.getHost()) as \(address)")
    if !send.isEmpty { try sendDatagram(echo, reactor) }
    if let system = io as? MemoryIOSystem {
      let tunnel = try system.getTunnel(port)
      try MemoryScript.play(on: tunnel, system, to: address)
      _ = try reactor.callLater(.seconds(1)) {
        MemoryScript.show(tunnel)
        try reactor.stop()
      }
    }
    try reactor.run()
  }

  /// Sends when the link is up and the neighbour is known, and tries again until then.
  private func sendDatagram(_ echo: EchoProtocol, _ reactor: Reactor) throws {
    let (host, port) = try destination()
    do {
      if try echo.send(Array(send[1].utf8), to: host, port: port) { return say("sent to \(host):\(port)") }
    } catch let error as Errno where error.rawValue == EIO {
      // So the kernel says that the link is down.
    }
    _ = try reactor.callLater(.milliseconds(100)) { try sendDatagram(echo, reactor) }
  }
}

extension BackEnd: ExpressibleByArgument {}

/// Prints a line that is read at once, by whoever waits for it.
func say(_ line: String) {
  print(line)
  fflush(nil)
}
