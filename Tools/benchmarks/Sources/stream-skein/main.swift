// Streams on Skein's reactor, epoll back end: a push producer that writes until it is paused.
//
// Its argument is how many bytes it writes at a time, a multiple of 256. Prints the port that the system chose, then serves
// until it is killed.
import Glibc
import Reactor

guard let size = CommandLine.arguments.dropFirst().first.flatMap({ Int($0) }), size > 0, size % 256 == 0 else {
  print("usage: stream-skein BYTES")
  exit(2)
}
let chunk = (0..<size).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }

final class Source: Protocol, PushProducer {
  private var isPaused = false

  override func connectionMade() throws {
    try transport?.setTcpNoDelay(true)
    try transport?.registerProducer(self, streaming: true)
    try resumeProducing()
  }

  func resumeProducing() throws {
    isPaused = false
    while !isPaused { try transport?.write(chunk.span.bytes) }
  }

  func pauseProducing() { isPaused = true }

  func stopProducing() { isPaused = true }
}

let reactor = try Reactor(.epoll)
let port = try reactor.listenTCP(port: 0, factory: Factory { Source() }, interface: "127.0.0.1")
print(try port.getHost().port ?? 0)
fflush(nil)
try reactor.run()
