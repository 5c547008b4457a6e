"""The peer's end of sending drops what was to be sent to it, unless the protocol takes half-closes. Rules K15, D27, X18."""

from common.connection import Quiet, run
from twisted.internet import reactor
from twisted.internet.interfaces import IHalfCloseableProtocol
from zope.interface import implementer


class Server(Quiet):
    def connectionMade(self) -> None:
        self.transport.write(b"x" * 4_000_000)

    def connectionLost(self, reason: object) -> None:
        pass


@implementer(IHalfCloseableProtocol)
class Client(Quiet):
    """Reads nothing until the server has given up."""

    def connectionMade(self) -> None:
        self.transport.pauseProducing()
        self.transport.loseWriteConnection()
        reactor.callLater(0.1, self.transport.abortConnection)

    def writeConnectionLost(self) -> None:
        pass

    def readConnectionLost(self) -> None:
        raise SystemExit("all was sent")

    def connectionLost(self, reason: object) -> None:
        reactor.stop()


run(Server, Client)
