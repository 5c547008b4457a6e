"""A server whose connections end in every way. It prints the port that it listens on.

Its clients are told `ready`. It counts what a client sends until the client has sent its all, and answers then; on `reset` it
resets the connection, on `quit` it closes it, and to one that says nothing for a fifth of a second it says so and closes.
"""

from __future__ import annotations

from twisted.internet import interfaces, reactor
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer


@implementer(interfaces.IHalfCloseableProtocol)
class Ending(Protocol):
    def connectionMade(self) -> None:
        self.count = 0
        self.patience = reactor.callLater(0.2, self.silent)
        self.transport.write(b"ready\n")

    def silent(self) -> None:
        self.transport.write(b"you say nothing\n")
        self.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        if self.patience.active():
            self.patience.cancel()
        self.count += len(data)
        if data == b"reset\n":
            self.transport.abortConnection()
        elif data == b"quit\n":
            self.transport.write(b"bye\n")
            self.transport.loseConnection()

    def readConnectionLost(self) -> None:
        self.transport.write(b"%d bytes\n" % self.count)
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        pass

    def connectionLost(self, reason: object) -> None:
        if self.patience.active():
            self.patience.cancel()


port = reactor.listenTCP(0, Factory.forProtocol(Ending), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
