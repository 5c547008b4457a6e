"""Connecting anew inside the failure that stopConnecting makes: the connection works, and disconnect does not. Rules L23, X51."""

from common.connection import Quiet, StopsWhenLost, listen
from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory


class Client(Quiet):
    def connectionMade(self) -> None:
        self.transport.loseConnection()
        try:
            connector.disconnect()
        except AttributeError:
            return
        raise SystemExit("the connector has lost its transport")


class Again(ClientFactory):
    protocol = Client

    def clientConnectionFailed(self, connector: object, reason: object) -> None:
        connector.connect()


connector = reactor.connectTCP("127.0.0.1", listen(StopsWhenLost).getHost().port, Again())
connector.stopConnecting()
reactor.run()
