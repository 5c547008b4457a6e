"""abortConnection: the loss comes in a later turn, what was to be sent is dropped, the peer sees no clean close. Rules K22, K23, K13, K25."""

from common.connection import Quiet, run
from twisted.internet import reactor
from twisted.internet.error import ConnectionAborted, ConnectionLost


class Client(Quiet):
    lost = False

    def connectionMade(self) -> None:
        self.transport.write(b"never sent")
        self.transport.abortConnection()
        self.transport.write(b"nor this")
        self.transport.abortConnection()  # aborting already
        if not self.transport.connected or self.transport.disconnecting or self.lost:
            raise SystemExit("it is lost later")

    def connectionLost(self, reason: object) -> None:
        self.lost = True
        if reason.check(ConnectionAborted) is None:
            raise SystemExit(f"lost for {reason}")


class Server(Quiet):
    def dataReceived(self, data: bytes) -> None:
        raise SystemExit("it was sent")

    def connectionLost(self, reason: object) -> None:
        if reason.type is not ConnectionLost:
            raise SystemExit(f"lost for {reason}")
        reactor.stop()


run(Server, Client)
