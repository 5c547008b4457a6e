import ArgumentParser
import Conformance
import Pair

/// `trace-replay packets`: prints the packets of a capture, decoded.
struct Packets: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the packets of a capture, decoded.",
    discussion: """
      A line a packet of a pcap or pcapng file: its time, its layers from the outermost, and what is wrong with it, if \
      anything is. A capture that is cut off is shown as far as it goes.

      Examples:
        trace-replay packets capture.pcap --filter 'udp port 53'
        trace-replay packets capture.pcapng --json
      """)

  @Argument(help: "The capture; - is the standard input.", completion: .file(extensions: ["pcap", "pcapng"]))
  var file: String

  @Option(help: ArgumentHelp("Print only what this expression lets through, as tcpdump's.", valueName: "expression"))
  var filter: String = ""

  @Flag(help: "Print JSON, a packet a line with every field by its name.")
  var json = false

  func run() throws {
    let capture = try CaptureFile(file, filter: filter)
    let decoder = PacketDecoder(start: capture.start)
    let failure = capture.forEach { number, record in
      let packet = decoder.decode(record.bytes)
      if json {
        Console.print(PacketJSON.object(packet, number: number, of: record).text)
      } else {
        let cut = record.isCut ? ", cut from \(record.originalLength) bytes" : ""
        Console.print(Terminal.escaped("\(record.time.captureText) \(PacketText.line(packet))\(cut)"))
      }
    }
    if let failure { throw failure }
  }
}
