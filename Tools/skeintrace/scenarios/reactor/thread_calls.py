"""Calls from threads: in order, a failing one stops nothing, those added meanwhile wait. Rules H1, H2, H3, H5."""

from twisted.internet import reactor

seen = []


def adding() -> None:
    seen.append("adding")
    reactor.callFromThread(added)  # not at once, though this is the reactor's thread
    reactor.callLater(0, seen.append, "timer")


def failing() -> None:
    seen.append("failing")
    raise ValueError("the next still comes")


def added() -> None:
    seen.append("added")
    reactor.stop()


reactor.callFromThread(adding)
reactor.callFromThread(failing)
reactor.callFromThread(seen.append, "third")
reactor.run()
if seen != ["adding", "failing", "third", "timer", "added"]:
    raise SystemExit(f"seen {seen}")
