"""A connection that neither reads nor writes is not told of the shutdown. Rules C49, X7."""

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory, Factory, Protocol


class Server(Protocol):
    def connectionMade(self) -> None:
        self.transport.pauseProducing()
        self.transport.write(b"paused")

    def connectionLost(self, reason: object) -> None:
        raise SystemExit("the paused connection was told")


class Client(Protocol):
    def dataReceived(self, data: bytes) -> None:
        reactor.callLater(0, reactor.stop)


port = reactor.listenTCP(0, Factory.forProtocol(Server), interface="127.0.0.1")
reactor.connectTCP("127.0.0.1", port.getHost().port, ClientFactory.forProtocol(Client))
reactor.run()
