"""An error out of connectionMade ends a client's connection; a server's lives on and gets data, and its port accepts others.
Rules L15, P13, P14, X15."""

from common.connection import connect, listen
from twisted.internet import reactor
from twisted.internet.protocol import Protocol


class Server(Protocol):
    def connectionMade(self) -> None:
        raise ValueError("the server's")

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)

    def connectionLost(self, reason: object) -> None:
        if reactor.running:
            reactor.stop()


class Client(Protocol):
    def connectionMade(self) -> None:
        self.transport.write(b"are you there?")

    def dataReceived(self, data: bytes) -> None:
        connect(port, Raising)


class Raising(Protocol):
    def connectionMade(self) -> None:
        raise ValueError("the client's")

    def connectionLost(self, reason: object) -> None:
        if reason.check(ValueError) is None:
            raise SystemExit(f"lost for {reason}")


port = listen(Server)
connect(port, Client)
reactor.run()
