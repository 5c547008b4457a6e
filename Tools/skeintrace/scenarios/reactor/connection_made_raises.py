"""An error out of connectionMade ends a client's connection; a server's lives on and gets data. Rules L15, P13, P14, X15."""

from common.connection import Quiet, connect, listen
from twisted.internet import reactor
from twisted.internet.protocol import Protocol


class Server(Protocol):
    def connectionMade(self) -> None:
        raise ValueError("the server's")

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class Client(Protocol):
    def connectionMade(self) -> None:
        self.transport.write(b"are you there?")

    def dataReceived(self, data: bytes) -> None:
        connect(refusing, Raising)


class Raising(Protocol):
    def connectionMade(self) -> None:
        raise ValueError("the client's")

    def connectionLost(self, reason: object) -> None:
        if reason.check(ValueError) is None:
            raise SystemExit(f"lost for {reason}")


class Other(Quiet):
    def connectionLost(self, reason: object) -> None:
        reactor.stop()


port, refusing = listen(Server), listen(Other)
connect(port, Client)
reactor.run()
