"""Startup: before, during and after triggers, and where callWhenRunning calls come among them. Rules C5, C6, C28, C40, C41, C42, X5."""

from twisted.internet import reactor


seen = []


def noting(name: str) -> object:
    """A function that notes when it is called, and whether the reactor is running."""
    return lambda: seen.append((name, reactor.running))


def before() -> None:
    noting("before")()
    reactor.callWhenRunning(noting("asked for before"))  # waits


def during() -> None:
    reactor.callWhenRunning(noting("asked for during"))  # at once, before those that were queued
    noting("during")()


def after() -> None:
    reactor.callWhenRunning(noting("asked for after"))  # at once
    noting("after")()
    reactor.callLater(0, reactor.stop)


def raising() -> None:
    raise ValueError("out of callWhenRunning")


def at_once() -> None:
    try:
        reactor.callWhenRunning(raising)  # at once, so the error is the caller's
    except ValueError:
        return
    raise SystemExit("no error came")


reactor.callWhenRunning(noting("queued"))
reactor.addSystemEventTrigger("after", "startup", after)
reactor.addSystemEventTrigger("during", "startup", during)
reactor.addSystemEventTrigger("before", "startup", before)
unwanted = reactor.callWhenRunning(noting("taken back"))
reactor.removeSystemEventTrigger(unwanted)
reactor.callWhenRunning(at_once)
reactor.run()
if seen != [("before", False)] + [
    (name, True) for name in ("asked for during", "during", "queued", "asked for after", "after", "asked for before")
]:
    raise SystemExit(f"seen {seen}")
