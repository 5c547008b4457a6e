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
    let captures: [SyntheticCapture]
    do {
      let trace = try TraceFile(path: file)
      captures = try SyntheticCapture.captures(of: trace.tree(), header: trace.header)
    } catch let error as SyntheticCaptureError {
      Console.complain("\(Terminal.escaped(file)): \(error)")
      throw ExitStatus.unreadable
    } catch {
      Console.complain(Terminal.escaped("\(error)"))
      throw ExitStatus.unreadable
    }
    guard !captures.isEmpty else {
      Console.complain("\(Terminal.escaped(file)): nothing crossed a connection or a device")
      throw ExitStatus.usage
    }
    let base = out.hasSuffix(".pcap") ? String(out.dropLast(5)) : out
    for capture in captures {
      do {
        try capture.write(path: base + capture.suffix)
      } catch {
        Console.complain(Terminal.escaped("\(error)"))
        throw ExitStatus.couldNotRun
      }
      Console.print("\(Terminal.escaped(base + capture.suffix)): \(capture.packets.count) packets")
    }
  }
}
