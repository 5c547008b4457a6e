"""A second object on the descriptor of a first takes both directions over. Rules D2, X30."""

from common import Descriptor, pair
from twisted.internet import reactor

first, second = pair()


class Old(Descriptor):
    def doRead(self) -> None:
        raise SystemExit("it was taken over")


class New(Descriptor):
    def doRead(self) -> None:
        reactor.removeReader(self)

    def doWrite(self) -> None:
        reactor.removeWriter(self)
        reactor.callLater(0, reactor.stop)


second.sendall(b"x")
new = New(first)
reactor.addReader(Old(first))
reactor.addWriter(new)
reactor.run()
