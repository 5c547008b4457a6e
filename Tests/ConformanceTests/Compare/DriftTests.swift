import Testing

@testable import Conformance

/// What waits for a clock or a thread has no fixed place beside others, nor has what comes of it; all else keeps its order.
@Suite struct DriftTests {
  /// A timer asks for another one with no delay, and a reader is called before or after that.
  private func chained(_ delay: String, chainedFirst: Bool) throws -> Recording {
    let firing = "in: 3, turn: 3, phase: timer, at: 3000000000, back: function-2.call, of: timer-2\n"
    let read = "in: 3, turn: \(chainedFirst ? 3 : 2), phase: io, at: 3000000000, back: reader-1.doRead\n"
    return try recording(
      """
      call: reactor-1.addReader, args: {reader: {new: reader-1}}
      call: reactor-1.callLater, args: {delay: \(delay), callable: {new: function-1}}, gives: {new: timer-1}
      call: reactor-1.run
      in: 3, turn: 2, phase: timer, at: 2000000000, back: function-1.call, of: timer-1
      in: 4, at: 2000000000, call: reactor-1.callLater, args: {delay: 0, callable: {new: function-2}}, gives: {new: timer-2}
      end: 4

      """ + (chainedFirst ? firing + read : read + firing) + "end: 3")
  }

  @Test func `what a delayed timer asks for has no fixed place beside the poll`() throws {
    let found = try compare(chained("1.0", chainedFirst: true), chained("1.0", chainedFirst: false))
    #expect(found.agrees)
    #expect(found.freedoms == [.timerIO: 1])
  }

  @Test func `what waits for no clock keeps its place`() throws {
    let found = try compare(chained("0", chainedFirst: true), chained("0", chainedFirst: false))
    #expect(found.divergence?.rule == .order)
  }

  /// A reader asks for a timer with no delay, and another reader is called at some place beside.
  private func asked(readsOther place: Int) throws -> Recording {
    let turn = place < 2 ? 1 : 2
    var events = [
      "in: 3, turn: 1, phase: io, back: reader-1.doRead",
      "in: 3, turn: 2, phase: timer, back: function-1.call, of: timer-1",
    ]
    events.insert("in: 3, turn: \(turn), phase: io, back: reader-2.doRead", at: place)
    let asking = (events.firstIndex { $0.hasSuffix("reader-1.doRead") } ?? 0)
    let call = "call: reactor-1.callLater, args: {delay: 0, callable: {new: function-1}}, gives: {new: timer-1}"
    events.insert(contentsOf: ["in: \(asking + 4), \(call)", "end: \(asking + 4)"], at: asking + 1)
    return try recording(
      """
      call: reactor-1.addReader, args: {reader: {new: reader-1}}
      call: reactor-1.addReader, args: {reader: {new: reader-2}}
      call: reactor-1.run

      """ + events.joined(separator: "\n") + "\nend: 3")
  }

  @Test func `what comes of input that overtook other input overtakes it too`() throws {
    let expected = try asked(readsOther: 0)
    let found = try compare(expected, asked(readsOther: 2))
    #expect(found.agrees, "\(found.told(expected))")
    #expect(found.freedoms == [.crossStrand: 2])
    let back = try compare(asked(readsOther: 2), asked(readsOther: 0))
    #expect(back.freedoms == [.crossStrand: 2] && back.agrees)
  }

  @Test func `what comes of input that overtook nothing keeps its place`() throws {
    #expect(try compare(asked(readsOther: 2), asked(readsOther: 1)).divergence?.rule == .order)
    #expect(try compare(asked(readsOther: 1), asked(readsOther: 2)).divergence?.rule == .order)
  }

  /// A callback listens and stops listening, while a thread that it began works before or after.
  private func listening(threadFirst: Bool) throws -> Recording {
    let work = "thread: t-1, back: function-2.call, of: threadcall-1\n"
    let n = threadFirst ? 6 : 5
    let listen = """
      in: 3, call: reactor-1.listenTCP, args: {port: 0, factory: {new: factory-1}, interface: "127.0.0.1"}
      in: \(n), back: factory-1.doStart
      end: \(n), gives: {new: port-1}
      in: 3, call: port-1.stopListening, gives: {deferred: deferred-1}
      end: 3

      """
    return try recording(
      """
      call: reactor-1.callWhenRunning, args: {callable: {new: function-1}}, gives: {new: trigger-1}
      call: reactor-1.run
      in: 2, turn: 0, phase: startup, back: function-1.call, of: trigger-1
      in: 3, call: reactor-1.callInThread, args: {callable: {new: function-2}}, gives: {new: threadcall-1}

      """ + (threadFirst ? work + listen : listen + work)
        + """
        in: 2, turn: 1, phase: timer, back: factory-1.doStop
        in: 2, turn: 1, phase: timer, back: deferred-1.callback
        end: 2
        """)
  }

  @Test func `a call waits for no other thread's callback`() throws {
    let expected = try listening(threadFirst: true)
    let found = try compare(expected, listening(threadFirst: false))
    #expect(found.agrees, "\(found.told(expected))")
    #expect(found.freedoms[.join] == nil)
  }

  /// Two readers hand a call to the loop each; the calls come in an order.
  private func handed(by first: Int, _ second: Int, called: [Int]) throws -> Recording {
    let ask = { (number: Int, event: Int) in
      """
      in: 3, turn: 1, phase: io, back: reader-\(number).doRead
      in: \(event), call: reactor-1.callFromThread, args: {callable: {new: function-\(number)}}, gives: {new: threadcall-\(number)}
      end: \(event)

      """
    }
    let calls = called.map { "in: 3, turn: 2, phase: thread, back: function-\($0).call, of: threadcall-\($0)\n" }
    return try recording(
      """
      call: reactor-1.addReader, args: {reader: {new: reader-1}}
      call: reactor-1.addReader, args: {reader: {new: reader-2}}
      call: reactor-1.run

      """ + ask(first, 4) + ask(second, 6) + calls.joined() + "end: 3")
  }

  @Test func `the reactor's own calls come in the order in which they were asked for`() throws {
    let expected = try handed(by: 1, 2, called: [1, 2])
    let asked = try compare(expected, handed(by: 2, 1, called: [2, 1]))
    #expect(asked.agrees)
    let other = try compare(expected, handed(by: 1, 2, called: [2, 1]))
    #expect(other.divergence?.rule == .edge("thread"))
  }

  /// A timer writes to a connection that the recording has lost before.
  private func late(lostFirst: Bool) throws -> Recording {
    let reason = "args: {reason: {error: done}}"
    let lost = "in: 4, turn: 3, phase: io, at: 3000000000, back: protocol-1.connectionLost, \(reason)\n"
    let fired = "in: 4, turn: 3, phase: timer, at: 3000000000, back: function-1.call, of: timer-1\n"
    let write = "in: 8, at: 3000000000, call: transport-1.write, args: {data: !!binary \"eA==\"}\nend: 8\n"
    return try recording(
      """
      call: reactor-1.callLater, args: {delay: 1.0, callable: {new: function-1}}, gives: {new: timer-1}
      call: reactor-1.connectTCP, args: {host: "127.0.0.1", port: 1, factory: {new: factory-1}}
      in: 2, back: factory-1.startedConnecting, args: {connector: {new: connector-1}}
      end: 2, gives: {ref: connector-1}
      call: reactor-1.run
      in: 4, turn: 1, phase: io, back: factory-1.buildProtocol, args: {addr: {ipv4: ["127.0.0.1", 1]}}, gives: {new: protocol-1}
      in: 4, turn: 1, phase: io, back: protocol-1.makeConnection, args: {transport: {new: transport-1}}

      """ + (lostFirst ? lost + fired : fired + lost) + write + "end: 4")
  }

  @Test func `a call that came too late waits for the loss`() throws {
    let expected = try late(lostFirst: true)
    #expect(compare(expected, expected).freedoms.isEmpty)
    let found = try compare(expected, late(lostFirst: false))
    #expect(found.agrees, "\(found.told(expected))")
    #expect(found.freedoms[.join] == 1)
  }
}
