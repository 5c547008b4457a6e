"""A server of files: `GET` sends a long one with a pull producer, `PUT COUNT` says `go`, takes so many bytes and says so. It
prints the port that it listens on."""

from __future__ import annotations

from twisted.internet import reactor
from twisted.internet.interfaces import IPullProducer
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer

CHUNKS = [bytes(range(48 + k, 112 + k)) * 192 for k in range(4)]


@implementer(IPullProducer)
class File:
    """Writes a chunk each time it is asked."""

    def __init__(self, transport: object) -> None:
        self.transport = transport
        self.left = list(CHUNKS)

    def resumeProducing(self) -> None:
        self.transport.write(self.left.pop(0))
        if not self.left:
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def stopProducing(self) -> None:
        pass


class Transfer(Protocol):
    def __init__(self) -> None:
        self.head = b""
        self.wanted: int | None = None
        self.taken = 0

    def dataReceived(self, data: bytes) -> None:
        if self.wanted is None:
            self.head += data
            line, end, _ = self.head.partition(b"\n")
            if not end:
                return
            if line == b"GET":
                self.transport.registerProducer(File(self.transport), False)
                return
            self.wanted = int(line.removeprefix(b"PUT "))
            self.transport.write(b"go\n")
            return
        self.taken += len(data)
        if self.taken >= self.wanted:
            self.transport.write(b"took %d\n" % self.taken)
            self.taken, self.wanted, self.head = 0, None, b""


port = reactor.listenTCP(0, Factory.forProtocol(Transfer), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
