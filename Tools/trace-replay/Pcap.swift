import ArgumentParser
import Conformance

/// `trace-replay pcap`: writes what crossed a trace's connections and devices as packet captures.
struct Pcap: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes what crossed a trace's connections and devices as packet captures.",
    discussion: """
      Connections become synthetic TCP in one capture of IP packets; each tap or tun device has a capture of its own, whose \
      name is put before the ending: case.tap0.pcap. The same trace gives the same bytes each time. A line is printed for \
      each file; docs/captures.md has the rules.

      Example:
        trace-replay pcap Traces/twisted-26.10.0/test_tcp/TCP4Client/addresses.yaml -o addresses.pcap
      """)

  @Argument(help: "The trace.", completion: .file(extensions: ["yaml"]))
  var file: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write; .pcap is put behind a name without it.", valueName: "file"))
  var out: String

  func run() throws {
    let trace = try CapturedTrace(file)
    guard !trace.captures.isEmpty else {
      Console.complain("\(Terminal.escaped(file)): nothing crossed a connection or a device")
      throw ExitStatus.usage
    }
    for (path, capture) in try trace.writeCaptures(to: out.hasSuffix(".pcap") ? String(out.dropLast(5)) : out) {
      Console.print("\(Terminal.escaped(path)): \(capture.packets.count) packets")
    }
    try trace.finish()
  }
}
