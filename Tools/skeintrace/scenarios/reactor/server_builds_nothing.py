"""A server's buildProtocol that gives nothing has its connection closed; the port goes on. Rules P12, P10."""

from common.connection import Quiet, StopsWhenLost, connect
from twisted.internet import reactor
from twisted.internet.protocol import Factory


class Server(Factory):
    asked = 0

    def buildProtocol(self, addr: object) -> object:
        self.asked += 1
        return Quiet() if self.asked == 2 else None


class Second(StopsWhenLost):
    def connectionMade(self) -> None:
        self.transport.loseConnection()


class First(Quiet):
    def connectionLost(self, reason: object) -> None:
        connect(port, Second)


port = reactor.listenTCP(0, Server(), interface="127.0.0.1")
connect(port, First)
reactor.run()
