"""A line-based echo server and its client in one process: half-close, timers, a thread.

A program like those that teams port. Its recording is Traces/twisted-*/programs/line_echo.yaml, made by
`skeintrace record -o DIR -- line_echo.py`.
"""

from __future__ import annotations

import sys
from typing import Callable

from twisted.internet import interfaces, reactor
from twisted.internet.protocol import ClientFactory, Factory
from twisted.protocols.basic import LineReceiver
from zope.interface import implementer

LINES = [b"one", b"two words", b"\xe2\x82\xac in UTF-8", b"x" * 2000]


@implementer(interfaces.IHalfCloseableProtocol)
class Echo(LineReceiver):
    """Sends each line back, and a last one when the client has said its all."""

    def lineReceived(self, line: bytes) -> None:
        self.sendLine(line)

    def readConnectionLost(self) -> None:
        # The farewell is worked out in a thread, as a look-up in a database would be.
        reactor.callInThread(self.workOutFarewell, self.factory.greeted)

    def workOutFarewell(self, greeted: int) -> None:
        reactor.callFromThread(self.farewell, b"bye %d" % greeted)

    def farewell(self, line: bytes) -> None:
        self.sendLine(line)
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        pass


class EchoFactory(Factory):
    protocol = Echo
    greeted = 7


@implementer(interfaces.IHalfCloseableProtocol)
class Talker(LineReceiver):
    """Says its lines one after another, each a moment after the answer to the last; then closes its sending side."""

    def __init__(self, done: Callable[[list[bytes]], None]) -> None:
        self.done = done
        self.heard: list[bytes] = []
        self.patience = None

    def connectionMade(self) -> None:
        self.patience = reactor.callLater(60, self.transport.abortConnection)
        self.sendLine(LINES[0])

    def lineReceived(self, line: bytes) -> None:
        self.heard.append(line)
        self.patience.reset(60)
        if len(self.heard) < len(LINES):
            reactor.callLater(0.001, self.sendLine, LINES[len(self.heard)])
        elif len(self.heard) == len(LINES):
            self.transport.loseWriteConnection()

    def writeConnectionLost(self) -> None:
        pass

    def readConnectionLost(self) -> None:
        self.transport.loseConnection()

    def connectionLost(self, reason: object) -> None:
        self.patience.cancel()
        self.done(self.heard)


class TalkerFactory(ClientFactory):
    def __init__(self, done: Callable[[list[bytes]], None]) -> None:
        self.done = done

    def buildProtocol(self, addr: object) -> Talker:
        return Talker(self.done)

    def clientConnectionFailed(self, connector: object, reason: object) -> None:
        reactor.stop()


def main() -> None:
    heard: list[bytes] = []

    def done(lines: list[bytes]) -> None:
        heard.extend(lines)
        stopping = port.stopListening()
        stopping.addCallback(lambda ignored: reactor.stop())

    port = reactor.listenTCP(0, EchoFactory(), interface="127.0.0.1")
    reactor.connectTCP("127.0.0.1", port.getHost().port, TalkerFactory(done))
    reactor.run()
    if heard != LINES + [b"bye 7"]:
        sys.exit(f"heard {heard!r}")


if __name__ == "__main__":
    main()
