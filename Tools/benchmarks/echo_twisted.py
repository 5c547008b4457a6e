"""The echo server on Twisted's epoll reactor.

Prints the port that the system chose, then serves until it is killed.
"""

from twisted.internet import epollreactor

epollreactor.install()

from twisted.internet import reactor  # noqa: E402  (the reactor is installed first)
from twisted.internet.protocol import Factory, Protocol  # noqa: E402


class Echo(Protocol):
    """Sends back what it receives."""

    def connectionMade(self) -> None:
        """Turn Nagle's algorithm off, as on every server of the table."""
        self.transport.setTcpNoDelay(True)

    def dataReceived(self, data: bytes) -> None:
        """Send it back."""
        self.transport.write(data)


port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
