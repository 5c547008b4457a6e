"""A close waits for as long as the peer does not read; aborting is the way out. Rules K24, K28."""

from common.connection import Quiet, run
from twisted.internet import reactor
from twisted.internet.error import ConnectionAborted

stuck = []


class Server(Quiet):
    def connectionMade(self) -> None:
        self.transport.pauseProducing()
        stuck.append(self.transport)

    def connectionLost(self, reason: object) -> None:
        reactor.stop()


class Client(Quiet):
    def connectionMade(self) -> None:
        self.transport.write(b"x" * 4_000_000)
        self.transport.loseConnection()
        reactor.callLater(0.05, self.give_up)

    def give_up(self) -> None:
        if not self.transport.connected or not self.transport.disconnecting:
            raise SystemExit("it is closed")
        self.transport.abortConnection()

    def connectionLost(self, reason: object) -> None:
        if reason.check(ConnectionAborted) is None:
            raise SystemExit(f"lost for {reason}")
        stuck[0].abortConnection()


run(Server, Client)
