"""An error out of dataReceived closes the connection in order, and is the reason; what was to be sent is dropped. Rules K4, D24, D28, X14."""

from common.connection import Quiet, StopsWhenLost, run
from twisted.internet.protocol import Protocol


class Server(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(b"never sent")
        raise ZeroDivisionError

    def connectionLost(self, reason: object) -> None:
        if reason.check(ZeroDivisionError) is None:
            raise SystemExit(f"lost for {reason}")


class Client(StopsWhenLost):
    def connectionMade(self) -> None:
        self.transport.write(b"hello")

    def dataReceived(self, data: bytes) -> None:
        raise SystemExit("it was sent")


run(Server, Client)
