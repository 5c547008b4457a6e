"""A half-closed connection that reads again is told of the end again. Rule K17."""

from common.connection import Quiet, run
from twisted.internet import reactor
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Protocol
from zope.interface import implementer


class Client(Protocol):
    def connectionMade(self) -> None:
        self.transport.loseWriteConnection()


@implementer(IHalfCloseableProtocol)
class Server(Quiet):
    ends = 0

    def readConnectionLost(self) -> None:
        self.ends += 1
        if self.ends < 2:
            reactor.callLater(0, self.transport.resumeProducing)
        else:
            self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        pass

    def connectionLost(self, reason: object) -> None:
        reactor.stop()


run(Server, Client)
