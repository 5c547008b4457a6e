"""A line-based echo server and its client in one process: half-close, timers, and work in threads."""

from __future__ import annotations

import threading

from twisted.internet import defer, protocol, reactor, threads
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.protocols.basic import LineReceiver
from zope.interface import implementer


@implementer(IHalfCloseableProtocol)
class Server(LineReceiver):
    def lineReceived(self, line: bytes) -> None:
        if line == b"shout":
            threads.deferToThread(bytes.upper, line).addCallback(self.sendLine)
        else:
            self.sendLine(line)

    def readConnectionLost(self) -> None:
        self.sendLine(b"goodbye")
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        pass


@implementer(IHalfCloseableProtocol)
class Client(LineReceiver):
    def __init__(self, finished: defer.Deferred[None]) -> None:
        self.finished = finished
        self.lines: list[bytes] = []

    def connectionMade(self) -> None:
        self.sendLine(b"hello")
        self.beat = reactor.callLater(0.02, self.sendLine, b"shout")
        self.never = reactor.callLater(60, self.transport.abortConnection)

    def lineReceived(self, line: bytes) -> None:
        self.lines.append(line)
        if line == b"SHOUT":
            worker = threading.Thread(target=lambda: reactor.callFromThread(self.transport.loseWriteConnection))
            worker.start()
            worker.join()

    def readConnectionLost(self) -> None:
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        pass

    def connectionLost(self, reason: object = None) -> None:
        self.never.cancel()
        self.finished.callback(None)


@defer.inlineCallbacks
def main():
    server = protocol.ServerFactory.forProtocol(Server)
    port = yield TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(server)
    finished: defer.Deferred[None] = defer.Deferred()
    endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
    client = yield endpoint.connect(protocol.ClientFactory.forProtocol(lambda: Client(finished)))
    yield finished
    yield port.stopListening()
    print(b" ".join(client.lines).decode())
    reactor.stop()


reactor.callWhenRunning(main)
reactor.run()
