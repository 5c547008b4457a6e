"""An event of the application's: phases in order, each trigger once, errors that stop nothing. Rules C26, C28, C30, C33."""

from twisted.internet import reactor

EVENT = "of the application"
seen = []


def noting(name: str) -> object:
    return lambda: seen.append(name)


def failing(name: str) -> object:
    def fail() -> None:
        seen.append(name)
        raise ValueError(name)

    return fail


for phase in ("after", "during", "before"):
    reactor.addSystemEventTrigger(phase, EVENT, failing(f"first {phase}"))
    reactor.addSystemEventTrigger(phase, EVENT, noting(f"second {phase}"))
reactor.fireSystemEvent("never heard of")
reactor.fireSystemEvent(EVENT)
if seen != [f"{which} {phase}" for phase in ("before", "during", "after") for which in ("first", "second")]:
    raise SystemExit(f"seen {seen}")
reactor.fireSystemEvent(EVENT)  # all were called once
if len(seen) != 6:
    raise SystemExit(f"seen {seen}")
