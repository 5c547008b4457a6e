"""A connection is adopted while another one is being lost: it gets the number that the lost one's socket had.

Output of the lost connection still waits to be flushed in that turn; it is nothing to the one that comes after it under the
same number. What that one writes leaves in its own time, after the timers of the next two turns.
"""

from __future__ import annotations

import socket
from typing import Callable

from twisted.internet import reactor
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from zope.interface import implementer


class Served(Protocol):
    """The server's side of the first client; writes when it is too late."""

    def connectionLost(self, reason: object) -> None:
        # Its socket is closed: the copy that adopting makes gets its number.
        reactor.adoptStreamConnection(aside.number, socket.AF_INET, Adopted())
        aside.transport.socket.close()
        reactor.callLater(0, nextTurn)


class Aside(Protocol):
    """The server's side of the second client, taken out of the reactor's hands."""

    def connectionMade(self) -> None:
        reactor.removeReader(self.transport)
        reactor.removeWriter(self.transport)
        self.number = self.transport.fileno()
        begin()


class Adopted(Factory):
    class protocol(Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"hello")

        def connectionLost(self, reason: object) -> None:
            reactor.stop()


@implementer(IHalfCloseableProtocol)
class First(Protocol):
    """Says that it has nothing to say; in that turn the server writes, which learns of it in the next.

    It keeps its socket, so that no lower number is free than that of the server's side.
    """

    def connectionMade(self) -> None:
        reactor.connectTCP("127.0.0.1", port, Client(lambda: second))

    def writeConnectionLost(self) -> None:
        served.transport.write(b"late")

    def readConnectionLost(self) -> None:
        self.transport.loseConnection()


class Second(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.loseConnection()


class Client(ClientFactory):
    def __init__(self, protocol: Callable[[], Protocol]) -> None:
        self.protocol = protocol


class Server(Factory):
    """The first that is accepted is served, the second is put aside."""

    def __init__(self) -> None:
        self.protocols = [served, aside]

    def buildProtocol(self, addr: object) -> Protocol:
        return self.protocols.pop(0)


def begin(turns: int = 4) -> None:
    """Some turns later, by no clock: all is connected, and nothing is under way any more."""
    if turns:
        reactor.callLater(0, begin, turns - 1)
    else:
        first.transport.loseWriteConnection()


def nextTurn() -> None:
    reactor.callLater(0, turnAfter)


def turnAfter() -> None:
    """Before what the adopted connection wrote arrives."""


served, aside, first, second = Served(), Aside(), First(), Second()
port = reactor.listenTCP(0, Server(), interface="127.0.0.1").getHost().port
reactor.connectTCP("127.0.0.1", port, Client(lambda: first))
reactor.run()
