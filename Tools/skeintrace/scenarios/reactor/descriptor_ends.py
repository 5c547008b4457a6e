"""How a reader ends: by the error that it returns or raises. What connectionLost raises is logged, and no more.
Rules D23, D24, D28, D29."""

from common import Descriptor, pair
from twisted.internet import reactor
from twisted.internet.error import ConnectionDone, ConnectionLost

ends = [pair() for _ in range(3)]
left = []


class Reader(Descriptor):
    expected: type

    def start(self) -> None:
        reactor.addReader(self)

    def connectionLost(self, reason: object) -> None:
        if reason.check(self.expected) is None:
            raise SystemExit(f"lost for {reason}")
        if left:
            left.pop(0).start()  # one after the other
        else:
            reactor.stop()
        raise ValueError("it is logged, and no more")


class Returns(Reader):
    expected = ConnectionDone

    def doRead(self) -> object:
        return ConnectionDone()


class ReturnsLost(Reader):
    expected = ConnectionLost

    def doRead(self) -> object:
        return ConnectionLost()


class Raises(Reader):
    expected = KeyError

    def doRead(self) -> None:
        raise KeyError("out of doRead")


for first, second in ends:
    second.sendall(b"x")
left += [kind(first) for kind, (first, second) in zip((Returns, ReturnsLost, Raises), ends)]
left.pop(0).start()
reactor.run()
