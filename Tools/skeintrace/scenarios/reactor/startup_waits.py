"""A before-startup trigger's Deferred holds the start back, while the loop turns. Rules C7, C29, X1."""

from twisted.internet import reactor
from twisted.internet.defer import Deferred

ready = Deferred()


def turned(left: int) -> None:
    if reactor.running:
        raise SystemExit("running before it was ready")
    if left:
        reactor.callLater(0, turned, left - 1)
    else:
        ready.callback(None)


def started() -> None:
    if not reactor.running:
        raise SystemExit("not running")
    reactor.stop()


reactor.addSystemEventTrigger("before", "startup", lambda: ready)
reactor.callLater(0, turned, 3)
reactor.callWhenRunning(started)
reactor.run()
