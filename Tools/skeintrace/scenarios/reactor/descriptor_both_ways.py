"""A descriptor that is ready both ways: reading first. What is added twice is there once, what is not there can be removed. Rules D1, D10, D21."""

from common import Descriptor, pair
from twisted.internet import reactor

first, second = pair()
seen = []


class Both(Descriptor):
    def doRead(self) -> None:
        seen.append("read")
        reactor.removeReader(self)
        reactor.removeReader(self)  # not there any more: nothing

    def doWrite(self) -> None:
        seen.append("write")
        reactor.removeWriter(self)
        reactor.callLater(0, reactor.stop)


both = Both(first)
second.sendall(b"x")
reactor.addReader(both)
reactor.addReader(both)  # there already: nothing
reactor.addWriter(both)
reactor.run()
if seen != ["read", "write"]:
    raise SystemExit(f"seen {seen}")
