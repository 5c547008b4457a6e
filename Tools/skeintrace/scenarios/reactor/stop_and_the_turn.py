"""After stop, what is due in the turn still runs, then the shutdown event, then one more poll. Rules C12, C13, X3."""

from common import Descriptor, pair
from twisted.internet import reactor

first, second = pair()


class Writer(Descriptor):
    """A descriptor that is always ready."""

    def doWrite(self) -> None:
        reactor.removeWriter(self)


def due_too() -> None:
    if not reactor.running:
        raise SystemExit("the shutdown event came first")


def shut_down() -> None:
    reactor.addWriter(writer)  # the turn's poll still sees it


writer = Writer(first)
reactor.callLater(0, reactor.stop)
reactor.callLater(0, due_too)
reactor.addSystemEventTrigger("during", "shutdown", shut_down)
reactor.run()
