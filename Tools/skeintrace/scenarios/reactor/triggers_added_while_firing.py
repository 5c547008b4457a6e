"""What is added while an event fires: when it still counts for this firing. Rules C34, C35."""

from twisted.internet import reactor
from twisted.internet.defer import Deferred

EVENT = "of the application"
seen = []
waiting = Deferred()


def add(phase: str, name: str) -> None:
    reactor.addSystemEventTrigger(phase, EVENT, seen.append, name)


def before() -> object:
    add("before", "before, from before")
    add("during", "during, from before")
    return waiting


def during() -> None:
    add("before", "before, from during")  # too late
    add("during", "during, from during")
    add("after", "after, from during")


def after() -> None:
    add("during", "during, from after")  # too late
    add("after", "after, from after")


reactor.addSystemEventTrigger("before", EVENT, before)
reactor.addSystemEventTrigger("during", EVENT, during)
reactor.addSystemEventTrigger("after", EVENT, after)
reactor.fireSystemEvent(EVENT)
add("before", "before, while waiting")  # too late
waiting.callback(None)
first = ["before, from before", "during, from before", "during, from during", "after, from during", "after, from after"]
if seen != first:
    raise SystemExit(f"seen {seen}")
reactor.fireSystemEvent(EVENT)
if seen[len(first):] != ["before, while waiting", "before, from during", "during, from after"]:
    raise SystemExit(f"seen {seen}")
