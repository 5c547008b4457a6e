"""loseConnection stops reading: what the peer sent is not delivered, and the peer still sees a close in order. Rules F33, K12, K26."""

from common.connection import Quiet, StopsWhenLost, run
from twisted.internet import reactor
from twisted.internet.error import ConnectionDone


class Server(Quiet):
    """Says goodbye; what the client answers with comes too late."""

    def dataReceived(self, data: bytes) -> None:
        if data != b"first":
            raise SystemExit("it reads on")
        self.transport.write(b"goodbye")
        reactor.callLater(0.05, self.transport.loseConnection)
        self.transport.pauseProducing()


class Client(StopsWhenLost):
    def connectionMade(self) -> None:
        self.transport.write(b"first")

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(b"second, unread")

    def connectionLost(self, reason: object) -> None:
        if reason.check(ConnectionDone) is None:
            raise SystemExit(f"lost for {reason}")
        super().connectionLost(reason)


run(Server, Client)
