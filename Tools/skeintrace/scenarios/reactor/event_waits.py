"""Deferreds of before triggers are awaited together, a failure among them; others are not. Rules C29, C31, C32."""

from twisted.internet import reactor
from twisted.internet.defer import Deferred

EVENT = "of the application"
seen = []
results = {"before 1": Deferred(), "before 2": Deferred(), "before 3": "no Deferred", "during": Deferred(), "after": None}


def trigger(name: str) -> object:
    def called() -> object:
        seen.append(name)
        return results[name]

    return called


for name in results:
    reactor.addSystemEventTrigger(name.partition(" ")[0], EVENT, trigger(name))
reactor.fireSystemEvent(EVENT)
if seen != ["before 1", "before 2", "before 3"]:
    raise SystemExit(f"seen {seen}")
results["before 1"].errback(ValueError("it may fail"))
if len(seen) != 3:
    raise SystemExit("one Deferred is still waited for")
results["before 2"].callback(None)  # the other phases run inside this call
if seen[3:] != ["during", "after"]:
    raise SystemExit(f"seen {seen}")
results["before 1"].addErrback(lambda failure: None)
