"""A client's buildProtocol that gives nothing loses a connection; one that raises fails to connect. Rules L13, L14, L35, X36."""

from common.connection import Quiet, listen
from twisted.internet import reactor
from twisted.internet.error import ConnectError
from twisted.internet.protocol import ClientFactory


class Nothing(ClientFactory):
    def buildProtocol(self, addr: object) -> None:
        return None

    def clientConnectionFailed(self, connector: object, reason: object) -> None:
        raise SystemExit("it was connected")

    def clientConnectionLost(self, connector: object, reason: object) -> None:
        reactor.connectTCP("127.0.0.1", port.getHost().port, Raising())


class Raising(ClientFactory):
    def buildProtocol(self, addr: object) -> None:
        raise ValueError("no protocol")

    def clientConnectionFailed(self, connector: object, reason: object) -> None:
        if reason.check(ConnectError) is None or connector.state != "disconnected":
            raise SystemExit(f"failed for {reason}")
        reactor.stop()


port = listen(Quiet)
reactor.connectTCP("127.0.0.1", port.getHost().port, Nothing())
reactor.run()
