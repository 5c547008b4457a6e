"""What a transport says and does in connectionLost and after it. Rules K6, K7, K8, F3, F28."""

from common.connection import Quiet, run
from twisted.internet import reactor
from twisted.internet.protocol import Protocol


class Server(Protocol):
    def connectionMade(self) -> None:
        self.transport.loseConnection()


class Client(Quiet):
    def connectionLost(self, reason: object) -> None:
        self.look()
        reactor.callLater(0, self.later)

    def look(self) -> None:
        transport = self.transport
        if transport.connected or not transport.disconnected or transport.disconnecting:
            raise SystemExit("the state")
        transport.getPeer()
        transport.write(b"ignored")
        transport.writeSequence([b"ignored"])
        transport.loseConnection()
        transport.abortConnection()
        try:
            transport.getHost()
        except AttributeError:
            return
        raise SystemExit("there is no socket any more")

    def later(self) -> None:
        self.look()
        reactor.stop()


run(Server, Client)
