"""In which turn a call comes that a thread call, a timed call or a connection asks for. Rules T4, T5, H2, H4, H5, X9."""

from common.connection import Quiet, connect, listen
from twisted.internet import reactor

seen = []


def noting(name: str) -> object:
    return lambda: seen.append(name)


def thread_call() -> None:
    seen.append("thread call")
    reactor.callLater(0, noting("timer, from a thread call"))  # in this turn
    reactor.callFromThread(noting("thread call, from a thread call"))  # in the next, with those below


def timer() -> None:
    seen.append("timer")
    reactor.callLater(0, noting("timer, from a timer"))
    reactor.callFromThread(noting("thread call, from a timer"))


class Client(Quiet):
    def connectionMade(self) -> None:
        seen.append("io")
        reactor.callFromThread(noting("thread call, from io"))
        reactor.callLater(0, noting("timer, from io"))
        reactor.callLater(0, reactor.stop)


reactor.callFromThread(thread_call)
reactor.callLater(0, timer)
connect(listen(Quiet), Client)
reactor.run()
if seen != [
    "thread call", "timer", "timer, from a thread call", "io",
    "thread call, from a thread call", "thread call, from a timer", "thread call, from io",
    "timer, from a timer", "timer, from io",
]:
    raise SystemExit(f"seen {seen}")
