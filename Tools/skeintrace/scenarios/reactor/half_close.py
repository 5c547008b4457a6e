"""A half-close: what is still sent, what is not, who is told, and the close after it inside the call.
Rules K16, K18, K20, K27, F5, F32, F36, X16, X20."""

from common.connection import Quiet, run
from twisted.internet import reactor
from twisted.internet.interfaces import IHalfCloseableProtocol
from zope.interface import implementer


@implementer(IHalfCloseableProtocol)
class HalfCloseable(Quiet):
    def readConnectionLost(self) -> None:
        pass

    def writeConnectionLost(self) -> None:
        pass


class Client(HalfCloseable):
    lost = False

    def connectionMade(self) -> None:
        self.transport.write(b"before, ")
        self.transport.loseWriteConnection()
        self.transport.write(b"still sent")

    def writeConnectionLost(self) -> None:
        self.transport.write(b"not sent any more")

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(b"nor now")
        self.transport.loseConnection()
        if not self.lost:
            raise SystemExit("the loss comes inside loseConnection")

    def connectionLost(self, reason: object) -> None:
        self.lost = True


class Server(HalfCloseable):
    heard = b""

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def readConnectionLost(self) -> None:
        if self.heard != b"before, still sent":
            raise SystemExit(f"heard {self.heard}")
        self.transport.write(b"I still speak")
        self.transport.loseConnection()

    def connectionLost(self, reason: object) -> None:
        reactor.callLater(0.01, lambda: reactor.stop())


run(Server, Client)
