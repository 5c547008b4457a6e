import ArgumentParser
import Conformance

/// The tool: parses a command line, calls `Conformance`, and prints.
@main
struct TraceReplay: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace-replay",
    abstract: "Judges the Swift reactor against traces recorded from Twisted.",
    discussion: """
      A trace records every call that an application makes on a reactor and every callback that comes back. Replaying one \
      makes the same calls on the Swift reactor and checks that the same callbacks come.

      Exit status: 0 all agree, 1 some diverge, crash or hang, 2 bad usage or nothing selected, 3 a trace that cannot be \
      read, 4 could not run, 70 internal error, 130 interrupted.

      Examples:
        trace-replay check Traces --reactor all
        trace-replay check Traces/twisted-26.10.0/test_tcp/TCP4Client --reactor poll --shuffle 1..20
        trace-replay compare first.yaml second.yaml
        trace-replay show Traces/twisted-26.10.0/test_tcp/TCP4Client/addresses.yaml
        trace-replay validate 'Traces/**/*.yaml'
        trace-replay fmt edited.yaml
        trace-replay export --pcapng case.yaml -o case.pcapng
        trace-replay packets capture.pcap --filter 'udp port 53'
        trace-replay feed capture.pcap --into tap
      """,
    subcommands: [
      Check.self, SelfTestCommand.self, Compare.self, Show.self, Validate.self, Format.self, CorpusCommand.self,
      Scenarios.self,
      Pcap.self, Export.self,
      Packets.self,
      Feed.self, Worker.self, Spin.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let status as ExitStatus {
      status.exit()
    } catch {
      let code = exitCode(for: error)
      if code == .success {
        Console.print(fullMessage(for: error))
        ExitStatus.agrees.exit()
      }
      Console.complain(fullMessage(for: error))
      (code == .validationFailure ? ExitStatus.usage : ExitStatus.internalError).exit()
    }
  }
}
