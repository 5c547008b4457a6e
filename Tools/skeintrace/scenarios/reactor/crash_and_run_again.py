"""crash ends the loop without an event, and the reactor can run again; not so after stop. Rules C14, C15, C16, C28, X4."""

from twisted.internet import reactor
from twisted.internet.error import ReactorNotRestartable

started = []


def crash() -> None:
    reactor.crash()
    if reactor.running:
        raise SystemExit("running after crash")


def due_too() -> None:
    started.append("timer")


def shutting_down() -> None:
    if len(started) != 3:
        raise SystemExit("crash fired the shutdown event")


reactor.addSystemEventTrigger("before", "shutdown", shutting_down)
reactor.callWhenRunning(lambda: started.append("first run"))
reactor.callLater(0, crash)
reactor.callLater(0, due_too)
reactor.run()
reactor.callWhenRunning(lambda: started.append("second run"))
reactor.callLater(0, reactor.stop)
reactor.run()
if started != ["first run", "timer", "second run"]:
    raise SystemExit(f"started {started}")
try:
    reactor.run()
except ReactorNotRestartable:
    pass
else:
    raise SystemExit("ran a third time")
