"""A push producer that is not paused does not hold a close up. Rules F25, F28, X23."""

from common.connection import Quiet, StopsWhenLost, run
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class Client(Quiet):
    stopped = False

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)
        self.transport.write(b"x")
        self.transport.loseConnection()

    def pauseProducing(self) -> None:
        raise SystemExit("paused")

    def resumeProducing(self) -> None:
        raise SystemExit("resumed")

    def stopProducing(self) -> None:
        if self.transport.connected:
            raise SystemExit("it is lost by now")
        self.stopped = True

    def connectionLost(self, reason: object) -> None:
        if not self.stopped:
            raise SystemExit("the producer is told first")


class Server(StopsWhenLost):
    pass


run(Server, Client)
