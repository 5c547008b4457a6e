"""A connection's options and prefixes. Rules K30, K31, K32, K34."""

from common.connection import Quiet, connect, listen
from twisted.internet import reactor


class Server(Quiet):
    def connectionMade(self) -> None:
        self.transport.logPrefix()


class First(Quiet):
    def connectionMade(self) -> None:
        transport = self.transport
        transport.logPrefix()
        if transport.getTcpNoDelay() or transport.getTcpKeepAlive():
            raise SystemExit("off is the default")
        transport.setTcpNoDelay(True)
        transport.setTcpKeepAlive(True)
        if not transport.getTcpNoDelay() or not transport.getTcpKeepAlive():
            raise SystemExit("they were set")
        connect(port, Second)


class Second(Quiet):
    def connectionMade(self) -> None:
        self.transport.loseConnection()

    def connectionLost(self, reason: object) -> None:
        reactor.callLater(0.02, reactor.stop)


port = listen(Server)
connect(port, First)
reactor.run()
