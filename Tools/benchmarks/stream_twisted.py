"""Streams on Twisted's epoll reactor: a push producer that writes until it is paused.

Its argument is how many bytes it writes at a time, a multiple of 256. Prints the port that the system chose, then serves
until it is killed.
"""

import sys

from twisted.internet import epollreactor

epollreactor.install()

from zope.interface import implementer  # noqa: E402  (the reactor is installed first)

from twisted.internet import reactor  # noqa: E402
from twisted.internet.interfaces import IPushProducer  # noqa: E402
from twisted.internet.protocol import Factory, Protocol  # noqa: E402

size = int(sys.argv[1])
chunk = bytes((i * 7 + 1) & 255 for i in range(size))


@implementer(IPushProducer)
class Source(Protocol):
    """Writes as much as its transport takes."""

    paused = False

    def connectionMade(self) -> None:
        """Begin."""
        self.transport.setTcpNoDelay(True)
        self.transport.registerProducer(self, True)
        self.resumeProducing()

    def resumeProducing(self) -> None:
        """Write until the transport has enough."""
        self.paused = False
        while not self.paused:
            self.transport.write(chunk)

    def pauseProducing(self) -> None:
        """Write no more for now."""
        self.paused = True

    def stopProducing(self) -> None:
        """Write no more."""
        self.paused = True


port = reactor.listenTCP(0, Factory.forProtocol(Source), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
