"""Two half-closes make no close: the connection stays until somebody closes it. Rules K21, X22."""

from common.connection import Quiet, run
from twisted.internet import reactor
from twisted.internet.interfaces import IHalfCloseableProtocol
from zope.interface import implementer


@implementer(IHalfCloseableProtocol)
class Server(Quiet):
    def readConnectionLost(self) -> None:
        self.transport.loseWriteConnection()

    def writeConnectionLost(self) -> None:
        reactor.callLater(0.01, self.close)

    def close(self) -> None:
        if not self.transport.connected:
            raise SystemExit("it is closed")
        self.transport.loseConnection()  # the loss comes inside this call


@implementer(IHalfCloseableProtocol)
class Client(Quiet):
    def connectionMade(self) -> None:
        self.transport.loseWriteConnection()

    def readConnectionLost(self) -> None:
        reactor.callLater(0.05, self.close)

    def writeConnectionLost(self) -> None:
        pass

    def close(self) -> None:
        if not self.transport.connected:
            raise SystemExit("it is closed, like the other end")
        self.transport.loseConnection()

    def connectionLost(self, reason: object) -> None:
        reactor.stop()


run(Server, Client)
