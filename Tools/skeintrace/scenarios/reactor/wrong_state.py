"""run and stop in states in which they are refused. Rules C3, C8, C10, C11."""

from twisted.internet import reactor
from twisted.internet.error import ReactorAlreadyRunning, ReactorNotRestartable, ReactorNotRunning


def refused(method, error) -> None:
    try:
        method()
    except error:
        return
    raise SystemExit(f"{method.__name__} was not refused")


def inside() -> None:
    refused(reactor.run, ReactorAlreadyRunning)
    reactor.stop()
    if not reactor.running:
        raise SystemExit("stop acts later")
    refused(reactor.stop, ReactorNotRunning)
    refused(reactor.run, ReactorAlreadyRunning)


refused(reactor.stop, ReactorNotRunning)
reactor.callLater(0, inside)
reactor.run()
refused(reactor.stop, ReactorNotRunning)
refused(reactor.run, ReactorNotRestartable)
