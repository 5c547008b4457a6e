"""removeAll takes everything out and gives each object once. Rules D8, D9."""

from common import Descriptor, pair
from twisted.internet import reactor

ends = [pair() for _ in range(3)]


class Both(Descriptor):
    def doRead(self) -> None:
        raise SystemExit("it was removed")

    doWrite = doRead


reader, writer, both = (Both(first) for first, second in ends)
reactor.addReader(reader)
reactor.addWriter(writer)
reactor.addReader(both)
reactor.addWriter(both)
if set(reactor.getReaders()) & {reader, writer, both} != {reader, both} or set(reactor.getWriters()) != {writer, both}:
    raise SystemExit("who is read and written")
removed = reactor.removeAll()
if sorted(map(id, removed)) != sorted(map(id, (reader, writer, both))) or reactor.removeAll():
    raise SystemExit(f"removed {removed}")
reactor.callLater(0, reactor.stop)
reactor.run()
