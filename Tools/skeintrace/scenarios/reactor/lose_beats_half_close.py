"""loseWriteConnection and loseConnection at once: a whole close, and nobody is told of the half. Rule F37."""

from common.connection import Quiet, StopsWhenLost, run
from twisted.internet.interfaces import IHalfCloseableProtocol
from zope.interface import implementer


@implementer(IHalfCloseableProtocol)
class Client(Quiet):
    def connectionMade(self) -> None:
        self.transport.write(b"x")
        self.transport.loseWriteConnection()
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        raise SystemExit("it is closed as a whole")

    def readConnectionLost(self) -> None:
        raise SystemExit("it is closed as a whole")


class Server(StopsWhenLost):
    pass


run(Server, Client)
