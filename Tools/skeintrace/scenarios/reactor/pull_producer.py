"""A pull producer is asked once for each time that all is sent, and not again when it wrote nothing; it holds a close up until it is gone.
Rules F18, F19, F22, F23, F24, F25, F26, X23."""

from common.connection import Quiet, StopsWhenLost, run
from twisted.internet import reactor
from twisted.internet.interfaces import IPullProducer
from zope.interface import implementer


@implementer(IPullProducer)
class Client(Quiet):
    asked = 0

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, False)

    def resumeProducing(self) -> None:
        self.asked += 1
        if self.asked < 4:
            self.transport.write(b"%d" % self.asked)
        elif self.asked == 4:
            self.transport.loseConnection()  # it is asked once more, and has nothing to say
            reactor.callLater(0.05, self.finish)

    def finish(self) -> None:
        if not self.transport.connected or self.asked != 5:
            raise SystemExit(f"asked {self.asked} times")
        self.transport.unregisterProducer()

    def stopProducing(self) -> None:
        raise SystemExit("it is not registered any more")


class Server(StopsWhenLost):
    pass


run(Server, Client)
