import ArgumentParser
import Conformance

/// `trace-replay show`: prints a trace as a tree.
struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints a trace as a tree, with readable bytes.",
    discussion: """
      Each line has the event's number, its time in milliseconds, and, indented by what it happened inside of, the call (→) or \
      callback (←) with its arguments and outcome. A trace that is cut off is shown as far as it goes.

      Example:
        trace-replay show Traces/twisted-26.10.0/test_tcp/TCP4Client/addresses.yaml
      """)

  @Argument(help: "The trace.", completion: .file(extensions: ["yaml"]))
  var file: String

  @Flag(help: "Print JSON: the header, then an event a line.")
  var json = false

  func run() throws {
    let trace: TraceFile
    do {
      trace = try TraceFile(path: file, allowsTruncated: true)
      if json {
        Console.print(JSON(["header": trace.header.fields.json]).text)
        for (_, event) in trace.events { Console.print(event.fields.json.text) }
      } else {
        let text = TraceText(palette: Console.palette)
        for line in text.lines(trace.header) { Console.print(line) }
        text.write(try trace.tree(), isComplete: trace.eof?["open"]?.int == 0) { Console.print($0) }
      }
    } catch {
      Console.complain(Terminal.escaped("\(error)"))
      throw ExitStatus.unreadable
    }
    if trace.isTruncated {
      Console.complain("\(Terminal.escaped(file)): the trace is cut off: there is no eof event")
      throw ExitStatus.unreadable
    }
  }
}
