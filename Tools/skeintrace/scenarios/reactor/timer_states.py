"""What can be done with timed calls in each of their states, from one that is due. Rules T1, T9, T10, T11, T13, T15, T16, T17, X11."""

from twisted.internet import reactor
from twisted.internet.error import AlreadyCalled, AlreadyCancelled


def refused(error: type, method, *args) -> None:
    try:
        method(*args)
    except error:
        return
    raise SystemExit(f"{method} was not refused")


def first() -> None:
    for refuse in (calls["first"].cancel,), (calls["first"].reset, 1), (calls["first"].delay, 1):
        refused(AlreadyCalled, *refuse)
    calls["cancelled"].cancel()
    calls["postponed"].reset(0.02)
    calls["later"].reset(0.01)  # sooner than the one above, though made last
    calls["hastened"].delay(-3600)
    if calls["first"].active() or calls["cancelled"].active() or not calls["postponed"].active():
        raise SystemExit("active")
    raise ZeroDivisionError("the others still run")


def never() -> None:
    raise SystemExit("a cancelled call ran")


def nothing() -> None:
    pass


def last() -> None:
    for refuse in (calls["cancelled"].cancel,), (calls["cancelled"].reset, 1), (calls["cancelled"].delay, 1):
        refused(AlreadyCancelled, *refuse)
    refused(AlreadyCalled, calls["later"].cancel)
    reactor.stop()


calls = {
    "first": reactor.callLater(0, first),
    "cancelled": reactor.callLater(0, never),
    "postponed": reactor.callLater(0, last),
    "due": reactor.callLater(0, nothing),
    "later": reactor.callLater(60, nothing),
    "hastened": reactor.callLater(3600, nothing),
}
gone = reactor.callLater(60, never)
gone.cancel()
if set(reactor.getDelayedCalls()) != set(calls.values()):
    raise SystemExit(f"{reactor.getDelayedCalls()}")
refused(AssertionError, reactor.callLater, -1, never)
reactor.run()
