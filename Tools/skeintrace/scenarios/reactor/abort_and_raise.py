"""An abort in dataReceived and an error out of it: lost at once for the error, and once only; the peer sees a clean close. Rule K43."""

from common.connection import Quiet, StopsWhenLost, run
from twisted.internet.error import ConnectionDone


class Server(Quiet):
    losses = 0

    def dataReceived(self, data: bytes) -> None:
        self.transport.abortConnection()
        raise ZeroDivisionError

    def connectionLost(self, reason: object) -> None:
        self.losses += 1
        if self.losses > 1 or reason.check(ZeroDivisionError) is None:
            raise SystemExit(f"lost for {reason}")


class Client(StopsWhenLost):
    def connectionMade(self) -> None:
        self.transport.write(b"x")

    def connectionLost(self, reason: object) -> None:
        if reason.check(ConnectionDone) is None:
            raise SystemExit(f"lost for {reason}")
        super().connectionLost(reason)


run(Server, Client)
