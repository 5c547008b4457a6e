@testable import Conformance

/// A trace written by hand: one event a line, numbered and timed a millisecond apart where the line does not say otherwise.
func trace(_ lines: String, open: Int = 0) throws -> TraceFile {
  var text = "format: skein-trace\nversion: 1\nfeatures: [reactor]\ntitle: \"written\"\n"
  var number = 0
  for (index, line) in lines.split(separator: "\n").enumerated() {
    let line = line.drop { $0 == " " }
    let at = line.contains("at: ") ? "" : "at: \((index + 1) * 1_000_000), "
    if line.hasPrefix("end:") {
      text += "--- {\(at)\(line)}\n"
    } else {
      number += 1
      text += "--- {n: \(number), \(at)\(line)}\n"
    }
  }
  text += "--- {eof: {events: \(number), open: \(open), lost: 0}}\n"
  return try TraceFile(bytes: Array(text.utf8), name: "written.yaml")
}

/// A recording written by hand; see `trace(_:open:)`.
func recording(_ lines: String, open: Int = 0) throws -> Recording {
  try Recording(trace(lines, open: open))
}

extension Judgement {
  /// What was found, for the message of a test that expected something else.
  func told(_ recording: Recording) -> String {
    divergence.map { "\(Conformance.Divergence($0, in: recording))" } ?? "it agrees"
  }
}

/// A client whose connection is made, as far as the first event in it: events 1 to 5, `run` is 3, `makeConnection` 5.
let connectedClient = """
  call: reactor-1.connectTCP, args: {host: "127.0.0.1", port: 1, factory: {new: factory-1}}
  in: 1, back: factory-1.startedConnecting, args: {connector: {new: connector-1}}
  end: 1, gives: {ref: connector-1}
  call: reactor-1.run
  in: 3, turn: 1, phase: io, back: factory-1.buildProtocol, args: {addr: {ipv4: ["127.0.0.1", 1]}}, gives: {new: protocol-1}
  in: 3, turn: 1, phase: io, back: protocol-1.makeConnection, args: {transport: {new: transport-1}}

  """
