"""What is scheduled while the reactor shuts down does not run, and timers that wait are left alone. Rules C51, C52, H6."""

from twisted.internet import reactor


def never() -> None:
    raise SystemExit("ran")


def during() -> None:
    reactor.callLater(0, never)
    reactor.callFromThread(never)


waiting = reactor.callLater(3600, never)
reactor.addSystemEventTrigger("during", "shutdown", during)
reactor.callLater(0, reactor.stop)
reactor.run()
if len(reactor.getDelayedCalls()) != 2 or not waiting.active():
    raise SystemExit(f"left: {reactor.getDelayedCalls()}")
