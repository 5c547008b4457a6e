"""An error out of a client's connectionLost: its factory is not told and not stopped. Rules K11, X43, X50."""

from common.connection import Quiet, connect, listen
from twisted.internet import reactor
from twisted.internet.protocol import Protocol


class Server(Protocol):
    def connectionMade(self) -> None:
        self.transport.loseConnection()


class Client(Quiet):
    def connectionLost(self, reason: object) -> None:
        reactor.callLater(0, reactor.stop)
        raise ValueError("the factory is not told")


connector = connect(listen(Server), Client)
reactor.run()
if connector.state != "connected":
    raise SystemExit(connector.state)
