import Reactor

extension ReactorCase {
  /// The cases of the TCP client suite in a network of this process's own, where IPv6 is a link-local address.
  ///
  /// The calling process moves into that network for good; call it before there is a second thread.
  ///
  /// - Parameter backEnds: The back ends.
  /// - Returns: The cases, as the traces of the original suite have them.
  /// - Throws: What the system refuses: it takes the privilege to make a network namespace.
  public static func suiteInOwnNetwork(on backEnds: [BackEnd]) throws -> [ReactorCase] {
    let local = try NetworkNamespace.enter().linkLocal
    let ipv6 = EndpointCreator(.ipv6, interface: "\(local.host)%\(local.interface)")
    return all(of: TCPClientScenarios.all, on: backEnds, endpoints: [.ipv4, ipv6])
  }

  /// The name of the case in the corpus: `TCP4Client/connectEvent`.
  public var corpusName: String {
    let family =
      switch endpoints.family {
      case .ipv4: "TCP4Client"
      case .ipv6: "TCP6Client"
      }
    return "\(family)/\(scenario.name)"
  }

  /// Runs the scenario and records it.
  ///
  /// - Parameters:
  ///   - path: The trace file, made or emptied.
  ///   - started: When it starts, as the header has it.
  /// - Throws: ``ScenarioFailure``, what stopped it, or `TraceError` when the file cannot be written.
  public func record(to path: String, started: String) throws {
    let header: TraceHeader = [
      "features": .list([.word("reactor")]),
      "title": .string(scenario.title),
      "case": .string("skein/\(corpusName)"),
      "producer": [
        "name": .word("skein"), "version": .string("0.1.0"), "runtime": .string("Swift"),
        "reactor": .word(backEnd.rawValue), "platform": .string("linux"),
      ],
      "started": .string(started),
    ]
    try run(recorder: TraceRecorder(writingTo: path, header: header))
  }
}
