"""write after loseConnection is still sent; empty data is nothing; a second loseConnection too. Rules F2, F3, F4, F8, F34, K26, K27, X19."""

from common.connection import StopsWhenLost, run
from twisted.internet.protocol import Protocol


class Client(Protocol):
    def connectionMade(self) -> None:
        transport = self.transport
        transport.write(b"")
        transport.writeSequence([b"one, ", b"two, ", b""])
        transport.write(b"three")
        transport.loseConnection()
        if not transport.connected or not transport.disconnecting or transport.disconnected:
            raise SystemExit("the state")
        transport.write(b", four")
        transport.loseConnection()


class Server(StopsWhenLost):
    heard = b""

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: object) -> None:
        if self.heard != b"one, two, three, four":
            raise SystemExit(f"heard {self.heard}")
        super().connectionLost(reason)


run(Server, Client)
