"""A transport as a producer: pause and resume read, stop closes; stopConsuming does both of its parts. Rules F30, F31."""

from common.connection import Quiet, StopsWhenLost, run
from twisted.internet import reactor
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class Server(Quiet):
    heard = b""
    reading = False

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)
        self.transport.pauseProducing()
        reactor.callLater(0.05, self.read)

    def read(self) -> None:
        self.reading = True
        self.transport.resumeProducing()

    def dataReceived(self, data: bytes) -> None:
        if not self.reading:
            raise SystemExit("it reads while paused")
        self.heard += data
        if self.heard == b"hello":
            self.transport.stopConsuming()  # the producer is let go of, and the connection closed

    def pauseProducing(self) -> None:
        pass

    def resumeProducing(self) -> None:
        pass

    def stopProducing(self) -> None:
        raise SystemExit("it is not registered any more")


class Client(StopsWhenLost):
    def connectionMade(self) -> None:
        self.transport.write(b"hello")


run(Server, Client)
