"""A half-close waits for the producer, and unregistering it does not go on with it: another call does. Rules F27, X27."""

from common.connection import Quiet, run
from twisted.internet import reactor
from twisted.internet.interfaces import IHalfCloseableProtocol, IPullProducer
from zope.interface import implementer


@implementer(IHalfCloseableProtocol, IPullProducer)
class Client(Quiet):
    asked = 0
    again = False

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, False)

    def resumeProducing(self) -> None:
        self.asked += 1
        if self.asked == 1:
            self.transport.write(b"x")
        else:
            self.transport.loseWriteConnection()
            self.transport.unregisterProducer()
            self.transport.stopWriting()
            reactor.callLater(0.02, self.ask_again)

    def ask_again(self) -> None:
        self.again = True
        self.transport.loseWriteConnection()

    def writeConnectionLost(self) -> None:
        if not self.again:
            raise SystemExit("it went on by itself")

    def readConnectionLost(self) -> None:
        self.transport.loseConnection()

    def stopProducing(self) -> None:
        raise SystemExit("it is not registered any more")


@implementer(IHalfCloseableProtocol)
class Server(Quiet):
    def readConnectionLost(self) -> None:
        self.transport.loseConnection()

    def connectionLost(self, reason: object) -> None:
        reactor.callLater(0, reactor.stop)

    def writeConnectionLost(self) -> None:
        pass


run(Server, Client)
