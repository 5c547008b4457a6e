"""An error out of readConnectionLost or writeConnectionLost loses the connection for that reason. Rule K19."""

from common.connection import Quiet, run
from twisted.internet import reactor
from twisted.internet.interfaces import IHalfCloseableProtocol
from zope.interface import implementer


@implementer(IHalfCloseableProtocol)
class Server(Quiet):
    def readConnectionLost(self) -> None:
        raise ZeroDivisionError

    def writeConnectionLost(self) -> None:
        pass

    def connectionLost(self, reason: object) -> None:
        if reason.check(ZeroDivisionError) is None:
            raise SystemExit(f"lost for {reason}")
        reactor.callLater(0, reactor.stop)


@implementer(IHalfCloseableProtocol)
class Client(Quiet):
    def connectionMade(self) -> None:
        self.transport.loseWriteConnection()

    def readConnectionLost(self) -> None:
        pass

    def writeConnectionLost(self) -> None:
        raise KeyError("the client's")

    def connectionLost(self, reason: object) -> None:
        if reason.check(KeyError) is None:
            raise SystemExit(f"lost for {reason}")


run(Server, Client)
