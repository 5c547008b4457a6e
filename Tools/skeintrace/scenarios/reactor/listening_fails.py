"""Ways in which listening fails, and what becomes of the factory. Rules P1, P2, P4, P5, P6, P8."""

from common.connection import Quiet, listen
from twisted.internet import reactor
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory


class Unstartable(Factory):
    def doStart(self) -> None:
        raise ValueError("it will not start")


class Unused(Factory):
    def doStart(self) -> None:
        raise SystemExit("it is not started when nothing listens")


def refused(error: type, number: int, factory: Factory) -> None:
    try:
        reactor.listenTCP(number, factory, interface="127.0.0.1")
    except error:
        return
    raise SystemExit("it listens")


port = listen(Quiet)
if port.port != 0 or port.getHost().port == 0:
    raise SystemExit("the port asked for, and the one that it is")
refused(CannotListenError, port.getHost().port, Unused())
refused(OverflowError, 70000, Unused())
refused(ValueError, 0, Unstartable())
reactor.callLater(0, reactor.stop)
reactor.run()
