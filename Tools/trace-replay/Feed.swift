import ArgumentParser
import Conformance
import Pair

/// `trace-replay feed`: replays a capture into the packet stack, and tells what becomes of each packet.
struct Feed: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Feeds a capture to the packet stack over a tunnel in memory.",
    discussion: """
      Each packet of a pcap or pcapng file is read from a tunnel in memory by a TuntapPort, and goes up through Ethernet \
      (tap), IP and UDP. Each datagram that arrives is printed with its addresses; the summary counts what no protocol wanted \
      and what a layer refused. Nothing is sent, and no privilege is needed.

      Examples:
        trace-replay feed capture.pcap --into tap
        trace-replay feed capture.pcap --into tun --port 53 --all --json
      """)

  @Argument(help: "The capture; - is the standard input.", completion: .file(extensions: ["pcap", "pcapng"]))
  var file: String

  @Option(help: ArgumentHelp("The tunnel: tap or tun.", valueName: "kind"))
  var into: TunnelChoice

  @Option(help: ArgumentHelp("A UDP port to listen on; all of them, unless given.", valueName: "port"))
  var port: [UInt16] = []

  @Option(help: ArgumentHelp("Feed only what this expression lets through, as tcpdump's.", valueName: "expression"))
  var filter: String = ""

  @Option(help: ArgumentHelp("How closely to follow Twisted: correct or twisted-compatible.", valueName: "name"))
  var profile: ProfileChoice = .correct

  @Flag(help: "Print a line also for what is ignored and refused.")
  var all = false

  @Flag(help: "Print JSON, a packet a line and the summary last.")
  var json = false

  func run() throws {
    let capture = try CaptureFile(file, filter: filter)
    let feed: CaptureFeed
    do {
      feed = try CaptureFeed(
        into: into.medium, linkType: capture.reader.linkType, ports: port.isEmpty ? nil : Set(port),
        profile: profile.profile)
    } catch {
      Console.complain("trace-replay: \(Terminal.escaped("\(file): \(error)"))")
      throw ExitStatus.couldNotRun
    }
    var report = FeedReport()
    let failure = capture.forEach { number, record in
      let outcome = feed.feed(record.bytes)
      report.add(outcome)
      if case .delivered = outcome {} else if !all { return }
      if json {
        Console.print(outcome.json(number: number, time: record.time).text)
      } else {
        Console.print(Terminal.escaped("\(record.time.captureText) \(outcome)"))
      }
    }
    if json {
      Console.print(JSON(["summary": report.json]).text)
    } else {
      for line in report.lines { Console.print(Terminal.escaped(line)) }
    }
    if let failure { throw failure }
  }
}

/// The tunnels that `--into` names.
enum TunnelChoice: String, ExpressibleByArgument, CaseIterable {
  case tap
  case tun

  var medium: PacketMedium { self == .tap ? .ethernet : .ip }
}

/// The profiles that `--profile` names.
enum ProfileChoice: String, ExpressibleByArgument, CaseIterable {
  case correct
  case twistedCompatible = "twisted-compatible"

  var profile: PairProfile { self == .correct ? .correct : .twistedCompatible }
}
