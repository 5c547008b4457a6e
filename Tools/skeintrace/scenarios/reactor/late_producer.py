"""A producer that is registered after loseConnection is taken, and holds the close up. Rules F19, F25."""

from common.connection import Quiet, StopsWhenLost, run
from twisted.internet import reactor
from twisted.internet.interfaces import IPullProducer
from zope.interface import implementer


@implementer(IPullProducer)
class Client(Quiet):
    def connectionMade(self) -> None:
        self.transport.loseConnection()
        self.transport.registerProducer(self, False)
        reactor.callLater(0.05, self.finish)

    def resumeProducing(self) -> None:
        if not self.transport.disconnecting:
            raise SystemExit("it closes")

    def finish(self) -> None:
        if not self.transport.connected:
            raise SystemExit("it is closed")
        self.transport.unregisterProducer()

    def stopProducing(self) -> None:
        raise SystemExit("it is not registered any more")


run(StopsWhenLost, Client)
