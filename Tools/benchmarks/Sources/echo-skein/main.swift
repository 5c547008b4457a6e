// The echo server on Skein's reactor, epoll back end.
//
// Prints the port that the system chose, then serves until it is killed.
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

let reactor = try Reactor(.epoll)
let port = try reactor.listenTCP(port: 0, factory: Factory { Echo() }, interface: "127.0.0.1")
print(try port.getHost().port ?? 0)
fflush(nil)
try reactor.run()
