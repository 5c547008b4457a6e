"""An error out of the factory's stop fails the Deferred of stopListening; the port is closed all the same. Rule P20."""

from twisted.internet import reactor
from twisted.internet.protocol import Factory


class Unstoppable(Factory):
    def doStop(self) -> None:
        raise ValueError("it will not stop")


def failed(failure: object) -> None:
    if port.connected or port.disconnecting:
        raise SystemExit("it is still open")
    reactor.stop()


port = reactor.listenTCP(0, Unstoppable(), interface="127.0.0.1")
port.stopListening().addErrback(failed)
reactor.run()
