// The echo server on Skein's reactor, recorded as a trace.
//
// The file has no name any more once it is open, so that nothing is left of it. Prints the port that the system chose, then serves
// until it is killed.
import Conformance
import Glibc
import Reactor

final class Echo: Protocol {
  override func connectionMade() throws {
    try transport?.setTcpNoDelay(true)
  }

  override func dataReceived(_ data: RawSpan) throws {
    try transport?.write(data)
  }
}

let path = "/tmp/echo-recorded.\(getpid()).yaml"
let header = TraceHeader([
  "title": "echo, measured", "started": "1970-01-01T00:00:00Z",
  "producer": ["name": .word("skein"), "reactor": .word("epoll")],
])
let recorder = try TraceRecorder(writingTo: path, header: header)
unlink(path)
let reactor = try Reactor(.epoll)
recorder.attach(to: reactor)
let port = try reactor.listenTCP(port: 0, factory: Factory { Echo() }, interface: "127.0.0.1")
print(try port.getHost().port ?? 0)
fflush(nil)
try reactor.run()
