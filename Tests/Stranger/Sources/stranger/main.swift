import Addresses
import Reactor

/// A stranger's program: one reactor, one echo over loopback, nothing else of Skein.
final class Echo: Protocol {
  override func dataReceived(_ data: RawSpan) throws {
    try transport?.write(data)
  }
}

final class Asker: Protocol {
  let reactor: Reactor
  var answer: [UInt8] = []

  init(reactor: Reactor) {
    self.reactor = reactor
  }

  override func connectionMade() throws {
    try transport?.write("hello")
  }

  override func dataReceived(_ data: RawSpan) throws {
    for offset in 0..<data.byteCount {
      answer.append(data.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
    }
    if answer.count >= 5 { try reactor.stop() }
  }
}

let reactor = try Reactor(.epoll)
let port = try reactor.listenTCP(port: 0, factory: Factory { Echo() }, interface: "127.0.0.1")
let asker = Asker(reactor: reactor)
guard case .ipv4(let address) = try port.getHost() else { fatalError("a listening port has an IPv4 address") }
_ = try reactor.connectTCP(
  host: "127.0.0.1", port: .number(Int(address.port)), factory: ClientFactory { asker })
try reactor.run()
print(String(decoding: asker.answer, as: UTF8.self))
