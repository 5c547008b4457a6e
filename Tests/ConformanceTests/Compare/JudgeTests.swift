import Testing

@testable import Conformance

/// The judge as one who plays the application of a run uses it.
@Suite struct JudgeTests {
  /// Tells a run of everything up to and including an event of a recording of it.
  private func told(_ recording: Recording, upTo last: Int) -> JudgedRun {
    var run = JudgedRun(of: recording)
    for step in recording.steps {
      guard let event = recording[step.n] else { continue }
      if step.opens {
        if event.n > last { break }
        _ = run.began(event)
      } else {
        _ = run.ended(event.n, event.outcome, at: event.at)
      }
    }
    return run
  }

  /// `ab` is received, a timer writes, `c` is received.
  private let anchored = try? recording(
    connectedClient + """
      in: 5, call: reactor-1.callLater, args: {delay: 1.0, callable: {new: function-1}}, gives: {new: timer-1}
      end: 5
      in: 3, turn: 2, phase: io, back: protocol-1.dataReceived, args: {data: !!binary "YWI="}
      in: 3, turn: 3, phase: timer, at: 2000000000, back: function-1.call, of: timer-1
      in: 8, call: transport-1.write, args: {data: !!binary "eA=="}
      end: 8
      in: 3, turn: 4, phase: io, at: 2100000000, back: protocol-1.dataReceived, args: {data: !!binary "Yw=="}
      end: 3
      """)

  @Test func `reading is held back at an anchor until its event has happened`() throws {
    let recorded = try #require(anchored)
    #expect(told(recorded, upTo: 4).judge.readLimits == [:])
    #expect(told(recorded, upTo: 5).judge.readLimits == ["transport-1": 2])
    #expect(told(recorded, upTo: 7).judge.readLimits == ["transport-1": 0])
    #expect(told(recorded, upTo: 8).judge.readLimits == ["transport-1": 0])
    #expect(told(recorded, upTo: 9).judge.readLimits == ["transport-1": 1])
    #expect(told(recorded, upTo: 10).judge.readLimits == [:])
  }

  @Test func `bytes that do not fill a delivery wait, and then all that belongs to it is played`() throws {
    let recorded = try #require(anchored)
    var run = told(recorded, upTo: 6)
    let data = { (n: Int, bytes: [UInt8]) in
      Recording.Event(
        [
          "in": 3, "turn": 2, "phase": "io", "back": "protocol-1.dataReceived",
          "args": ["data": .bytes(bytes)],
        ], n: n, at: 1_000_000_000)
    }
    #expect(run.began(data(7, [97])) == .waits)
    #expect(run.ended(7, .returned(.null), at: 1_000_000_000) == .accepted)
    #expect(run.judge.readLimits == ["transport-1": 1])
    #expect(run.began(data(8, [98])) == .matched(event: 7))
    #expect(run.nextAction(in: 8) == nil)
  }

  @Test func `live objects are bound to recorded ones by what they do`() throws {
    let recorded = try #require(anchored)
    var run = JudgedRun(of: recorded)
    let next = run.nextAction(in: Judge.outside)
    let action = try #require(next)
    #expect(action.member == "reactor-1.connectTCP")
    let call: TraceEvent = [
      "call": "reactor-1.connectTCP",
      "args": ["host": "127.0.0.1", "port": 1, "factory": ["new": "factory-9"]],
    ]
    #expect(run.began(Recording.Event(call, n: 1, at: 10)) == .accepted)
    #expect(run.judge.liveName(of: "factory-1") == "factory-9")
    #expect(run.judge.recordedName(of: "factory-9") == "factory-1")
    let started: TraceEvent = [
      "in": 1, "back": "factory-9.startedConnecting", "args": ["connector": ["new": "connector-7"]],
    ]
    #expect(run.began(Recording.Event(started, n: 2, at: 11)) == .matched(event: 2))
    #expect(run.nextAction(in: 2) == nil)
    #expect(run.ended(2, .returned(.null), at: 12) == .accepted)
    #expect(run.ended(1, .returned(["ref": "connector-7"]), at: 13) == .accepted)
    #expect(run.nextAction(in: Judge.outside)?.member == "reactor-1.run")
  }

  @Test func `one live object cannot be two recorded ones`() throws {
    let recorded = try recording(
      """
      call: reactor-1.addReader, args: {reader: {new: reader-1}}
      call: reactor-1.addReader, args: {reader: {new: reader-2}}
      """)
    var run = JudgedRun(of: recorded)
    let call: TraceEvent = ["call": "reactor-1.addReader", "args": ["reader": ["new": "reader-5"]]]
    #expect(run.began(Recording.Event(call, n: 1, at: 1)) == .accepted)
    #expect(run.ended(1, .returned(.null), at: 1) == .accepted)
    guard case .diverged(let found) = run.began(Recording.Event(call, n: 2, at: 2)) else {
      Issue.record("a second name for one object was accepted")
      return
    }
    #expect(found.rule == .arguments)
    #expect(found.expected == 2)
  }

  @Test func `a folded call is made as often as it was recorded, and no more`() throws {
    let write = "in: 5, call: transport-1.write, args: {data: !!binary \"YQ==\"}"
    let rest = "\nend: 5\nend: 3"
    let folded = { (times: Int) in try recording(connectedClient + write + ", repeat: {times: \(times)}" + rest) }
    let unfolded = { (times: Int) in
      try recording(connectedClient + Array(repeating: write, count: times).joined(separator: "\n") + rest)
    }
    #expect(try compare(folded(4), folded(4)).agrees)
    #expect(try compare(folded(4), unfolded(4)).agrees)
    #expect(try compare(folded(4), unfolded(3)).divergence?.rule == .missing)
    #expect(try compare(folded(4), unfolded(5)).divergence?.rule == .extra)
    #expect(try compare(folded(4), folded(5)).divergence?.rule == .call)
    #expect(try compare(folded(4), folded(3)).divergence?.rule == .call)
  }

  @Test func `a timer is held until what was recorded before its firing has come`() throws {
    let recorded = try recording(
      """
      call: reactor-1.addReader, args: {reader: {new: reader-1}}
      call: reactor-1.callLater, args: {delay: 1.0, callable: {new: function-1}}, gives: {new: timer-1}
      call: reactor-1.callLater, args: {delay: 9.0, callable: {new: function-2}}, gives: {new: timer-2}
      call: reactor-1.run
      in: 4, turn: 1, phase: io, back: reader-1.doRead
      in: 5, call: timer-2.cancel
      end: 5
      in: 4, turn: 2, phase: timer, at: 2000000000, back: function-1.call, of: timer-1
      end: 4
      """)
    #expect(told(recorded, upTo: 4).judge.heldTimers == ["timer-1", "timer-2"])
    #expect(told(recorded, upTo: 6).judge.heldTimers == [])
    var late = told(recorded, upTo: 6)
    late.putOff("timer-1", by: 5)
    let firing: TraceEvent = ["in": 4, "turn": 2, "phase": "timer", "back": "function-1.call", "of": "timer-1"]
    guard case .diverged(let found) = late.began(Recording.Event(firing, n: 9, at: 2_000_000_000)) else {
      Issue.record("a timer fired before it was due")
      return
    }
    #expect(found.rule == .due)
  }

  @Test func `what the loop took in one look at its timers is known before it looks`() throws {
    let recorded = try recording(
      """
      call: reactor-1.callLater, args: {delay: 1.0, callable: {new: function-1}}, gives: {new: timer-1}
      call: reactor-1.callLater, args: {delay: 1.1, callable: {new: function-2}}, gives: {new: timer-2}
      call: reactor-1.callLater, args: {delay: 9.0, callable: {new: function-3}}, gives: {new: timer-3}
      call: reactor-1.run
      in: 4, turn: 1, phase: timer, at: 2000000000, back: function-1.call, of: timer-1
      in: 5, at: 2000000000, call: reactor-1.stop
      end: 5
      in: 4, turn: 1, phase: timer, at: 2000000000, back: function-2.call, of: timer-2
      in: 4, turn: 2, phase: timer, at: 9000000000, back: function-3.call, of: timer-3
      end: 4
      """)
    let before = told(recorded, upTo: 4).judge
    let first = try #require(before.batch())
    #expect(first.timers == ["timer-1", "timer-2"] && !first.isNext)
    let second = try #require(before.batch(after: first))
    #expect(second.timers == ["timer-3"] && !second.isNext)
    #expect(before.batch(after: second) == nil)
    let stopping = try #require(told(recorded, upTo: 6).judge.batch())
    #expect(stopping.timers == ["timer-2"] && stopping.isNext, "the loop ends after this turn")
  }

  @Test func `types are compared strictly, numbers of seconds by value`() throws {
    let gives = { (value: String) in try recording("call: port-1.isListening, gives: \(value)") }
    #expect(try compare(gives("false"), gives("false")).agrees)
    #expect(try compare(gives("false"), gives("0")).divergence?.rule == .outcome)
    #expect(try compare(gives("1"), gives("1.0")).divergence?.rule == .outcome)
    let delay = { (value: String) in
      try recording(
        "call: reactor-1.callLater, args: {delay: \(value), callable: {new: function-1}}, gives: {new: timer-1}")
    }
    #expect(try compare(delay("1"), delay("1.0")).agrees)
    #expect(try compare(delay("1"), delay("true")).divergence?.rule == .arguments)
    #expect(try compare(delay("1"), delay("2.0")).divergence?.rule == .arguments)
  }

  @Test func `an error of the application's is the one that the same event raised`() throws {
    let raised = { (by: Int) in
      try recording(
        connectedClient + """
          in: 3, turn: 2, phase: io, back: protocol-1.dataReceived, args: {data: !!binary "YQ=="}, raises: {error: application, class: "ZeroDivisionError"}
          in: 3, turn: 2, phase: io, back: protocol-1.connectionLost, args: {reason: {error: application, class: "ZeroDivisionError", raised: \(by)}}
          end: 3
          """)
    }
    let recorded = try raised(6)
    #expect(compare(recorded, recorded).agrees)
    #expect(try compare(recorded, raised(5)).divergence?.expected == 7)
  }

  @Test func `what is left open or pending at the end is compared`() throws {
    let recorded = try recording(
      """
      call: reactor-1.listenTCP, args: {port: 0, factory: {new: factory-1}}, gives: {new: port-1}
      call: reactor-1.callLater, args: {delay: 1.0, callable: {new: function-1}}, gives: {new: timer-1}
      """)
    var run = told(recorded, upTo: 2)
    var same = run
    #expect(same.finish(Judge.Leftovers(timers: ["timer-1"], open: ["port-1"])).agrees)
    var more = run
    #expect(more.finish(Judge.Leftovers(timers: ["timer-1"], open: [])).divergence?.rule == .end)
    #expect(run.finish(Judge.Leftovers(timers: [], open: ["port-1"])).divergence?.rule == .end)
  }

  @Test func `a report names the event, what came before it and what was broken`() throws {
    let recorded = try #require(anchored)
    let found = compare(recorded, try recording(connectedClient + "end: 3"))
    #expect((found.consumed, found.expected) == (5, 10))
    let divergence = Divergence(try #require(found.divergence), in: recorded)
    #expect((divergence.kind, divergence.event) == ("missing", 6))
    #expect(divergence.context.first { $0.mark == .expected }?.text.hasPrefix("reactor-1.callLater(") == true)
    #expect(divergence.context.first?.event == 3)
  }

  @Test func `after a divergence nothing more is asked of the application and the first one counts`() throws {
    let recorded = try #require(anchored)
    var run = told(recorded, upTo: 3)
    let first = run.diverge(.run("hung"), happened: "", reason: "nothing more happened")
    #expect(run.nextAction(in: Judge.outside) == nil)
    #expect(run.diverge(.extra, happened: "x", reason: "later") == first)
    #expect(run.finish().divergence == first)
    #expect(first.expected == 4)
  }
}
