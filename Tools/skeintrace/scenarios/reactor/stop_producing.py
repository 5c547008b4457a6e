"""Work for a thread without a result, and stopProducing of a transport, which closes. Rules F31, H10, H11."""

from common.connection import StopsWhenLost, connect, listen
from twisted.internet import reactor
from twisted.internet.protocol import Protocol


def done() -> None:
    connect(listen(StopsWhenLost), Client)


class Client(Protocol):
    def connectionMade(self) -> None:
        self.transport.write(b"all of it")
        self.transport.stopProducing()  # as loseConnection
        if not self.transport.connected or not self.transport.disconnecting:
            raise SystemExit("the state")


reactor.callInThread(lambda: reactor.callFromThread(done))
reactor.run()
