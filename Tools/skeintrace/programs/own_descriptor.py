"""A transport of the application's own kind: it writes as much as its end takes, has a producer, and closes in order."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet import abstract, interfaces, main, reactor
from zope.interface import implementer


def connected_pair() -> tuple[socket.socket, socket.socket]:
    """The two ends of a connection."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        near = socket.socket()
        near.connect(listener.getsockname())
        far, _ = listener.accept()
    near.setblocking(False)
    return near, far


class Line(abstract.FileDescriptor):
    """One end, of which four bytes go out at a time."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        super().__init__(reactor)
        self.connected = 1

    def fileno(self) -> int:
        return self.end.fileno()

    def doRead(self) -> Any:
        data = self.end.recv(100)
        if not data:
            return main.CONNECTION_DONE
        self.write(data.upper())
        return None

    def writeSomeData(self, data: bytes) -> int:
        return self.end.send(bytes(data[:4]))

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.end.close()
        reactor.stop()


@implementer(interfaces.IPullProducer)
class Words:
    """Writes a word each time that it is asked, and closes after the last."""

    def __init__(self, line: Line, *words: bytes) -> None:
        self.line = line
        self.words = list(words)

    def resumeProducing(self) -> None:
        if self.words:
            self.line.write(self.words.pop(0))
        else:
            self.line.unregisterProducer()
            self.line.loseConnection()

    def stopProducing(self) -> None:
        self.words = []


near, far = connected_pair()
line = Line(near)
line.write(b"hello ")
line.writeSequence([b"to", b" ", b"all"])
line.startReading()
far.sendall(b"and back")
reactor.callLater(0.02, lambda: line.registerProducer(Words(line, b"one", b"another"), False))
reactor.run()
assert line.disconnected and not line.connected
assert far.recv(100) == b"hello to allAND BACKoneanother"
far.close()
