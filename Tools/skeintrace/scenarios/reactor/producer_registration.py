"""Registering producers: one at a time; a pull producer is asked at once; on a lost transport it is stopped at once.
Rules F16, F17, F18, F26, F28, X26."""

from common.connection import Quiet, run
from twisted.internet import reactor
from twisted.internet.interfaces import IPullProducer, IPushProducer
from zope.interface import implementer


@implementer(IPushProducer)
class Push:
    def pauseProducing(self) -> None:
        raise SystemExit("paused")

    def resumeProducing(self) -> None:
        raise SystemExit("resumed")

    def stopProducing(self) -> None:
        pass


@implementer(IPullProducer)
class Pull:
    asked = stopped = 0

    def resumeProducing(self) -> None:
        self.asked += 1

    def stopProducing(self) -> None:
        self.stopped += 1


class Client(Quiet):
    def connectionMade(self) -> None:
        self.transport.unregisterProducer()  # there is none
        pull = Pull()
        self.transport.registerProducer(pull, False)
        if pull.asked != 1:
            raise SystemExit("a pull producer is asked at once")
        self.transport.unregisterProducer()
        self.transport.registerProducer(Push(), True)
        try:
            self.transport.registerProducer(pull, False)
        except RuntimeError:
            self.transport.abortConnection()
            return
        raise SystemExit("two producers")

    def connectionLost(self, reason: object) -> None:
        late = Pull()
        self.transport.registerProducer(late, False)
        if late.asked or late.stopped != 1:
            raise SystemExit("it is stopped, and asked nothing")
        reactor.stop()


run(Quiet, Client)
