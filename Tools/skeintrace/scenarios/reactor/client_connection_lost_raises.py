"""An error out of clientConnectionLost: the factory is not stopped. Rule K44."""

from common.connection import Quiet, listen
from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory, Protocol


class Server(Protocol):
    def connectionMade(self) -> None:
        self.transport.loseConnection()


class Client(ClientFactory):
    protocol = Quiet

    def clientConnectionLost(self, connector: object, reason: object) -> None:
        reactor.callLater(0, reactor.stop)
        raise ValueError("the factory is not stopped")

    def stopFactory(self) -> None:
        raise SystemExit("it was stopped")


connector = reactor.connectTCP("127.0.0.1", listen(Server).getHost().port, Client())
reactor.run()
if connector.state != "disconnected":
    raise SystemExit(connector.state)
