"""When a push producer is paused and resumed: above 65,536 bytes on each write, and when all is sent. Rules F7, F21, F22, X24."""

from common.connection import Quiet, StopsWhenLost, run
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class Client(Quiet):
    paused = resumed = 0

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)
        for size, pauses in (65536, 0), (1, 1), (1, 2):
            self.transport.write(b"x" * size)
            if self.paused != pauses:
                raise SystemExit(f"paused {self.paused} times")

    def pauseProducing(self) -> None:
        self.paused += 1

    def resumeProducing(self) -> None:
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def stopProducing(self) -> None:
        raise SystemExit("it is not registered any more")


class Server(StopsWhenLost):
    heard = 0

    def dataReceived(self, data: bytes) -> None:
        self.heard += len(data)

    def connectionLost(self, reason: object) -> None:
        if self.heard != 65538:
            raise SystemExit(f"heard {self.heard} bytes")
        super().connectionLost(reason)


run(Server, Client)
