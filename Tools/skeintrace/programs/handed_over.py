"""Methods of the reactor's that are handed to the reactor, behind one another, with what is for them."""

from __future__ import annotations

from twisted.internet import protocol, reactor

done = []


def work(number: int) -> None:
    """In a thread: one function is handed over twice."""
    reactor.callFromThread(note, number)
    reactor.callFromThread(note, number + 1)


def note(number: int) -> None:
    """On the reactor's thread: after the second it connects."""
    done.append(number)
    if len(done) == 2:
        reactor.connectTCP("127.0.0.1", server.getHost().port, Client())


class Client(protocol.ClientFactory):
    """Stops the reactor when its connection is lost."""

    protocol = protocol.Protocol

    def clientConnectionLost(self, connector: object, reason: object) -> None:
        reactor.callLater(0, reactor.callInThread, reactor.callFromThread, reactor.stop)


class Closing(protocol.Protocol):
    """Closes at once."""

    def connectionMade(self) -> None:
        self.transport.loseConnection()


server = reactor.listenTCP(0, protocol.Factory.forProtocol(Closing), interface="127.0.0.1")
reactor.callWhenRunning(reactor.callWhenRunning, reactor.callInThread, work, 1)
reactor.run()
