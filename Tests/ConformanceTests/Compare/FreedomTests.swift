import Testing

@testable import Conformance

/// Each freedom lets one thing differ, counts it, and lets nothing differ when it is switched off.
@Suite struct FreedomTests {
  /// Agrees by exactly these freedoms, and diverges without each of them.
  private func expectFree(
    _ expected: Recording, _ happened: Recording, by freedoms: [Freedom: Int],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = compare(expected, happened)
    #expect(found.agrees, "\(found.told(expected))", sourceLocation: sourceLocation)
    #expect(found.freedoms.filter { $0.value > 0 } == freedoms, sourceLocation: sourceLocation)
    for freedom in freedoms.keys {
      let strict = compare(expected, happened, disabled: [freedom])
      #expect(!strict.agrees, "\(freedom.rawValue) is switched off", sourceLocation: sourceLocation)
    }
  }

  private let twoClients = """
    call: reactor-1.connectTCP, args: {host: "127.0.0.1", port: 1, factory: {new: factory-1}}
    in: 1, back: factory-1.startedConnecting, args: {connector: {new: connector-1}}
    end: 1, gives: {ref: connector-1}
    call: reactor-1.connectTCP, args: {host: "127.0.0.1", port: 2, factory: {new: factory-2}}
    in: 3, back: factory-2.startedConnecting, args: {connector: {new: connector-2}}
    end: 3, gives: {ref: connector-2}
    call: reactor-1.run
    in: 5, turn: 1, phase: io, back: factory-1.buildProtocol, args: {addr: {ipv4: ["127.0.0.1", 1]}}, gives: {new: protocol-1}
    in: 5, turn: 1, phase: io, back: protocol-1.makeConnection, args: {transport: {new: transport-1}}
    in: 5, turn: 1, phase: io, back: factory-2.buildProtocol, args: {addr: {ipv4: ["127.0.0.1", 2]}}, gives: {new: protocol-2}
    in: 5, turn: 1, phase: io, back: protocol-2.makeConnection, args: {transport: {new: transport-2}}

    """

  private func lost(_ first: Int, _ second: Int, phase: String = "io", stops: Bool = true) throws -> Recording {
    let stop = stops ? "in: 11, call: reactor-1.stop\nend: 11\n" : ""
    return try recording(
      twoClients + """
        in: 5, turn: 2, phase: \(phase), back: protocol-\(first).connectionLost, args: {reason: {error: done}}
        in: 5, turn: 2, phase: \(phase), back: protocol-\(second).connectionLost, args: {reason: {error: done}}

        """ + stop + "end: 5")
  }

  @Test func `two connections may end in either order, and the call that waits for both is made in the later`() throws {
    try expectFree(lost(1, 2), lost(2, 1), by: [.crossStrand: 1, .join: 1])
  }

  @Test func `a call that needs nothing of the other connection is not moved`() throws {
    let inLater = try lost(1, 2)
    let inEarlier = try recording(
      twoClients + """
        in: 5, turn: 2, phase: io, back: protocol-1.connectionLost, args: {reason: {error: done}}
        in: 10, call: reactor-1.stop
        end: 10
        in: 5, turn: 2, phase: io, back: protocol-2.connectionLost, args: {reason: {error: done}}
        end: 5
        """)
    #expect(compare(inLater, inEarlier).divergence?.rule == .extra)
    #expect(compare(inEarlier, inLater).divergence?.expected == 11)
  }

  @Test func `a callback whose outcome only a waiting call gives cannot be satisfied`() throws {
    let recorded = try recording(
      twoClients + """
        in: 5, turn: 2, phase: io, back: protocol-1.connectionLost, args: {reason: {error: done}}
        in: 5, turn: 2, phase: io, back: protocol-2.connectionLost, args: {reason: {error: done}}
        in: 11, call: reactor-1.listenTCP, args: {port: 0, factory: {new: factory-3}}, gives: {new: port-1}
        end: 11, gives: {ref: port-1}
        end: 5
        """)
    let found = try compare(recorded, lost(2, 1, stops: false))
    #expect(found.divergence?.rule == .joinUnsatisfiable)
    #expect(found.divergence?.expected == 11)
  }

  @Test func `shutdown may lose connections in any order`() throws {
    try expectFree(
      lost(1, 2, phase: "shutdown", stops: false), lost(2, 1, phase: "shutdown", stops: false), by: [.shutdownSet: 1])
  }

  private func timer(_ delay: String, timerFirst: Bool) throws -> Recording {
    let firing = "in: 4, turn: 2, phase: timer, at: 2000000000, back: function-1.call, of: timer-1\n"
    let io = "in: 4, turn: 2, phase: io, at: 2000000000, back: reader-1.doRead\n"
    return try recording(
      """
      call: reactor-1.addReader, args: {reader: {new: reader-1}}
      call: reactor-1.callLater, args: {delay: \(delay), callable: {new: function-1}}, gives: {new: timer-1}
      call: reactor-1.callWhenRunning, args: {callable: {new: function-2}}, gives: {new: trigger-1}
      call: reactor-1.run

      """ + (timerFirst ? firing + io : io + firing) + "end: 4")
  }

  @Test func `a timer with a delay may fire before or after what the poll reports`() throws {
    try expectFree(timer("1.0", timerFirst: true), timer("1.0", timerFirst: false), by: [.timerIO: 1])
  }

  @Test func `a timer without a delay keeps its place`() throws {
    let found = try compare(timer("0", timerFirst: true), timer("0", timerFirst: false))
    #expect(found.divergence?.rule == .order)
  }

  private func timers(_ delays: [String], firing: [Int]) throws -> Recording {
    try recording(
      """
      call: reactor-1.callLater, args: {delay: \(delays[0]), callable: {new: function-1}}, gives: {new: timer-1}
      call: reactor-1.callLater, args: {delay: \(delays[1]), callable: {new: function-2}}, gives: {new: timer-2}
      call: reactor-1.run

      """
        + firing.map {
          "in: 3, turn: 1, phase: timer, at: 3000000000, back: function-\($0).call, of: timer-\($0)"
        }.joined(separator: "\n") + "\nend: 3")
  }

  @Test func `timers that the clock cannot tell apart fire in either order`() throws {
    try expectFree(
      timers(["1.0", "0.9994"], firing: [1, 2]), timers(["1.0", "0.9994"], firing: [2, 1]), by: [.equalDue: 1])
  }

  @Test func `timers fire in the order in which they are due`() throws {
    let right = try timers(["2.0", "1.0"], firing: [2, 1])
    #expect(compare(right, right).agrees)
    let wrong = try compare(right, timers(["2.0", "1.0"], firing: [1, 2]))
    #expect(wrong.divergence?.rule == .edge("timer"))
    #expect(wrong.divergence?.expected == 4)
  }

  private func fires(at: Int) throws -> Recording {
    try recording(
      """
      at: 0, call: reactor-1.callLater, args: {delay: 1.0, callable: {new: function-1}}, gives: {new: timer-1}
      at: 1000, call: reactor-1.run
      in: 2, turn: 1, phase: timer, at: \(at), back: function-1.call, of: timer-1
      end: 2
      """)
  }

  @Test func `a clock reading may be off by less than a microsecond and no more`() throws {
    try expectFree(fires(at: 1_000_000_001), fires(at: 999_999_500), by: [.clockRounding: 1])
    let early = try compare(fires(at: 1_000_000_001), fires(at: 999_990_000))
    #expect(early.divergence?.rule == .due)
    #expect(early.divergence?.expected == 3)
  }

  private func threads(reactorFirst: Bool) throws -> Recording {
    let reactor = "in: 3, turn: 1, phase: thread, back: function-1.call, of: threadcall-1\n"
    let thread = "thread: t-1, back: function-2.call, of: threadcall-2\n"
    return try recording(
      """
      call: reactor-1.callFromThread, args: {callable: {new: function-1}}, gives: {new: threadcall-1}
      call: reactor-1.callInThread, args: {callable: {new: function-2}}, gives: {new: threadcall-2}
      call: reactor-1.run

      """ + (reactorFirst ? reactor + thread : thread + reactor) + "end: 3")
  }

  @Test func `threads run beside each other`() throws {
    try expectFree(threads(reactorFirst: true), threads(reactorFirst: false), by: [.crossThread: 1])
  }

  @Test func `a result that is a set has no order`() throws {
    let readers = { (names: String) in
      try recording(
        """
        call: reactor-1.addReader, args: {reader: {new: reader-1}}
        call: reactor-1.addReader, args: {reader: {new: reader-2}}
        call: reactor-1.getReaders, gives: {set: [\(names)]}
        """)
    }
    try expectFree(
      readers("{ref: reader-1}, {ref: reader-2}"), readers("{ref: reader-2}, {ref: reader-1}"),
      by: [.unorderedReturn: 1])
    let other = try compare(readers("{ref: reader-1}"), readers("{ref: reader-2}"))
    #expect(other.divergence?.rule == .outcome)
  }

  private func received(_ chunks: [String]) throws -> Recording {
    try recording(
      connectedClient
        + chunks.map { "in: 3, turn: 2, phase: io, back: protocol-1.dataReceived, args: {data: !!binary \"\($0)\"}" }
        .joined(separator: "\n") + "\nend: 3")
  }

  @Test func `bytes may be cut into other chunks`() throws {
    try expectFree(received(["YWI=", "Y2Q="]), received(["YWJjZA=="]), by: [.chunks: 1])  // ab, cd: abcd
    try expectFree(received(["YWJjZA=="]), received(["YQ==", "YmNk"]), by: [.chunks: 2])  // abcd: a, bcd
  }

  @Test func `other bytes, fewer and more are noticed wherever they are cut`() throws {
    let recorded = try received(["YWI=", "Y2Q="])
    let other = try compare(recorded, received(["YWJjZQ=="]))  // abce
    #expect(other.divergence?.rule == .bytes)
    #expect(other.divergence?.reason.contains("byte 3 ") == true)
    #expect(try compare(recorded, received(["YWJj"])).divergence?.expected == 7)  // abc
    #expect(try compare(recorded, received(["YWJjZGU="])).divergence?.rule == .bytes)  // abcde
  }

  private func resumed(times: Int) throws -> Recording {
    try recording(
      connectedClient + """
        in: 5, call: transport-1.registerProducer, args: {producer: {new: producer-1}, streaming: false}
        end: 5
        in: 3, turn: 2, phase: io, back: producer-1.resumeProducing, repeat: {times: \(times)}
        in: 3, turn: 9, phase: io, back: producer-1.stopProducing
        end: 3
        """)
  }

  @Test func `a folded callback may come as often as the kernel has it`() throws {
    let folded = try resumed(times: 9)
    let unfolded = try recording(
      connectedClient + """
        in: 5, call: transport-1.registerProducer, args: {producer: {new: producer-1}, streaming: false}
        end: 5
        in: 3, turn: 2, phase: io, back: producer-1.resumeProducing
        in: 3, turn: 3, phase: io, back: producer-1.resumeProducing
        in: 3, turn: 4, phase: io, back: producer-1.resumeProducing
        in: 3, turn: 9, phase: io, back: producer-1.stopProducing
        end: 3
        """)
    expectFree(folded, unfolded, by: [.repeatCount: 2])
    #expect(!compare(unfolded, folded).agrees)
    #expect(try compare(folded, resumed(times: 2)).agrees)
  }

  private func aborted(_ chunks: [String]) throws -> Recording {
    try recording(
      """
      call: reactor-1.listenTCP, args: {port: 0, factory: {new: factory-1}}, gives: {new: port-1}
      call: reactor-1.callWhenRunning, args: {callable: {new: function-1}}, gives: {new: trigger-1}
      call: reactor-1.run
      in: 3, turn: 0, phase: startup, back: function-1.call, of: trigger-1
      in: 4, peer: peer-1.connect, args: {address: {ipv4: ["127.0.0.1", {port: p-1}]}}
      in: 4, peer: peer-1.reset
      end: 4
      in: 3, turn: 1, phase: io, after: [5], back: factory-1.buildProtocol, args: {addr: {ipv4: ["127.0.0.1", {port: p-2}]}}, gives: {new: protocol-1}
      in: 3, turn: 1, phase: io, back: protocol-1.makeConnection, args: {transport: {new: transport-1}}

      """
        + chunks.map { "in: 3, turn: 3, phase: io, back: protocol-1.dataReceived, args: {data: !!binary \"\($0)\"}\n" }
        .joined() + """
          in: 3, turn: 4, phase: io, back: protocol-1.connectionLost, args: {reason: {error: lost}}
          end: 3
          """)
  }

  @Test func `how much is read of an aborted stream is the kernel's choice`() throws {
    try expectFree(aborted(["YWI=", "Y2Q="]), aborted(["YWI="]), by: [.abortTail: 1])
    try expectFree(aborted(["YWI="]), aborted(["YWI=", "Y2Q="]), by: [.abortTail: 1])
    #expect(try compare(aborted(["YWI="]), aborted(["YWM="])).divergence?.rule == .bytes)
  }
}
