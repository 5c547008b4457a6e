import Testing

@testable import Conformance

/// The conversation with a worker, with a shell in the worker's place.
@Suite struct WorkerProcessTests {
  private static func shell(_ script: String) throws -> WorkerProcess {
    try WorkerProcess(executable: "/bin/sh", arguments: ["-c", script])
  }

  @Test func `each request is answered with a line`() throws {
    let worker = try Self.shell("while read line; do echo \"got $line\"; done")
    #expect(worker.ask("one", within: 10) == .answered("got one"))
    #expect(worker.ask("two", within: 10) == .answered("got two"))
    #expect(worker.isAlive)
  }

  @Test func `a worker that a signal kills is a result with the signal`() throws {
    let worker = try Self.shell("read line; kill -SEGV $$")
    #expect(worker.ask("go", within: 10) == .died(.signal(11)))
    #expect(!worker.isAlive)
    #expect(worker.ask("again", within: 10) == .died(.signal(11)))
  }

  @Test func `a worker that exits is a result with its status and its last words`() throws {
    let worker = try Self.shell("read line; echo broken >&2; exit 3")
    #expect(worker.ask("go", within: 10) == .died(.exit(3)))
    #expect(worker.complaint == "broken")
  }

  @Test func `a worker that says nothing in time is killed`() throws {
    let worker = try Self.shell("read line; exec sleep 1000")
    #expect(worker.ask("go", within: 0.05) == .silent)
    #expect(!worker.isAlive)
  }

  @Test func `the time begins anew when the worker has prepared itself`() throws {
    let worker = try Self.shell("read line; echo \(WorkerProcess.ready); echo done")
    #expect(worker.ask("go", within: 10) == .answered("done"))
  }

  @Test func `what a worker recorded is there after its death, and gone with the next request`() throws {
    let worker = try Self.shell("read line; echo one >&3; echo two >&3; echo ok; read line; kill -KILL $$")
    #expect(worker.ask("go", within: 10) == .answered("ok"))
    #expect(worker.recorded == Array("one\ntwo\n".utf8))
    #expect(worker.ask("go", within: 10) == .died(.signal(9)))
    #expect(worker.recorded.isEmpty)
  }

  @Test func `a program that is not there is an error`() {
    #expect(throws: WorkerError.self) { try WorkerProcess(executable: "/no/such/program", arguments: []) }
  }

  @Test func `the crossings that were open are told from what was written, the cut line left out`() {
    let events = """
      --- {n: 1, at: 1, call: reactor-1.run}
      --- {n: 2, in: 1, turn: 1, phase: timer, at: 2, back: function-1.call, of: timer-1}
      --- {n: 3, in: 2, at: 3, call: reactor-1.stop}
      --- {n: 4, in: 2, at
      """
    let open = OpenCrossings.lines(Array(events.utf8))
    #expect(open.first == "reactor-1.run()")
    #expect(open.contains("function-1.call() of timer-1"))
  }
}
