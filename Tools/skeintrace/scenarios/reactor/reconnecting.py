"""Connecting anew inside clientConnectionLost, and after it returned: when the factory is stopped and started. Rules L19, L20, K9, L17."""

from common.connection import Quiet, listen
from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory, Protocol


class Client(Protocol):
    def connectionMade(self) -> None:
        self.transport.loseConnection()


class Reconnecting(ClientFactory):
    protocol = Client
    lost = started = 0

    def startFactory(self) -> None:
        self.started += 1

    def clientConnectionLost(self, connector: object, reason: object) -> None:
        self.lost += 1
        if self.lost == 1:
            connector.connect()  # the factory is not stopped in between
        elif self.lost == 2:
            reactor.callLater(0, lambda: connector.connect())  # stopped, and started again
        else:
            reactor.stop()


factory = Reconnecting()
reactor.connectTCP("127.0.0.1", listen(Quiet).getHost().port, factory)
reactor.run()
if factory.started != 2:
    raise SystemExit(f"started {factory.started} times")
