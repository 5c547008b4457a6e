// The echo server on Skein's reactor, epoll back end.
//
// Prints the port that the system chose, then serves until it is killed. With the argument `once` it closes each connection
// when it has echoed what came first.
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

final class EchoOnce: Protocol {
  override func connectionMade() throws {
    try transport?.setTcpNoDelay(true)
  }

  override func dataReceived(_ data: RawSpan) throws {
    try transport?.write(data)
    try transport?.loseConnection()
  }
}

let once = CommandLine.arguments.dropFirst().first == "once"
let reactor = try Reactor(.epoll)
let port = try reactor.listenTCP(port: 0, factory: Factory { once ? EchoOnce() : Echo() }, interface: "127.0.0.1")
print(try port.getHost().port ?? 0)
fflush(nil)
try reactor.run()
