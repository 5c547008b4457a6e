"""A connector's calls in each of its states. Rules L3, L4, L11, L18, L21, L24, X21."""

from common.connection import Quiet, listen
from twisted.internet import reactor
from twisted.internet.error import NotConnectingError, UserError
from twisted.internet.protocol import ClientFactory, Protocol


def refused(error: type, method) -> None:
    try:
        method()
    except error:
        return
    raise SystemExit(f"{method} was not refused")


class StoppedAtOnce(ClientFactory):
    failed = False

    def startedConnecting(self, connector: object) -> None:
        if connector.state != "connecting":
            raise SystemExit(connector.state)

    def clientConnectionFailed(self, connector: object, reason: object) -> None:
        if reason.check(UserError) is None or connector.state != "disconnected":
            raise SystemExit(f"failed for {reason}")
        self.failed = True


class Client(Protocol):
    def connectionMade(self) -> None:
        if connector.state != "connected":
            raise SystemExit(connector.state)
        refused(RuntimeError, connector.connect)
        refused(NotConnectingError, connector.stopConnecting)
        connector.disconnect()  # as loseConnection

    def connectionLost(self, reason: object) -> None:
        if connector.state != "connected":
            raise SystemExit(connector.state)


class Connected(ClientFactory):
    protocol = Client

    def buildProtocol(self, addr: object) -> Protocol:
        if connector.state != "connected":
            raise SystemExit(connector.state)
        return super().buildProtocol(addr)

    def clientConnectionLost(self, connector: object, reason: object) -> None:
        if connector.state != "disconnected":
            raise SystemExit(connector.state)
        reactor.stop()


port = listen(Quiet)
factory = StoppedAtOnce()
stopped = reactor.connectTCP("127.0.0.1", port.getHost().port, factory)
stopped.stopConnecting()  # fails inside this call
if not factory.failed:
    raise SystemExit("it fails later")
refused(NotConnectingError, stopped.stopConnecting)
stopped.disconnect()  # nothing to do
connector = reactor.connectTCP("127.0.0.1", port.getHost().port, Connected())
reactor.run()
