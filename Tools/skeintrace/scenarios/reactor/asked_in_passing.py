"""What is asked without anything coming of it: the time, a timer's time, work without a result; and stopProducing
of a transport, which closes. Rules F31, H10, H11."""

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


timer = reactor.callLater(60, done)
if not 0 < timer.getTime() - reactor.seconds() <= 60:
    raise SystemExit(f"due at {timer.getTime()}")
timer.cancel()
reactor.callInThread(lambda: reactor.callFromThread(done))
reactor.run()
