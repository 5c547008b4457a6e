import Foundation
import Pair
import Testing

@testable import Conformance

/// The captures that are made of traces.
@Suite struct SyntheticCaptureTests {
  private func captures(_ file: TraceFile) throws -> [SyntheticCapture] {
    try SyntheticCapture.captures(of: file.tree(), header: file.header)
  }

  /// Who sends what: `> SYN`, `< PSH ACK 5`, with `>` for the client.
  private func story(_ lines: String) throws -> [String] {
    let packets = try captures(trace(lines, open: 1)).first?.packets ?? []
    let names: [(flag: TCPFlags, name: String)] = [
      (.syn, "SYN"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.ack, "ACK"),
    ]
    var client: UInt16?
    return try packets.map { packet in
      let ip = try IPv4View(packet.bytes.span.bytes)
      let segment = try TCPView(ip.payload)
      client = client ?? segment.sourcePort
      let set = segment.flags
      let flags = names.compactMap { set.contains($0.flag) ? $0.name : nil }
      let count = segment.payload.byteCount
      let size = count > 0 ? [String(count)] : []
      return ([segment.sourcePort == client ? ">" : "<"] + flags + size).joined(separator: " ")
    }
  }

  private static let handshake = ["> SYN", "< SYN ACK", "> ACK"]

  /// A client and a server in one program: events 1 to 7, `run` is 3; protocol-1 is the server's, protocol-2 the client's.
  private static let connected = """
    call: reactor-1.listenTCP, args: {port: 0, factory: {new: factory-1}, interface: "127.0.0.1"}, gives: {new: port-1}
    call: reactor-1.connectTCP, args: {host: "127.0.0.1", port: {port: p-1}, factory: {new: factory-2}}, gives: {new: connector-1}
    call: reactor-1.run
    in: 3, turn: 1, phase: io, after: [2], back: factory-1.buildProtocol, args: {addr: {ipv4: ["127.0.0.1", {port: p-2}]}}, gives: {new: protocol-1}
    in: 3, turn: 1, phase: io, back: protocol-1.makeConnection, args: {transport: {new: transport-1}}
    in: 3, turn: 1, phase: io, after: [2], back: factory-2.buildProtocol, args: {addr: {ipv4: ["127.0.0.1", {port: p-1}]}}, gives: {new: protocol-2}
    in: 3, turn: 1, phase: io, back: protocol-2.makeConnection, args: {transport: {new: transport-2}}

    """

  @Test(
    arguments: [
      (
        "bytes that arrived are sent, those that did not are not",
        """
        in: 3, call: transport-2.write, args: {data: !!binary "aGVsbG8gd29ybGQ="}
        in: 3, turn: 2, phase: io, back: protocol-1.dataReceived, args: {data: !!binary "aGVsbG8="}
        """,
        ["> PSH ACK 5", "< ACK"]
      ),
      (
        "a close is a FIN of each end",
        """
        in: 3, call: transport-2.loseConnection
        in: 3, turn: 2, phase: io, back: protocol-2.connectionLost, args: {reason: {error: done}}
        in: 3, turn: 2, phase: io, back: protocol-1.connectionLost, args: {reason: {error: done}}
        """,
        ["> FIN ACK", "< ACK", "< FIN ACK", "> ACK"]
      ),
      (
        "a FIN waits for what arrives after it",
        """
        in: 3, turn: 2, phase: io, back: protocol-2.connectionLost, args: {reason: {error: done}}
        in: 3, turn: 2, phase: io, back: protocol-1.dataReceived, args: {data: !!binary "aGVsbG8="}
        """,
        ["> PSH ACK 5", "< ACK", "> FIN ACK", "< ACK"]
      ),
      (
        "an abort is an RST",
        """
        in: 3, turn: 2, phase: timer, back: protocol-2.connectionLost, args: {reason: {error: aborted}}
        in: 3, turn: 2, phase: io, back: protocol-1.connectionLost, args: {reason: {error: lost}}
        """,
        ["> RST ACK"]
      ),
    ])
  func `what sockets see of a connection's bytes and its end becomes segments`(
    _ name: String, lines: String, segments: [String]
  ) throws {
    #expect(try story(Self.connected + lines) == Self.handshake + segments, "\(name)")
  }

  @Test func `a refused attempt is a SYN that an RST answers`() throws {
    let refused = """
      call: reactor-1.connectTCP, args: {host: "127.0.0.1", port: 1, factory: {new: factory-1}}, gives: {new: connector-1}
      call: reactor-1.run
      in: 2, turn: 1, phase: io, back: factory-1.clientConnectionFailed, args: {connector: {ref: connector-1}, reason: {error: refused}}
      """
    #expect(try story(refused) == ["> SYN", "< RST ACK"])
  }

  @Test func `bytes received that were not written are an error that says which`() throws {
    let lines = """
      in: 3, call: transport-2.write, args: {data: !!binary "aGVsbG8="}
      in: 3, turn: 2, phase: io, back: protocol-1.dataReceived, args: {data: !!binary "aGVsbE8="}
      """
    #expect(throws: SyntheticCaptureError.differs(event: 8, byte: 4)) { try story(Self.connected + lines) }
  }

  @Test func `events know their packets and packets their events`() throws {
    let lines = """
      in: 3, call: transport-2.write, args: {data: !!binary "aGVs"}
      in: 3, call: transport-2.write, args: {data: !!binary "bG8="}
      in: 3, turn: 2, phase: io, back: protocol-1.dataReceived, args: {data: !!binary "aGVsbG8="}
      """
    let made = try captures(trace(Self.connected + lines, open: 1))
    #expect(made.first?.packets.map(\.events) == [[2], [4], [4], [10, 8, 9], [10]])
    let found = SyntheticCapture.packetsOfEvents(made)
    #expect(found == [2: ["": [1]], 4: ["": [2, 3]], 8: ["": [4]], 9: ["": [4]], 10: ["": [4, 5]]])
  }

  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-21T03:20:00Z", 1_795_231_200), ("2000-03-01T00:00:00Z", 951_868_800),
    ("1969-12-31T23:59:59Z", -1), ("2026-02-29T00:00:00Z", nil), ("2026-11-21T03:20:60Z", nil),
    ("2026-11-21 03:20:00Z", nil), ("", nil),
  ])
  func `a time of the header is read, and a time that there is not is refused`(text: String, expected: Int?) {
    #expect(SyntheticCapture.seconds(text) == expected)
  }

  @Test func `a time outside what the file can hold is an error`() throws {
    let packet = SyntheticCapture.Packet(at: -1, bytes: [1], events: [1], object: "x", isOutbound: true)
    let capture = SyntheticCapture(name: "", linkType: .ip, epoch: 0, packets: [packet])
    try Captures.withPath { path in
      let error = #expect(throws: CaptureError.self) { try capture.write(path: path) }
      #expect(error?.code == .time)
    }
  }

  @Test func `every checksum in the captures of the corpus is right`() throws {
    var count = 0
    for path in FormatFixtures.reactorCorpus {
      for packet in try captures(TraceFile(path: path)).flatMap(\.packets) {
        count += 1
        let bytes = packet.bytes.span.bytes
        if bytes.byteCount > 0, packet.bytes[0] >> 4 == 4 {
          let ip = try IPv4View(bytes)
          try ip.verifyChecksum()
          try TCPView(ip.payload).verifyChecksum(ip.pseudoHeader)
        } else {
          let ip = try IPv6View(bytes)
          try TCPView(ip.payload).verifyChecksum(ip.pseudoHeader)
        }
      }
    }
    #expect(count > 0)
  }

  /// The Python that Tools/run-tests makes, or the one that the environment names.
  private static let python =
    ProcessInfo.processInfo.environment["SKEIN_PYTHON"] ?? FormatFixtures.root + "/.venv/bin/python"

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: python), "needs the Python package's environment"))
  func `the captures of the corpus are those of the Python package, byte for byte`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "captures-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let traces = FormatFixtures.root + "/Traces"
    let process = Process()
    process.executableURL = URL(filePath: Self.python)
    process.arguments = ["-m", "skeintrace", "pcap", traces, "--out", folder, "--quiet"]
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["PYTHONPATH": FormatFixtures.root + "/Tools/skeintrace/src"]) { $1 }
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)

    var ours: Set<String> = []
    for path in FormatFixtures.corpus {
      for capture in try captures(TraceFile(path: path)) {
        let theirs = folder + String(path.dropFirst(traces.count).dropLast(".yaml".count)) + capture.suffix
        ours.insert(theirs)
        try Captures.withPath { file in
          try capture.write(path: file)
          #expect(FormatFixtures.bytes(file) == FormatFixtures.bytes(theirs), "\(theirs)")
        }
      }
    }
    let made = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    #expect(Set(made.filter { $0.hasSuffix(".pcap") }.map { "\(folder)/\($0)" }) == ours)
    #expect(!ours.isEmpty)
  }
}
