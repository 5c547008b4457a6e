"""An error out of stopProducing ends the loss half-way: neither the protocol nor the factory is told. Rules F29, X50."""

from common.connection import Quiet, connect, listen
from twisted.internet import reactor
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Protocol
from zope.interface import implementer


class Server(Protocol):
    def connectionMade(self) -> None:
        self.transport.loseConnection()


@implementer(IPushProducer)
class Client(Quiet):
    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)

    def pauseProducing(self) -> None:
        raise SystemExit("paused")

    resumeProducing = pauseProducing

    def stopProducing(self) -> None:
        reactor.callLater(0, reactor.stop)
        raise ValueError("nobody else is told")

    def connectionLost(self, reason: object) -> None:
        raise SystemExit("told")


connector = connect(listen(Server), Client)
reactor.run()
if connector.state != "connected":
    raise SystemExit(connector.state)
