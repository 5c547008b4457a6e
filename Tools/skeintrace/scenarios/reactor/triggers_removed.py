"""Removing triggers: before, while and after they are called. Rules C36, C38, C39."""

import warnings

from twisted.internet import reactor

EVENT = "of the application"
seen = []


def refused(trigger: object, error: type) -> None:
    try:
        reactor.removeSystemEventTrigger(trigger)
    except error:
        return
    raise SystemExit("it was not refused")


def first() -> None:
    seen.append("first")


def second() -> None:
    seen.append("second")
    reactor.removeSystemEventTrigger(triggers["third"])  # has not run: it will not
    reactor.removeSystemEventTrigger(triggers["never"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reactor.removeSystemEventTrigger(triggers["first"])  # has run: nothing but a warning


def third() -> None:
    seen.append("third")


def during() -> None:
    seen.append("during")


def never() -> None:
    raise SystemExit("it was removed")


def twin() -> None:
    seen.append("twin")


def after() -> None:
    seen.append("after")
    refused(triggers["during"], ValueError)
    refused(triggers["first"], ValueError)


triggers = {}
for function in (first, second, third):
    triggers[function.__name__] = reactor.addSystemEventTrigger("before", EVENT, function)
for function in (during, never):
    triggers[function.__name__] = reactor.addSystemEventTrigger("during", EVENT, function)
reactor.addSystemEventTrigger("after", EVENT, after)
equal = reactor.addSystemEventTrigger("after", EVENT, twin)
reactor.addSystemEventTrigger("after", EVENT, twin)
reactor.removeSystemEventTrigger(equal)  # one of the two equal ones stays
reactor.fireSystemEvent(EVENT)
refused(equal, ValueError)
if seen != ["first", "second", "during", "after", "twin"]:
    raise SystemExit(f"seen {seen}")
