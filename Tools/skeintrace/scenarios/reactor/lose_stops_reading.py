"""loseConnection stops reading: what the peer sends then is not delivered, and the peer still sees a close in order. Rules F33, K12."""

from common.connection import Quiet, StopsWhenLost, run
from twisted.internet import reactor
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IPullProducer
from zope.interface import implementer


@implementer(IPullProducer)
class Server(Quiet):
    """Says goodbye, and a producer holds the close up for a while."""

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, False)
        self.transport.write(b"goodbye")
        self.transport.loseConnection()
        reactor.callLater(0.05, self.transport.unregisterProducer)

    def resumeProducing(self) -> None:
        pass

    def stopProducing(self) -> None:
        raise SystemExit("it is not registered any more")

    def dataReceived(self, data: bytes) -> None:
        raise SystemExit("it reads on")


class Client(StopsWhenLost):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(b"unread")

    def connectionLost(self, reason: object) -> None:
        if reason.check(ConnectionDone) is None:
            raise SystemExit(f"lost for {reason}")
        super().connectionLost(reason)


run(Server, Client)
