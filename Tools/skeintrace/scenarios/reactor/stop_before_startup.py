"""stop in a before-startup trigger does not abort the start: it takes effect at the end of the first turn. Rules C9, X2."""

from twisted.internet import reactor


def stop() -> None:
    if reactor.running:
        raise SystemExit("running already")
    reactor.stop()


def running() -> None:
    if not reactor.running:
        raise SystemExit("not running")


def nothing() -> None:
    pass


reactor.addSystemEventTrigger("before", "startup", stop)
reactor.callWhenRunning(running)
reactor.callLater(0, running)  # the first turn's timer still runs
reactor.addSystemEventTrigger("before", "shutdown", nothing)
reactor.run()
