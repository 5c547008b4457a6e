"""A line server for several clients. It prints the port that it listens on.

`who` tells how many are there, `all TEXT` goes to everybody, `bye` ends a connection,
`stop` stops
the server; any other line comes back in capitals.
"""

from __future__ import annotations

from twisted.internet import reactor
from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineReceiver


class Line(LineReceiver):
    delimiter = b"\n"

    def connectionMade(self) -> None:
        self.factory.here.append(self)
        self.sendLine(b"hello")

    def lineReceived(self, line: bytes) -> None:
        word, _, rest = line.partition(b" ")
        if word == b"who":
            self.sendLine(b"%d here" % len(self.factory.here))
        elif word == b"all":
            for each in self.factory.here:
                each.sendLine(rest)
        elif word == b"bye":
            self.sendLine(b"bye")
            self.transport.loseConnection()
        elif word == b"stop":
            reactor.stop()
        else:
            self.sendLine(line.upper())

    def connectionLost(self, reason: object) -> None:
        self.factory.here.remove(self)


class LineFactory(Factory):
    protocol = Line

    def __init__(self) -> None:
        self.here: list[Line] = []


port = reactor.listenTCP(0, LineFactory(), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
