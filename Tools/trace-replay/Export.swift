import ArgumentParser
import Conformance

/// `trace-replay export`: writes a trace in another tool's format.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a trace in another tool's format.",
    discussion: """
      As pcapng, a trace's captures are one file in which every packet's comments name its events.

      Example:
        trace-replay export --pcapng case.yaml -o case.pcapng
      """)

  @Argument(help: "The trace.", completion: .file(extensions: ["yaml"]))
  var file: String

  @Flag(help: "As pcapng, for Wireshark.")
  var pcapng = false

  @Option(name: [.customShort("o"), .customLong("out")], help: "The file to write.", completion: .file())
  var output: String

  func validate() throws {
    guard pcapng else { throw ValidationError("Say which format: --pcapng.") }
  }

  func run() throws {
    let trace = try CapturedTrace(file)
    try CapturedTrace.saved(output) { (path) throws(CaptureError) in
      try SyntheticCapture.writePcapng(trace.captures, of: trace.tree, path: path)
    }
    try trace.finish()
  }
}
