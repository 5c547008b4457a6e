import ArgumentParser
import Conformance
import Glibc

/// `trace-replay fmt`: rewrites traces in the canonical form.
struct Format: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt",
    abstract: "Rewrites traces in the canonical form.",
    discussion: """
      Each trace is rewritten in place; what was closed with nothing inside becomes one line. One that cannot be read stays as \
      it is, and gets one line with file, line and field, what was expected and what was found.

      Example:
        trace-replay fmt edited.yaml
      """)

  @Argument(help: "Traces: files, folders and patterns.", completion: .file(extensions: ["yaml"]))
  var paths: [String]

  @Flag(help: "Print JSON, a result a line and the summary last.")
  var json = false

  func run() throws {
    let files = try Selection.traces(named: paths)
    var bad = 0
    for file in files {
      do throws(TraceError) {
        try Self.rewrite(file)
        if json { Console.print(JSON(["file": .string(file), "valid": true]).text) }
      } catch {
        bad += 1
        if json {
          Console.print(Validate.result(of: file, error).text)
        } else {
          Console.complain(Terminal.escaped("\(error)"))
        }
      }
    }
    if json {
      Console.print(JSON(["summary": JSON(["traces": .int(files.count), "invalid": .int(bad)])]).text)
    } else {
      Console.print("\(files.count) traces, \(files.count - bad) rewritten, \(bad) invalid")
    }
    if bad > 0 { throw ExitStatus.unreadable }
  }

  /// Writes the canonical form beside the trace, and puts it in the trace's place when all of it is written.
  private static func rewrite(_ file: String) throws(TraceError) {
    let trace = try TraceFile(path: file)
    let part = file + ".part"
    do throws(TraceError) {
      try trace.write(to: FileSink(path: part))
    } catch {
      _ = unsafe unlink(part)
      throw error
    }
    guard unsafe rename(part, file) == 0 else {
      let reason = unsafe String(cString: strerror(errno))
      _ = unsafe unlink(part)
      throw TraceError(.unreadable, expected: "a file that can be put in its place", found: reason, file: file)
    }
  }
}
