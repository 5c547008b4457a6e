"""What one poll reported is served: a descriptor that was ready both ways is written, though reading gave writing up. Rule D22."""

from common import Descriptor, pair
from twisted.internet import reactor

first, second = pair()
seen = []


class Both(Descriptor):
    def doRead(self) -> None:
        reactor.removeReader(self)
        reactor.removeWriter(self)
        reactor.callLater(0, reactor.stop)

    def doWrite(self) -> None:
        seen.append("written")


both = Both(first)
second.sendall(b"x")
reactor.addReader(both)
reactor.addWriter(both)
reactor.run()
if seen != ["written"]:
    raise SystemExit(f"seen {seen}")
