"""The echo server on Twisted's epoll reactor.

Prints the port that the system chose, then serves until it is killed. With the argument `once` it closes each connection
when it has echoed what came first.
"""

import sys

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


class EchoOnce(Echo):
    """Sends back what it receives, and closes the connection."""

    def dataReceived(self, data: bytes) -> None:
        """Send it back, and close."""
        self.transport.write(data)
        self.transport.loseConnection()


once = sys.argv[1:] == ["once"]
port = reactor.listenTCP(0, Factory.forProtocol(EchoOnce if once else Echo), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
