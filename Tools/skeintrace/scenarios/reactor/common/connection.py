"""A connection between a server and a client of one program."""

from __future__ import annotations

from twisted.internet import reactor
from twisted.internet.protocol import ClientFactory, Factory, Protocol


class Quiet(Protocol):
    """Does nothing with what it hears, so that a trace shows what came."""

    def dataReceived(self, data: bytes) -> None:
        pass


class StopsWhenLost(Quiet):
    """Stops the reactor when its connection is lost."""

    def connectionLost(self, reason: object) -> None:
        reactor.stop()


def listen(protocol: type) -> object:
    """A port on the loopback whose connections get this protocol."""
    return reactor.listenTCP(0, Factory.forProtocol(protocol), interface="127.0.0.1")


def connect(port: object, protocol: type) -> object:
    """A connector to that port."""
    return reactor.connectTCP("127.0.0.1", port.getHost().port, ClientFactory.forProtocol(protocol))


def run(server: type, client: type) -> None:
    """One connection, until a protocol stops the reactor."""
    connect(listen(server), client)
    reactor.run()
